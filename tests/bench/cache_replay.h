// SPDX-License-Identifier: Apache-2.0
// Recorded active sets through the neuron cache itself and through what draws its curve: hits, and
// the time that their work takes. No record is read.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/cache/neuron_cache.h"
#include "tests/bench/policies.h"

namespace glowworm::bench {

struct CacheReplay {
    double hit_rate = 0;  // over the tokens after the first `warm`
    double ms = 0;        // a token of all layers
};

// A cache of `share` of all neurons, quotas in proportion to `weights` (empty: all the same).
CacheReplay replayCache(std::span<const LayerTrace> traces, uint32_t neurons,
                        std::span<const float> weights, double share, EvictionOrder order,
                        size_t warm);

// Milliseconds a token for listening to all layers: reuse distances, and by frequency the ranks.
double curveMs(std::span<const LayerTrace> traces, uint32_t neurons, EvictionOrder order);

struct MadeUp {
    std::vector<LayerTrace> traces;
    uint32_t neurons = 0;
};

// 32 layers of 16,384 neurons, about 600 active: many always the same, the rest by topics that
// come and go. For the time that work takes; the hits say nothing about any model.
MadeUp madeUpLikeOpt();

}  // namespace glowworm::bench
