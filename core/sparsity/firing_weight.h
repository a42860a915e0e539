// SPDX-License-Identifier: Apache-2.0
// What a firing counts in a decayed frequency, where each counts half after a half-life (LRFU: Lee
// et al. 2001). Instead of all sums shrinking, the weight of a new firing grows: comparisons are
// the same and silence costs nothing. Before it leaves the range of a float, everything is scaled
// down by a power of two, so that no order changes.
#pragma once

#include <cmath>
#include <cstdint>

namespace glowworm {

class FiringWeight {
  public:
    static constexpr uint32_t kHalfLifeTokens = 64;

    // The present token is `now`; returns the factor by which all sums are to be scaled first.
    [[nodiscard]] float advance(uint32_t now) {
        const uint32_t half_lives = (now - base_) / kHalfLifeTokens;
        if (half_lives < kHalfLivesMost) return 1;
        base_ += half_lives * kHalfLifeTokens;
        return std::ldexp(1.0F, -static_cast<int>(half_lives));
    }
    // Of a token, at most the present one.
    [[nodiscard]] float at(uint32_t token) const {
        const double tokens = static_cast<double>(token) - base_;
        return static_cast<float>(std::exp2(tokens / kHalfLifeTokens));
    }

  private:
    static constexpr uint32_t kHalfLivesMost = 64;
    uint32_t base_ = 0;  // the token whose firings count 1
};

}  // namespace glowworm
