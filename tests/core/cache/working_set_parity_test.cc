// SPDX-License-Identifier: Apache-2.0
// What the working set and the ranks by frequency foretell against what the neuron cache then does.
#include <gtest/gtest.h>

#include "core/cache/neuron_cache.h"
#include "core/sparsity/frequency_ranks.h"
#include "core/sparsity/working_set.h"
#include "tests/support/trace.h"

namespace glowworm {
namespace {

WorkingSet fed(const Trace& trace, uint32_t neurons) {
    WorkingSet set(1, neurons, 0);
    for (const auto& active : trace) set.add(LayerId(0), active);
    return set;
}

struct Counted {
    uint64_t hits = 0, misses = 0;
};

Counted run(NeuronCache& cache, const Trace& trace) {
    Counted counted;
    for (const auto& active : trace) {
        cache.beginToken();
        for (size_t done = 0; done < active.size();) {
            done += cache.acquire(LayerId(0), std::span(active).subspan(done)).slots.size();
        }
        cache.endLayer(LayerId(0));
        counted.hits += cache.counters().hits;
        counted.misses += cache.counters().misses;
    }
    return counted;
}

TEST(WorkingSetParity, HitsAreThoseOfTheNeuronCacheWithThatWindow) {
    const Trace trace = conversation(64, 200, 2);
    const WorkingSet set = fed(trace, 64);
    for (const uint32_t window : {1U, 2U, 5U, 17U, 60U}) {
        auto cache = NeuronCache::create({.layers = 1, .neurons = 64, .slot_bytes = 16,
                                          .weights = {}});
        ASSERT_TRUE(cache.has_value());
        cache->setCapacity(cache->bytesMax());
        cache->setWindow(window);
        const Counted counted = run(*cache, trace);
        EXPECT_EQ(set.hits(LayerId(0), window), static_cast<double>(counted.hits)) << window;
    }
}

// Misses per token of a cache of `slots` of 128 neurons.
double missesOf(const Trace& trace, uint32_t slots, EvictionOrder order) {
    auto cache = NeuronCache::create({.layers = 1, .neurons = 128, .slot_bytes = 4096,
                                      .weights = {}, .eviction = order});
    EXPECT_TRUE(cache.has_value());
    cache->setCapacity(uint64_t{slots} * 4096);
    return static_cast<double>(run(*cache, trace).misses) / static_cast<double>(trace.size());
}

TEST(WorkingSetParity, ASizeGivesTheMissesOfTheAutomaticWindowByAge) {
    const Trace trace = conversation(128, 3000, 4);
    const WorkingSet set = fed(trace, 128);
    std::vector<WindowPoint> points;
    set.windows(LayerId(0), points);
    for (const uint32_t slots : {40U, 60U, 80U, 100U, 120U}) {
        const double measured = missesOf(trace, slots, EvictionOrder::kRecency);
        const WindowPoint foretold = windowOfSize(points, 128, slots, 0);
        EXPECT_NEAR(foretold.misses, measured, 0.05 * measured + 0.2) << slots;
    }
}

TEST(WorkingSetParity, RanksGiveTheMissesOfTheAutomaticWindowByFrequency) {
    const Trace trace = conversation(128, 6000, 4);
    FrequencyRanks ranks(1, 128, 0);
    WorkingSet set(1, 128, 0);
    for (const auto& active : trace) {
        set.add(LayerId(0), active);
        ranks.add(LayerId(0), active, set.lastDistances());
    }
    std::vector<SizePoint> points;
    ranks.sizes(LayerId(0), points);
    for (const uint32_t slots : {24U, 40U, 60U, 80U, 100U, 120U}) {
        const double measured = missesOf(trace, slots, EvictionOrder::kFrequency);
        EXPECT_NEAR(missesOfSize(points, 128, slots), measured, 0.05 * measured + 0.2) << slots;
        if (slots < 120) {
            EXPECT_LT(measured, missesOf(trace, slots, EvictionOrder::kRecency)) << slots;
        }
    }
}

}  // namespace
}  // namespace glowworm
