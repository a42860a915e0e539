// SPDX-License-Identifier: Apache-2.0
// Reading ahead by a guess, right or wrong, on a flash that misbehaves: what start() names is in
// its slot after finish(), or there is an error, nothing is in flight and nothing wrong is left.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "tests/support/model_parts.h"

namespace glowworm {
namespace {

constexpr LayerId kLayer(0);

PartsOptions wide(uint32_t slots = 0, bool split = false) {
    PartsOptions options;
    options.model.ff_width = 400;
    options.model.layers = 1;
    options.model.split = split;
    options.slots = slots;
    return options;
}

std::vector<NeuronId> draw(std::mt19937& random, uint32_t one_in) {
    std::vector<NeuronId> neurons;
    for (uint32_t n = 0; n < 400; ++n) {
        if (random() % one_in == 0) neurons.push_back(NeuronId(n));
    }
    return neurons;
}

void expectRight(ModelParts& parts, std::span<const NeuronId> neurons, const CacheBatch& batch) {
    for (size_t i = 0; i < batch.slots.size(); ++i) {
        EXPECT_TRUE(parts.table.recordMatches(kLayer, neurons[i],
                                              parts.cache.slotData(kLayer, batch.slots[i])))
            << "neuron " << neurons[i].value();
    }
}

// One layer of one token: a guess, then the truth.
Status token(ModelParts& parts, std::span<const NeuronId> guess,
             std::span<const NeuronId> active) {
    parts.store->beginToken();
    RETURN_IF_ERROR(parts.store->prefetch(kLayer, guess));
    RETURN_IF_ERROR(parts.store->keepReading());
    for (size_t done = 0; done < active.size();) {
        const auto rest = active.subspan(done);
        auto batch = parts.store->start(kLayer, rest);
        if (!batch) return std::unexpected(batch.error());
        RETURN_IF_ERROR(parts.store->finish(parts.stop));
        expectRight(parts, rest, *batch);
        done += batch->slots.size();
    }
    return parts.store->endLayer(kLayer);
}

// Whatever lies in the cache between tokens is whole.
void expectCacheWhole(ModelParts& parts) {
    EXPECT_EQ(parts.reader->inFlight(), 0U);
    for (const NeuronId neuron : parts.all()) {
        const std::byte* record = parts.cache.find(kLayer, neuron);
        EXPECT_TRUE(record == nullptr || parts.table.recordMatches(kLayer, neuron, record));
        EXPECT_FALSE(parts.cache.isHeld(kLayer, neuron));
    }
}

TEST(ReadAhead, ARightGuessLeavesNothingToRead) {
    ModelParts parts(wide());
    const auto active = parts.some([](uint32_t n) { return n % 50 == 0; });
    ASSERT_TRUE(token(parts, active, active));
    TokenStats stats;
    parts.store->takeStats(stats);
    const uint64_t bytes = active.size() * uint64_t{parts.table.layout().stride};
    EXPECT_EQ(stats.read_bytes, bytes);
    EXPECT_EQ(stats.prefetch_bytes, bytes);
    EXPECT_EQ(stats.prefetch_useful_bytes, bytes);
    EXPECT_EQ(stats.misses, active.size());  // the window did not have them
    EXPECT_EQ(stats.misses_ahead, active.size());
    EXPECT_EQ(stats.guessRecall(), 1.0);
}

TEST(ReadAhead, AWrongGuessIsTheFirstToLeave) {
    ModelParts parts(wide(8));
    const auto active = parts.some([](uint32_t n) { return n % 100 == 1; });  // 4
    const auto guess = parts.some([](uint32_t n) { return n % 100 == 7; });
    ASSERT_TRUE(token(parts, {}, active));
    ASSERT_TRUE(token(parts, guess, active));
    for (const NeuronId neuron : guess) EXPECT_TRUE(parts.cache.contains(kLayer, neuron));
    TokenStats stats;
    parts.store->takeStats(stats);
    EXPECT_EQ(stats.prefetch_useful_bytes, 0U);
    const auto others = parts.some([](uint32_t n) { return n % 100 == 50; });
    ASSERT_TRUE(token(parts, {}, others));
    for (const NeuronId neuron : guess) EXPECT_FALSE(parts.cache.contains(kLayer, neuron));
    for (const NeuronId neuron : active) EXPECT_TRUE(parts.cache.contains(kLayer, neuron));
}

TEST(ReadAhead, AGuessNeverTakesTheSlotOfTheLastToken) {
    ModelParts parts(wide(8));
    const auto active = parts.some([](uint32_t n) { return n % 50 == 1; });  // 8: the quota
    ASSERT_TRUE(token(parts, {}, active));
    ASSERT_TRUE(token(parts, parts.some([](uint32_t n) { return n % 50 == 9; }), active));
    TokenStats stats;
    parts.store->takeStats(stats);
    EXPECT_EQ(stats.prefetch_bytes, 0U);
    EXPECT_EQ(stats.hits, active.size());
}

TEST(ReadAhead, AnyGuessOnAnyFlashGivesTheRightNeuronsOrAnError) {
    for (const bool split : {false, true}) {
        for (uint32_t seed = 1; seed <= 12; ++seed) {
            PartsOptions options = wide(seed % 3 == 0 ? 16 : seed % 3 == 1 ? 64 : 0, split);
            options.depth = 1 + seed % 9;
            options.faults = FaultPlan{.seed = seed, .shuffle = true, .delay_share = 0.3,
                                       .fail_share = seed % 4 == 0 ? 0.02 : 0.0};
            ModelParts parts(options);
            std::mt19937 random(seed);
            int errors = 0;
            for (int t = 0; t < 40; ++t) {
                const auto active = draw(random, 6 + static_cast<uint32_t>(random() % 20));
                auto guess = random() % 3 == 0 ? active : draw(random, 10);
                if (Status status = token(parts, guess, active); !status) {
                    ++errors;
                    parts.store->abandon();
                }
                expectCacheWhole(parts);
                // The budget moves between two tokens.
                if (t % 7 == 0) parts.cache.setCapacity(parts.cache.bytesMin());
                if (t % 7 == 3) {
                    parts.cache.setCapacity(
                        std::max(parts.cache.bytesMin(), parts.cache.bytesMax() / 2));
                }
                if (t % 11 == 0) parts.cache.setWindow(t % 2 == 0 ? kWindowAuto : 3);
            }
            EXPECT_EQ(errors > 0, options.faults->fail_share > 0) << "seed " << seed;
        }
    }
}

// One layer of one token as the engine does it: its own guess corrected, and while it is computed
// a first guess for the layer that follows.
Status tokenOfLayer(ModelParts& parts, LayerId layer, std::span<const NeuronId> guess,
                    std::span<const NeuronId> active, std::span<const NeuronId> next_guess) {
    RETURN_IF_ERROR(parts.store->prefetch(layer, guess));
    RETURN_IF_ERROR(parts.store->keepReading());
    for (size_t done = 0; done < active.size();) {
        const auto rest = active.subspan(done);
        auto batch = parts.store->start(layer, rest);
        if (!batch) return std::unexpected(batch.error());
        RETURN_IF_ERROR(parts.store->finish(parts.stop));
        done += batch->slots.size();
        if (done == active.size() && layer.value() + 1 < parts.config.layers) {
            RETURN_IF_ERROR(parts.store->prefetch(LayerId(layer.value() + 1), next_guess));
        }
        RETURN_IF_ERROR(parts.store->keepReading());
        for (size_t i = 0; i < batch->slots.size(); ++i) {
            EXPECT_TRUE(parts.table.recordMatches(layer, rest[i],
                                                  parts.cache.slotData(layer, batch->slots[i])));
        }
    }
    return parts.store->endLayer(layer);
}

TEST(ReadAhead, AFirstGuessThatIsReadInVainIsGivenUpAndTriedAgainOnceInAWhile) {
    PartsOptions options = wide();
    options.model.layers = 2;
    ModelParts parts(options);
    const auto tokenWith = [&](uint32_t token, bool right) {
        parts.store->beginToken();
        const auto active = parts.some([&](uint32_t n) { return n % 8 == token % 8; });
        const auto vain = parts.some([&](uint32_t n) { return n % 8 == (token + 3) % 8; });
        parts.cache.setWindow(1);
        EXPECT_TRUE(tokenOfLayer(parts, LayerId(0), {}, active, right ? active : vain));
        EXPECT_TRUE(tokenOfLayer(parts, LayerId(1), active, active, {}));
    };
    EXPECT_TRUE(parts.store->firstGuessPays(LayerId(1)));
    tokenWith(0, true);
    EXPECT_TRUE(parts.store->firstGuessPays(LayerId(1)));
    for (uint32_t token = 1; token <= 4; ++token) tokenWith(token, false);
    EXPECT_FALSE(parts.store->firstGuessPays(LayerId(1)));
    bool again = false;
    for (uint32_t token = 5; token <= 40; ++token) {
        parts.store->beginToken();
        again |= parts.store->firstGuessPays(LayerId(1));
    }
    EXPECT_TRUE(again);
    for (uint32_t token = 0; token < 8; ++token) tokenWith(token, true);
    EXPECT_TRUE(parts.store->firstGuessPays(LayerId(1)));
}

TEST(ReadAhead, ALayerAheadAnyGuessesOnAnyFlashGiveTheRightNeuronsOrAnError) {
    TokenStats stats;
    for (uint32_t seed = 1; seed <= 24; ++seed) {
        PartsOptions options = wide(seed % 3 == 0 ? 16 : seed % 3 == 1 ? 64 : 0, seed % 2 == 0);
        options.model.layers = 3;
        options.depth = 1 + seed % 9;
        options.faults = FaultPlan{.seed = seed, .shuffle = true, .delay_share = 0.3,
                                   .fail_share = seed % 4 == 0 ? 0.02 : 0.0};
        ModelParts parts(options);
        std::mt19937 random(seed);
        int errors = 0;
        for (int t = 0; t < 20; ++t) {
            std::vector<std::vector<NeuronId>> active, first, second;
            for (int l = 0; l < 4; ++l) {
                active.push_back(draw(random, 6 + static_cast<uint32_t>(random() % 20)));
                first.push_back(random() % 3 == 0 ? active.back() : draw(random, 10));
                second.push_back(random() % 3 == 0 ? active.back() : draw(random, 10));
            }
            parts.store->beginToken();
            Status status;
            for (uint32_t l = 0; l < 3 && status; ++l) {
                status = tokenOfLayer(parts, LayerId(l), second[l], active[l], first[l + 1]);
            }
            if (!status) {
                ++errors;
                parts.store->abandon();
            }
            parts.store->takeStats(stats);
            EXPECT_EQ(parts.reader->inFlight(), 0U);
            for (uint32_t l = 0; l < 3; ++l) {
                for (const NeuronId neuron : parts.all()) {
                    const std::byte* record = parts.cache.find(LayerId(l), neuron);
                    EXPECT_TRUE(record == nullptr ||
                                parts.table.recordMatches(LayerId(l), neuron, record));
                    EXPECT_FALSE(parts.cache.isHeld(LayerId(l), neuron));
                }
            }
            if (t % 7 == 0) parts.cache.setCapacity(parts.cache.bytesMin());
            if (t % 7 == 3) {
                parts.cache.setCapacity(
                    std::max(parts.cache.bytesMin(), parts.cache.bytesMax() / 2));
            }
        }
        EXPECT_EQ(errors > 0, options.faults->fail_share > 0) << "seed " << seed;
    }
    EXPECT_GT(stats.misses_ahead, 0U);
    EXPECT_LE(stats.misses_ahead, stats.misses);
}

TEST(ReadAhead, AStopDuringAGuessLeavesNothingInFlight) {
    PartsOptions options = wide();
    options.faults = FaultPlan{.stall = true};
    ModelParts parts(options);
    const auto active = parts.some([](uint32_t n) { return n % 30 == 0; });
    parts.stop.request();
    parts.store->beginToken();
    ASSERT_TRUE(parts.store->prefetch(kLayer, active));
    ASSERT_TRUE(parts.store->start(kLayer, parts.some([](uint32_t n) { return n % 20 == 0; })));
    const Status status = parts.store->finish(parts.stop);
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, ErrorCode::kCancelled);
    expectCacheWhole(parts);
    EXPECT_EQ(parts.cache.used(kLayer), 0U);
}

}  // namespace
}  // namespace glowworm
