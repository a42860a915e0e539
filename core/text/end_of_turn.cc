// SPDX-License-Identifier: Apache-2.0
#include "core/text/end_of_turn.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace glowworm {

void addKnownEndOfTurn(TokenizerData& data) {
    constexpr std::array<std::string_view, 8> kKnown = {
        "<|im_end|>",    "<|eot_id|>", "<|eom_id|>",    "<|end_of_text|>",
        "<|endoftext|>", "<|end|>",    "<end_of_turn>", "<|eot|>"};
    for (size_t i = 0; i < data.pieces.size() && i < data.types.size(); ++i) {
        const TokenId id(static_cast<int32_t>(i));
        const bool special =
            data.types[i] == TokenType::kControl || data.types[i] == TokenType::kUserDefined;
        if (!special || id == data.eos) continue;
        if (std::ranges::find(kKnown, data.pieces[i]) == kKnown.end()) continue;
        if (std::ranges::find(data.end_of_turn, id) == data.end_of_turn.end()) {
            data.end_of_turn.push_back(id);
        }
    }
}

}  // namespace glowworm
