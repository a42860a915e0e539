// SPDX-License-Identifier: Apache-2.0
// What a token costs, learned from the tokens that went by: so much for computing, so much for each
// byte, each read and each stall (a layer that had to wait at all). Which of the three it was is
// told apart only as far as the tokens differ; what they leave open is shared out in proportion to
// what an ordinary disk needs. The older a token, the less it counts. Plain arithmetic.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/base/stats.h"

namespace glowworm {

class TokenCost {
  public:
    explicit TokenCost(uint32_t layers) : layers_(layers) {}

    // `passes`: how often its layers went round once more for want of room; each is a stall.
    void add(const TokenStats& stats, double passes);
    // Mean milliseconds of a token that waits for nothing.
    [[nodiscard]] double computeMs() const;
    // Milliseconds that such reads add to a token.
    [[nodiscard]] double flashMs(double bytes, double reads, double passes) const;

  private:
    static constexpr size_t kTerms = 3;  // bytes, reads, stalls
    using Terms = std::array<double, kTerms>;
    // Milliseconds that an ordinary disk would need for each.
    [[nodiscard]] Terms terms(double bytes, double reads, double passes) const;
    [[nodiscard]] Terms solve() const;

    uint32_t layers_;
    double tokens_ = 0, compute_ms_ = 0;
    std::array<Terms, kTerms> products_{};  // sums of term x term
    Terms moments_{};                       // sums of term x measured
};

}  // namespace glowworm
