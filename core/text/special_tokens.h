// SPDX-License-Identifier: Apache-2.0
// Finds the spellings of special tokens in a text: at each place the longest one that begins there.
// Immutable, safe to use from several threads.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/base/ids.h"

namespace glowworm {

class SpecialTokens {
  public:
    // `spelling` must outlive this object; an empty one is left out, of two alike the first counts.
    void add(std::string_view spelling, TokenId id);

    struct Match {
        size_t begin, length;
        TokenId id;
    };
    // The first special token at or after `from`; length 0 and begin = text.size() where none is.
    [[nodiscard]] Match find(std::string_view text, size_t from) const;

  private:
    std::unordered_map<std::string_view, TokenId> ids_;
    std::array<std::vector<size_t>, 256> lengths_;  // by first byte, longest first
};

}  // namespace glowworm
