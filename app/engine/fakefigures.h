// SPDX-License-Identifier: Apache-2.0
// The figures of an imagined machine: a model of fixed shape, flash of 1 GB/s, a neuron cache whose
// hit rate grows with the share of the neurons it holds. Deterministic. One thread.
#pragma once

#include <cstdint>
#include <random>

#include "core/base/stats.h"
#include "core/engine/working_set_curve.h"

namespace glowworm {

class FakeFigures {
  public:
    static constexpr uint64_t kLeastBytes = 620ULL << 20;
    static constexpr uint64_t kWholeBytes = 2600ULL << 20;
    static constexpr uint64_t kNeurons = 30 * 8192;
    static constexpr double kActiveShare = 0.11;

    void setBudget(uint64_t bytes);
    void setWindow(uint32_t tokens) { m_windowAsked = tokens; }
    // The figures of one more token; the cache fills as tokens go by.
    TokenStats nextToken();
    [[nodiscard]] MemoryBreakdown memory() const;
    // What each budget would bring once its cache is full; empty before the first token.
    [[nodiscard]] WorkingSetCurve curve() const;

  private:
    [[nodiscard]] uint32_t windowOf(uint64_t slots) const;
    [[nodiscard]] uint64_t slots() const { return slotsOf(m_budget); }
    [[nodiscard]] static uint64_t slotsOf(uint64_t budget);
    [[nodiscard]] static double shareOf(uint32_t window);  // of the neurons that it holds
    [[nodiscard]] static double hitRateOf(double share, double wobble);

    uint64_t m_budget = kLeastBytes;
    uint32_t m_windowAsked = 0;
    uint64_t m_cached = 0;  // neurons in the cache
    uint64_t m_tokens = 0;
    std::minstd_rand m_random{7};
};

}  // namespace glowworm
