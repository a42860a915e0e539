// SPDX-License-Identifier: Apache-2.0
#include "core/cache/budget.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace glowworm {
namespace {

using testing::HasSubstr;

constexpr uint64_t kMiB = 1 << 20;

MemoryPlan plan() {
    MemoryPlan plan;
    plan.resident_weights = 200 * kMiB;
    plan.predictor = 40 * kMiB;
    plan.kv_cache = 32 * kMiB;
    plan.buffers = 8 * kMiB;
    plan.cache_min = 20 * kMiB;
    plan.cache_max = 500 * kMiB;
    return plan;
}

TEST(MemoryPlanTest, TheCacheTakesTheRest) {
    EXPECT_EQ(plan().budgetBytesMin(), 300 * kMiB);
    EXPECT_EQ(plan().budgetBytesMax(), 780 * kMiB);
    EXPECT_EQ(plan().cacheBytes(300 * kMiB), 20 * kMiB);
    EXPECT_EQ(plan().cacheBytes(400 * kMiB + 1), 120 * kMiB + 1);
}

TEST(MemoryPlanTest, MoreThanTheModelIsNeverUsed) {
    EXPECT_EQ(plan().cacheBytes(780 * kMiB), 500 * kMiB);
    EXPECT_EQ(plan().cacheBytes(UINT64_MAX), 500 * kMiB);
    EXPECT_EQ(plan().cacheBytes(0), 500 * kMiB);
}

TEST(MemoryPlanTest, OneByteLessThanTheSmallestIsRefusedInWords) {
    const auto refused = plan().cacheBytes(300 * kMiB - 1);
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, ErrorCode::kBudget);
    EXPECT_THAT(refused.error().message, HasSubstr("at least 300 MiB (314572800 bytes"));
    EXPECT_THAT(refused.error().message, HasSubstr("weights 200 MiB"));
    EXPECT_THAT(plan().cacheBytes(kMiB).error().message, HasSubstr("a budget of 1 MiB"));
}

TEST(MemoryPlanTest, TheBreakdownSumsToWhatIsUsed) {
    const MemoryBreakdown parts = plan().breakdown(400 * kMiB, 70 * kMiB, 120 * kMiB);
    EXPECT_EQ(parts.usedBytes(), 350 * kMiB);
    EXPECT_EQ(parts.neuron_cache_free, 50 * kMiB);
    EXPECT_EQ(parts.budget_bytes, 400 * kMiB);
}

}  // namespace
}  // namespace glowworm
