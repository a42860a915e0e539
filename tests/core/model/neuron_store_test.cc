// SPDX-License-Identifier: Apache-2.0
// The neurons of one token: read together where they are neighbours, checked, never wrong.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "tests/support/damage.h"
#include "tests/support/model_parts.h"

namespace glowworm {
namespace {

using testing::HasSubstr;

// Records of 1,024 bytes: 32 of them are the gap that is still read over.
PartsOptions wide() {
    PartsOptions options;
    options.model.ff_width = 600;
    options.model.layers = 1;
    return options;
}

constexpr LayerId kLayer(0);

// Starts and finishes a token's layer; every slot must then hold its neuron.
Status readAll(ModelParts& parts, std::span<const NeuronId> neurons) {
    parts.store->beginToken();
    auto batch = parts.store->start(kLayer, neurons);
    if (!batch) return std::unexpected(batch.error());
    RETURN_IF_ERROR(parts.store->finish(parts.stop));
    EXPECT_EQ(batch->slots.size(), neurons.size());
    for (size_t i = 0; i < batch->slots.size(); ++i) {
        EXPECT_TRUE(parts.table.recordMatches(kLayer, neurons[i],
                                              parts.cache.slotData(kLayer, batch->slots[i])))
            << "neuron " << neurons[i].value();
    }
    EXPECT_TRUE(parts.store->endLayer(kLayer));
    return {};
}

TokenStats statsOf(ModelParts& parts) {
    TokenStats stats;
    parts.store->takeStats(stats);
    return stats;
}

TEST(NeuronStore, TheReaderSaysWhichGapsAreRead) {
    ModelParts parts(wide());
    const auto wanted = parts.some([](uint32_t n) { return n == 0 || n == 2; });
    parts.reader->setGapBytes(parts.table.layout().stride - 1);
    ASSERT_TRUE(readAll(parts, wanted));
    EXPECT_EQ(statsOf(parts).reads, 2U);
    parts.cache.clear();
    parts.reader->setGapBytes(parts.table.layout().stride);
    ASSERT_TRUE(readAll(parts, wanted));
    EXPECT_EQ(statsOf(parts).reads, 1U);
}

TEST(NeuronStore, NeighboursAndSmallGapsAreOneRead) {
    ModelParts parts(wide());
    const uint64_t stride = parts.table.layout().stride;
    const auto gap = static_cast<uint32_t>(ReadTuning{}.gap_bytes / stride);
    // 0-3 and, a gap that is just small enough later, one more; then one that lies too far.
    const auto wanted = parts.some([&](uint32_t n) {
        return n < 4 || n == 4 + gap || n == 4 + gap + 1 + gap + 1;
    });
    ASSERT_TRUE(readAll(parts, wanted));
    const TokenStats stats = statsOf(parts);
    EXPECT_EQ(stats.reads, 2U);
    EXPECT_EQ(stats.read_bytes, (4 + gap + 1 + 1) * stride);  // with the gap
    EXPECT_EQ(stats.misses, 6U);
    EXPECT_EQ(stats.hits, 0U);
    EXPECT_GT(stats.flash_wait_ms, 0);
    EXPECT_EQ(statsOf(parts).reads, 0U);  // taken is taken
}

TEST(NeuronStore, WhatIsInTheCacheIsNotRead) {
    ModelParts parts(wide());
    ASSERT_TRUE(readAll(parts, parts.some([](uint32_t n) { return n % 2 == 0; })));
    statsOf(parts);
    ASSERT_TRUE(readAll(parts, parts.some([](uint32_t n) { return n % 2 == 0; })));
    const TokenStats again = statsOf(parts);
    EXPECT_EQ(again.reads, 0U);
    EXPECT_EQ(again.hits, 300U);
}

TEST(NeuronStore, MoreRunsThanBlocksAndDepthAllArrive) {
    PartsOptions options = wide();
    options.depth = 3;
    ModelParts parts(options);
    // Pairs too far from one another to be merged: each needs a staging block, of which there are
    // fewer.
    const auto wanted = parts.some([](uint32_t n) { return n % 40 < 2; });
    ASSERT_TRUE(readAll(parts, wanted));
    EXPECT_EQ(statsOf(parts).reads, 15U);
    parts.cache.clear();
    ASSERT_TRUE(readAll(parts, parts.all()));  // one run longer than a block
    EXPECT_EQ(statsOf(parts).read_bytes, 600U * parts.table.layout().stride);
}

TEST(NeuronStore, AShuffledOrderIsReadByPlace) {
    PartsOptions options = wide();
    options.model.shuffled_order = true;
    ModelParts parts(options);
    // Neighbours on flash, anywhere in the layer.
    const auto wanted = parts.some(
        [&](uint32_t n) { return parts.table.physical(kLayer, NeuronId(n)) < 20; });
    ASSERT_TRUE(readAll(parts, wanted));
    EXPECT_EQ(statsOf(parts).reads, 1U);
}

TEST(NeuronStore, ADamagedRecordIsNamedAndForgotten) {
    PartsOptions options = wide();
    options.damage = [](const Bundle& bundle) {
        flipBit(bundle.neuronsPath(), (7 * bundle.manifest().record.stride + 100) * 8);
    };
    ModelParts parts(options);
    const Status status = readAll(parts, parts.some([](uint32_t n) { return n < 10; }));
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, ErrorCode::kInvalidFile);
    EXPECT_THAT(status.error().message, HasSubstr("layer 0, neuron 7"));
    EXPECT_EQ(parts.cache.used(kLayer), 0U);
    EXPECT_EQ(parts.reader->inFlight(), 0U);
    // Its neighbours can still be read, and reading over the damage is no error.
    EXPECT_TRUE(readAll(parts, parts.some([](uint32_t n) { return n < 10 && n != 7; })));
    EXPECT_FALSE(readAll(parts, parts.some([](uint32_t n) { return n == 7; })));
    EXPECT_TRUE(readAll(parts, parts.some([](uint32_t n) { return n < 7; })));
}

TEST(NeuronStore, AFailedReadLeavesNothingWrong) {
    for (uint64_t failing = 1; failing <= 6; ++failing) {
        PartsOptions options = wide();
        options.faults = FaultPlan{.shuffle = true, .fail_at_read = failing};
        ModelParts parts(options);
        const auto wanted = parts.some([](uint32_t n) { return n % 100 < 2; });
        const Status status = readAll(parts, wanted);
        ASSERT_FALSE(status) << failing;
        EXPECT_EQ(status.error().code, ErrorCode::kIo);
        EXPECT_EQ(parts.cache.used(kLayer), 0U);
        EXPECT_EQ(parts.reader->inFlight(), 0U);
        EXPECT_TRUE(readAll(parts, wanted)) << "the next token goes on";
    }
}

TEST(NeuronStore, LateAndDisorderedReadsAreStillTheRightBytes) {
    for (uint64_t seed = 1; seed <= 20; ++seed) {
        PartsOptions options = wide();
        options.depth = 4;
        options.slots = 200;
        options.faults = FaultPlan{.seed = seed, .shuffle = true, .delay_share = 0.5};
        ModelParts parts(options);
        for (uint32_t token = 0; token < 5; ++token) {
            const auto wanted =
                parts.some([&](uint32_t n) { return (n * 7 + token * 13 + seed) % 31 < 6; });
            ASSERT_TRUE(readAll(parts, wanted));
        }
    }
}

TEST(NeuronStore, AStopDuringAWaitEndsItAndTheNextTokenGoesOn) {
    ModelParts parts([] {
        PartsOptions options = wide();
        options.faults = FaultPlan{.delay_share = 1, .delay_waits_max = 1000};
        return options;
    }());
    const auto wanted = parts.some([](uint32_t n) { return n % 100 < 2; });
    parts.store->beginToken();
    ASSERT_TRUE(parts.store->start(kLayer, wanted));
    parts.stop.request();
    const Status status = parts.store->finish(parts.stop);
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, ErrorCode::kCancelled);
    EXPECT_EQ(parts.cache.used(kLayer), 0U);
    EXPECT_EQ(parts.reader->inFlight(), 0U);
    parts.stop.clear();
    EXPECT_TRUE(readAll(parts, wanted));
}

TEST(NeuronStore, MoreActiveThanSlotsComeInPrefixes) {
    PartsOptions options = wide();
    options.slots = 64;
    ModelParts parts(options);
    const auto everything = parts.all();
    parts.store->beginToken();
    size_t done = 0;
    while (done < everything.size()) {
        const auto rest = std::span(everything).subspan(done);
        const CacheBatch batch = parts.store->start(kLayer, rest).value();
        ASSERT_GT(batch.slots.size(), 0U);
        ASSERT_LE(batch.slots.size(), parts.cache.quota(kLayer));
        ASSERT_TRUE(parts.store->finish(parts.stop));
        for (size_t i = 0; i < batch.slots.size(); ++i) {
            ASSERT_TRUE(parts.table.recordMatches(
                kLayer, rest[i], parts.cache.slotData(kLayer, batch.slots[i])));
        }
        done += batch.slots.size();
    }
    EXPECT_TRUE(parts.store->endLayer(kLayer));
}

}  // namespace
}  // namespace glowworm
