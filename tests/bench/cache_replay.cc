// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/cache_replay.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <random>

#include "core/base/check.h"
#include "core/base/clock.h"
#include "core/sparsity/frequency_ranks.h"
#include "core/sparsity/working_set.h"

namespace glowworm::bench {

namespace {

using Sets = std::vector<std::vector<NeuronId>>;  // of a token, by layer

void setsOf(std::span<const LayerTrace> traces, size_t token, Sets& sets) {
    sets.resize(traces.size());
    for (size_t l = 0; l < traces.size(); ++l) {
        sets[l].clear();
        for (const uint32_t neuron : traces[l][token]) sets[l].emplace_back(neuron);
    }
}

// Runs `work` with the sets of each token; returns its milliseconds a token.
template <typename Work>
double eachToken(std::span<const LayerTrace> traces, Work work) {
    Sets sets;
    std::chrono::duration<double, std::milli> time{};
    const size_t tokens = traces.front().size();
    for (size_t t = 0; t < tokens; ++t) {
        setsOf(traces, t, sets);
        const auto begin = steadyClock().now();
        work(t, sets);
        time += steadyClock().now() - begin;
    }
    return time.count() / static_cast<double>(tokens);
}

}  // namespace

CacheReplay replayCache(std::span<const LayerTrace> traces, uint32_t neurons,
                        std::span<const float> weights, double share, EvictionOrder order,
                        size_t warm) {
    const CacheLayout layout{.layers = static_cast<uint32_t>(traces.size()), .neurons = neurons,
                             .slot_bytes = 4096, .weights = {weights.begin(), weights.end()},
                             .slots_min = 8, .eviction = order};
    auto cache = NeuronCache::create(layout);
    CHECK(cache.has_value());
    const auto bytes = static_cast<uint64_t>(share * static_cast<double>(cache->bytesMax()));
    cache->setCapacity(std::max(bytes, cache->bytesMin()));
    CacheCounters sum;
    CacheReplay replay;
    replay.ms = eachToken(traces, [&](size_t t, const Sets& sets) {
        cache->beginToken();
        for (uint32_t l = 0; l < sets.size(); ++l) {
            const std::span<const NeuronId> active(sets[l]);
            for (size_t done = 0; done < active.size();) {
                done += cache->acquire(LayerId(l), active.subspan(done)).slots.size();
            }
            cache->endLayer(LayerId(l));
        }
        if (t < warm) return;
        sum.hits += cache->counters().hits;
        sum.misses += cache->counters().misses;
    });
    replay.hit_rate = static_cast<double>(sum.hits) / static_cast<double>(sum.hits + sum.misses);
    return replay;
}

double curveMs(std::span<const LayerTrace> traces, uint32_t neurons, EvictionOrder order) {
    const auto layers = static_cast<uint32_t>(traces.size());
    WorkingSet windows(layers, neurons);
    FrequencyRanks ranks(layers, neurons);
    return eachToken(traces, [&](size_t, const Sets& sets) {
        for (uint32_t l = 0; l < layers; ++l) {
            windows.add(LayerId(l), sets[l]);
            if (order != EvictionOrder::kFrequency) continue;
            ranks.add(LayerId(l), sets[l], windows.lastDistances());
        }
    });
}

MadeUp madeUpLikeOpt() {
    constexpr uint32_t kLayers = 32, kNeurons = 16384, kTokens = 240, kDraws = 700, kTopic = 40;
    MadeUp made{std::vector<LayerTrace>(kLayers), kNeurons};
    std::mt19937 random(7);
    std::uniform_real_distribution<double> unit(0, 1);
    for (LayerTrace& trace : made.traces) {
        trace.resize(kTokens);
        for (size_t t = 0; t < kTokens; ++t) {
            for (uint32_t i = 0; i < kDraws; ++i) {
                // Few of the first are drawn often; a third lies about the topic's place.
                const auto near = static_cast<uint32_t>(kNeurons * std::pow(unit(random), 4));
                const auto topic = static_cast<uint32_t>(i % 3 == 0 ? t / kTopic * 2221 : 0);
                trace[t].push_back((near + topic) % kNeurons);
            }
            std::ranges::sort(trace[t]);
            const auto repeated = std::ranges::unique(trace[t]);
            trace[t].erase(repeated.begin(), repeated.end());
        }
    }
    return made;
}

}  // namespace glowworm::bench
