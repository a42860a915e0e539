// SPDX-License-Identifier: Apache-2.0
#include "core/cache/frequency_order.h"

#include <algorithm>
#include <random>
#include <set>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/sparsity/firing_weight.h"

namespace glowworm {
namespace {

using testing::ElementsAre;

std::vector<uint32_t> leaving(FrequencyOrder& order) {
    std::vector<uint32_t> neurons;
    for (uint32_t n = order.lowest(); n != FrequencyOrder::kNone; n = order.lowest()) {
        neurons.push_back(n);
        order.remove(n);
    }
    return neurons;
}

TEST(FrequencyOrderTest, TheLowestSumLeavesFirstAndEqualOnesByNumber) {
    FrequencyOrder order(8);
    for (const uint32_t n : {5U, 1U, 4U, 2U}) order.add(n);
    order.fired(4, 1);
    order.fired(5, 3);
    EXPECT_THAT(leaving(order), ElementsAre(1, 2, 4, 5));
}

TEST(FrequencyOrderTest, FiringsCountForThoseThatAreNotHereToo) {
    FrequencyOrder order(4);
    order.fired(3, 2);
    order.add(0);
    order.fired(0, 1);
    order.add(3);
    EXPECT_THAT(leaving(order), ElementsAre(0, 3));
}

TEST(FrequencyOrderTest, WhoIsSetAsideComesBack) {
    FrequencyOrder order(4);
    for (const uint32_t n : {0U, 1U, 2U}) order.add(n);
    ASSERT_EQ(order.lowest(), 0U);
    order.setLowestAside();
    ASSERT_EQ(order.lowest(), 1U);
    order.add(3);
    order.remove(0);
    order.bringBack();
    EXPECT_THAT(leaving(order), ElementsAre(1, 2, 3));
}

TEST(FrequencyOrderTest, AgreesWithASearchThroughAll) {
    std::mt19937 random(1);
    constexpr uint32_t kNeurons = 50;
    FrequencyOrder order(kNeurons);
    FiringWeight weight;
    std::set<uint32_t> here, aside;
    for (uint32_t token = 1; token < 20000; ++token) {
        if (const float factor = weight.advance(token); factor != 1) {
            order.scale(factor);
            aside.clear();
        }
        const auto n = static_cast<uint32_t>(random() % kNeurons);
        order.fired(n, weight.at(token));
        if (random() % 3 == 0) {
            here.contains(n) ? order.remove(n) : order.add(n);
            if (here.erase(n) == 0) here.insert(n);
        }
        uint32_t lowest = FrequencyOrder::kNone;
        for (const uint32_t one : here) {
            if (aside.contains(one)) continue;
            const bool first = lowest == FrequencyOrder::kNone;
            if (first || order.sum(one) < order.sum(lowest)) lowest = one;
        }
        ASSERT_EQ(order.lowest(), lowest) << token;
        if (random() % 5 == 0 && lowest != FrequencyOrder::kNone) {
            order.setLowestAside();
            aside.insert(lowest);
        } else if (random() % 20 == 0) {
            order.bringBack();
            aside.clear();
        }
    }
}

}  // namespace
}  // namespace glowworm
