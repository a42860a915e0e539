// SPDX-License-Identifier: Apache-2.0
#include "core/text/special_tokens.h"

#include <algorithm>
#include <functional>

namespace glowworm {

void SpecialTokens::add(std::string_view spelling, TokenId id) {
    if (spelling.empty() || !ids_.try_emplace(spelling, id).second) return;
    std::vector<size_t>& lengths = lengths_[static_cast<uint8_t>(spelling[0])];
    const auto place = std::ranges::lower_bound(lengths, spelling.size(), std::greater<>());
    if (place == lengths.end() || *place != spelling.size()) lengths.insert(place, spelling.size());
}

SpecialTokens::Match SpecialTokens::find(std::string_view text, size_t from) const {
    for (size_t i = from; i < text.size(); ++i) {
        for (const size_t length : lengths_[static_cast<uint8_t>(text[i])]) {
            if (length > text.size() - i) continue;
            const auto found = ids_.find(text.substr(i, length));
            if (found != ids_.end()) return {i, length, found->second};
        }
    }
    return {text.size(), 0, TokenId(-1)};
}

}  // namespace glowworm
