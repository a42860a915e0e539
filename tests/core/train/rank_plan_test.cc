// SPDX-License-Identifier: Apache-2.0
// Bytes go where they save most, and never past the total.
#include <gtest/gtest.h>

#include "core/train/rank_plan.h"

namespace glowworm {
namespace {

using Options = std::vector<RankOption>;

Options some(double small, double middle, double large) {
    return {{32, Dtype::kQ4_0, 10, small}, {64, Dtype::kQ4_0, 20, middle},
            {128, Dtype::kQ4_0, 40, large}};
}

TEST(RankPlan, TheHardLayerGetsTheBytes) {
    const std::vector<Options> layers = {some(0.02, 0.01, 0.009), some(0.30, 0.15, 0.05)};
    EXPECT_EQ(chooseRanks(layers, 60), (std::vector<size_t>{1, 2}));
    EXPECT_EQ(chooseRanks(layers, 50), (std::vector<size_t>{0, 2}));
    EXPECT_EQ(chooseRanks(layers, 30), (std::vector<size_t>{0, 1}));
    EXPECT_EQ(chooseRanks(layers, 1000), (std::vector<size_t>{2, 2}));
}

TEST(RankPlan, TheSmallestWhereNothingFits) {
    const std::vector<Options> layers = {some(0.2, 0.1, 0), some(0.2, 0.1, 0)};
    EXPECT_EQ(chooseRanks(layers, 5), (std::vector<size_t>{0, 0}));
}

TEST(RankPlan, AnOptionThatBringsNothingIsNotTaken) {
    // The middle one is above the line from the first to the last, or worse than the first.
    EXPECT_EQ(chooseRanks(std::vector<Options>{some(0.2, 0.3, 0.1)}, 40),
              (std::vector<size_t>{2}));
    EXPECT_EQ(chooseRanks(std::vector<Options>{some(0.2, 0.3, 0.1)}, 30),
              (std::vector<size_t>{0}));
    EXPECT_EQ(chooseRanks(std::vector<Options>{some(0.1, 0.1, 0.1)}, 100),
              (std::vector<size_t>{0}));
}

TEST(RankPlan, OptionsFitTheModelAndHaveTheirSizes) {
    for (const uint32_t hidden : {40U, 64U, 256U, 4096U}) {
        ModelConfig config;
        config.layers = 8;
        config.hidden = hidden;
        config.ff_width = 4 * hidden;
        const auto options = rankOptions(config);
        ASSERT_FALSE(options.empty());
        for (const RankOption& option : options) {
            EXPECT_LE(option.rank, hidden);
            EXPECT_EQ(option.bytes, factorBytes(config, option.rank, option.dtype));
        }
        EXPECT_GE(usualRank(config, 7), usualRank(config, 0));
    }
}

}  // namespace
}  // namespace glowworm
