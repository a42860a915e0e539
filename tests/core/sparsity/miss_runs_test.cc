// SPDX-License-Identifier: Apache-2.0
#include "core/sparsity/miss_runs.h"

#include <gtest/gtest.h>

#include "core/io/read_tuning.h"
#include "core/model/read_gap.h"
#include "core/sparsity/working_set.h"
#include "tests/support/model_parts.h"

namespace glowworm {
namespace {

constexpr ReadMerging kMerging{ReadTuning{}.gap_bytes, kRunBytesMax};
constexpr uint32_t kNever = WorkingSet::kNever;

TEST(MissRuns, CountsTheReadsThatTheStoreMakes) {
    ModelParts parts(PartsOptions{});
    const auto active = parts.some([](uint32_t n) { return n % 3 == 0 || n % 7 == 0; });
    MissRuns runs(parts.table, parts.config.layers, parts.config.ff_width, kMerging);
    ASSERT_TRUE(runs.wants(LayerId(0)));
    runs.sample(LayerId(0), active, std::vector<uint32_t>(active.size(), kNever));
    parts.store->beginToken();
    ASSERT_TRUE(parts.store->start(LayerId(0), active));
    ASSERT_TRUE(parts.store->finish(parts.stop));
    TokenStats stats;
    parts.store->takeStats(stats);
    const MissCost cost = runs.cost(LayerId(0), static_cast<double>(active.size()));
    EXPECT_EQ(cost.reads, static_cast<double>(stats.reads));
    EXPECT_EQ(cost.bytes, static_cast<double>(stats.read_bytes));
}

TEST(MissRuns, AWindowLeavesOutWhatItHolds) {
    ModelParts parts(PartsOptions{});
    const double stride = parts.table.layout().stride;
    MissRuns runs(parts.table, parts.config.layers, parts.config.ff_width, {0, 1 << 20});
    const std::vector<NeuronId> active = {NeuronId(1), NeuronId(2), NeuronId(5), NeuronId(9)};
    runs.sample(LayerId(0), active, std::vector<uint32_t>{1, 3, 3, kNever});
    const MissCost all = runs.cost(LayerId(0), 4);
    EXPECT_EQ(all.reads, 3);  // 1 and 2 are neighbours
    EXPECT_EQ(all.bytes, 4 * stride);
    EXPECT_EQ(runs.cost(LayerId(0), 3).reads, 3);  // a window of 1 or 2
    EXPECT_EQ(runs.cost(LayerId(0), 1).reads, 1);  // of 4 and more
    EXPECT_EQ(runs.cost(LayerId(0), 2).reads, 2);  // between two windows
    EXPECT_EQ(runs.cost(LayerId(0), 0).reads, 0);
}

TEST(MissRuns, TakesTheLayersInTurnAndCountsEachNeuronByItselfBefore) {
    ModelParts parts(PartsOptions{});
    MissRuns runs(parts.table, parts.config.layers, parts.config.ff_width, kMerging);
    const MissCost unknown = runs.cost(LayerId(1), 5);
    EXPECT_EQ(unknown.reads, 5);
    EXPECT_EQ(unknown.bytes, 5.0 * parts.table.layout().stride);
    for (uint32_t token = 0; token < 2 * parts.config.layers; ++token) {
        const LayerId layer(token % parts.config.layers);
        ASSERT_TRUE(runs.wants(layer));
        runs.sample(layer, {}, {});
    }
    EXPECT_EQ(runs.cost(LayerId(0), 2).reads, 2);  // sampled, but nothing ever fired
}

}  // namespace
}  // namespace glowworm
