// SPDX-License-Identifier: Apache-2.0
// What a neuron order does to reads, on recorded active sets: a least-recently-used cache of so
// many neurons a layer, misses merged by the engine's own gap rule.
#pragma once

#include <cstdint>
#include <vector>

#include "core/train/coactivation.h"
#include "core/train/layer_truth.h"

namespace glowworm::bench {

// Active neurons by token, of one layer.
using Trace = std::vector<std::vector<uint32_t>>;
Trace traceOf(const LayerTruth& truth);

struct OrderFigures {
    double tokens = 0, misses = 0, reads = 0, bytes = 0;
    double runs = 0;  // maximal rows of misses that lie side by side
    void add(const OrderFigures& other);
};

// order[logical] = physical. `slots`: neurons that stay.
OrderFigures simulateOrder(const Trace& trace, const std::vector<uint32_t>& order, uint32_t slots,
                           uint32_t stride);
// LLM in a Flash, appendix D: each neuron's record lies with a copy of its closest friend's, in one
// read of twice the size; both go into the cache.
OrderFigures simulateFriendBundles(const Trace& trace, const Coactivation& coactivation,
                                   uint32_t slots, uint32_t stride);

// Counts by falling rank, against a power law and an exponential: exponents, and how much of the
// variance of the logarithm each explains.
struct Fit {
    double power = 0, power_explains = 0;
    double decay = 0, decay_explains = 0;  // of the rank's share of all
};
Fit fitRanks(std::vector<uint32_t> counts);

}  // namespace glowworm::bench
