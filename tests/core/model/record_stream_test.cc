// SPDX-License-Identifier: Apache-2.0
// Whole layers from front to back: every neuron once a pass, whatever is cached, late or broken.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "tests/support/damage.h"
#include "tests/support/model_parts.h"

namespace glowworm {
namespace {

using testing::HasSubstr;

// Three chunks a layer: the width is more than two chunks of records.
PartsOptions wide() {
    PartsOptions options;
    options.model.ff_width = 2 * RecordStream::kChunkRecords + 100;
    options.model.hidden = 32;
    options.model.layers = 2;
    return options;
}

// Takes one whole pass and checks order, completeness and bytes.
Status takePass(ModelParts& parts) {
    for (uint32_t layer = 0; layer < parts.config.layers; ++layer) {
        uint32_t place = 0;
        for (bool last = false; !last;) {
            auto chunk = parts.stream.next(parts.stop);
            if (!chunk) return std::unexpected(chunk.error());
            EXPECT_EQ(chunk->layer.value(), layer);
            for (size_t i = 0; i < chunk->neurons.size(); ++i) {
                const NeuronId neuron = chunk->neurons[i];
                EXPECT_EQ(parts.table.physical(chunk->layer, neuron), place++);
                EXPECT_TRUE(parts.table.recordMatches(
                    chunk->layer, neuron, chunk->data + i * parts.table.layout().stride));
            }
            last = chunk->last_of_layer;
        }
        EXPECT_EQ(place, parts.config.ff_width);
    }
    return {};
}

uint64_t bytesRead(ModelParts& parts) {
    TokenStats stats;
    parts.stream.takeStats(stats);
    return stats.read_bytes;
}

uint64_t wholeModel(const ModelParts& parts) {
    return uint64_t{parts.config.layers} * parts.config.ff_width * parts.table.layout().stride;
}

TEST(RecordStream, SeveralPassesGiveEveryNeuronInPlaceOrder) {
    for (const bool shuffled : {false, true}) {
        PartsOptions options = wide();
        options.model.shuffled_order = shuffled;
        ModelParts parts(options);
        ASSERT_TRUE(parts.stream.begin(3));
        for (int pass = 0; pass < 3; ++pass) ASSERT_TRUE(takePass(parts));
        parts.stream.end();
        EXPECT_EQ(bytesRead(parts), 3 * wholeModel(parts));
        EXPECT_EQ(parts.reader->inFlight(), 0U);
    }
}

// Fills slots of layer 1 as a token would.
void putIntoCache(ModelParts& parts, std::span<const NeuronId> neurons) {
    parts.store->beginToken();
    ASSERT_TRUE(parts.store->start(LayerId(1), neurons));
    ASSERT_TRUE(parts.store->finish(parts.stop));
    ASSERT_TRUE(parts.store->endLayer(LayerId(1)));
}

TEST(RecordStream, CachedNeuronsAreCopied) {
    ModelParts parts(wide());
    putIntoCache(parts, parts.some([](uint32_t n) { return n >= 500; }));
    ASSERT_TRUE(parts.stream.begin(1));
    ASSERT_TRUE(takePass(parts));
    const uint64_t cached = (parts.config.ff_width - 500) * parts.table.layout().stride;
    EXPECT_EQ(bytesRead(parts), wholeModel(parts) - cached);
}

TEST(RecordStream, ACachedNeuronBetweenTwoOthersIsReadOverAndStillRight) {
    ModelParts parts(wide());
    putIntoCache(parts, parts.some([](uint32_t n) { return n % 3 == 1; }));
    ASSERT_TRUE(parts.stream.begin(1));
    ASSERT_TRUE(takePass(parts));
    EXPECT_LE(bytesRead(parts), wholeModel(parts));
}

TEST(RecordStream, EndsEarlyAndBeginsAgain) {
    PartsOptions options = wide();
    options.depth = 2;
    ModelParts parts(options);
    ASSERT_TRUE(parts.stream.begin(2));
    ASSERT_TRUE(parts.stream.next(parts.stop));
    parts.stream.end();
    EXPECT_EQ(parts.reader->inFlight(), 0U);
    ASSERT_TRUE(parts.stream.begin(1));
    EXPECT_TRUE(takePass(parts));
}

TEST(RecordStream, DisorderChangesNothing) {
    for (uint64_t seed = 1; seed <= 8; ++seed) {
        PartsOptions options = wide();
        options.faults = FaultPlan{.seed = seed, .shuffle = true, .delay_share = 0.4};
        ModelParts parts(options);
        ASSERT_TRUE(parts.stream.begin(2));
        ASSERT_TRUE(takePass(parts));
        ASSERT_TRUE(takePass(parts));
    }
}

TEST(RecordStream, AFailedReadIsAnErrorAndLeavesNothingInFlight) {
    for (uint64_t failing = 1; failing <= 6; ++failing) {
        PartsOptions options = wide();
        options.faults = FaultPlan{.shuffle = true, .fail_at_read = failing};
        ModelParts parts(options);
        ASSERT_TRUE(parts.stream.begin(1));
        const Status status = takePass(parts);
        ASSERT_FALSE(status) << failing;
        EXPECT_EQ(status.error().code, ErrorCode::kIo);
        EXPECT_EQ(parts.reader->inFlight(), 0U);
        ASSERT_TRUE(parts.stream.begin(1));
        EXPECT_TRUE(takePass(parts));
    }
}

TEST(RecordStream, ADamagedRecordIsNamed) {
    PartsOptions options = wide();
    options.damage = [](const Bundle& bundle) {
        const Manifest& manifest = bundle.manifest();
        const uint64_t at = manifest.extents[1].offset + 1500 * manifest.record.stride;
        flipBit(bundle.neuronsPath(), at * 8);
    };
    ModelParts parts(options);
    ASSERT_TRUE(parts.stream.begin(1));
    const Status status = takePass(parts);
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, ErrorCode::kInvalidFile);
    EXPECT_THAT(status.error().message, HasSubstr("layer 1, neuron 1500"));
}

TEST(RecordStream, AStopIsHeardInTheWaitForFlash) {
    PartsOptions options = wide();
    options.faults = FaultPlan{.delay_share = 1, .delay_waits_max = 1000};
    ModelParts parts(options);
    ASSERT_TRUE(parts.stream.begin(1));
    parts.stop.request();
    const auto chunk = parts.stream.next(parts.stop);
    ASSERT_FALSE(chunk);
    EXPECT_EQ(chunk.error().code, ErrorCode::kCancelled);
    EXPECT_EQ(parts.reader->inFlight(), 0U);
}

}  // namespace
}  // namespace glowworm
