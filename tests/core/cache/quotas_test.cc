// SPDX-License-Identifier: Apache-2.0
#include "core/cache/quotas.h"

#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace glowworm {
namespace {

using testing::ElementsAre;

constexpr uint64_t kPage = 4096;

std::vector<uint32_t> plan(const CacheLayout& layout, uint64_t bytes) {
    std::vector<uint32_t> quotas(layout.layers);
    planQuotas(layout, kPage, bytes, quotas);
    return quotas;
}

uint64_t costOf(const CacheLayout& layout, const std::vector<uint32_t>& quotas) {
    uint64_t bytes = 0;
    for (const uint32_t quota : quotas) bytes += slotPagesBytes(quota, layout.slot_bytes, kPage);
    return bytes;
}

TEST(QuotasTest, WithoutWeightsAllTheSame) {
    const CacheLayout layout{.layers = 4, .neurons = 100, .slot_bytes = kPage, .weights = {},
                             .slots_min = 1};
    EXPECT_THAT(plan(layout, 40 * kPage), ElementsAre(10, 10, 10, 10));
}

TEST(QuotasTest, InProportionToWeights) {
    const CacheLayout layout{.layers = 3, .neurons = 100, .slot_bytes = kPage,
                             .weights = {0.1F, 0.2F, 0.3F}, .slots_min = 1};
    EXPECT_THAT(plan(layout, 60 * kPage), ElementsAre(10, 20, 30));
}

TEST(QuotasTest, BetweenTheMinimumAndAllNeurons) {
    const CacheLayout layout{.layers = 3, .neurons = 16, .slot_bytes = kPage,
                             .weights = {0.0F, 1.0F, 100.0F}, .slots_min = 2};
    EXPECT_THAT(plan(layout, 6 * kPage), ElementsAre(2, 2, 2));
    const auto most = plan(layout, 24 * kPage);
    EXPECT_EQ(most[2], 16U);
    EXPECT_GE(most[0], 2U);
    EXPECT_THAT(plan(layout, 1000 * kPage), ElementsAre(testing::Ge(2), 16, 16));
}

TEST(QuotasTest, EveryNeuronWhereThereIsRoom) {
    const CacheLayout layout{.layers = 3, .neurons = 17, .slot_bytes = 1536,
                             .weights = {0.5F, 1.0F, 2.0F}, .slots_min = 1};
    const uint64_t all = 3 * slotPagesBytes(17, 1536, kPage);
    EXPECT_THAT(plan(layout, all), ElementsAre(17, 17, 17));
}

TEST(QuotasTest, TheRestOfAPageIsUsed) {
    const CacheLayout layout{.layers = 1, .neurons = 100, .slot_bytes = 1536, .weights = {},
                             .slots_min = 1};
    EXPECT_THAT(plan(layout, kPage), ElementsAre(2));
    EXPECT_THAT(plan(layout, 3 * kPage), ElementsAre(8));
}

TEST(QuotasTest, NeverAboveTheCapacityAndNearIt) {
    const CacheLayout layout{.layers = 7, .neurons = 300, .slot_bytes = 3584,
                             .weights = {1, 2, 3, 4, 5, 6, 7}, .slots_min = 3};
    const uint64_t least = 7 * slotPagesBytes(3, 3584, kPage);
    const uint64_t most = 7 * slotPagesBytes(300, 3584, kPage);
    for (uint64_t bytes = least; bytes <= most; bytes += 7777) {
        const auto quotas = plan(layout, bytes);
        const uint64_t cost = costOf(layout, quotas);
        ASSERT_LE(cost, bytes);
        ASSERT_GT(cost + 7 * 2 * kPage, bytes);
    }
}

TEST(QuotasTest, LessThanTheMinimumIsOurMistake) {
    const CacheLayout layout{.layers = 2, .neurons = 16, .slot_bytes = kPage, .weights = {},
                             .slots_min = 2};
    EXPECT_DEATH(plan(layout, 4 * kPage - 1), "CHECK");
}

}  // namespace
}  // namespace glowworm
