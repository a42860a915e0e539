// SPDX-License-Identifier: Apache-2.0
// The sampler on literals that can be checked by hand.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <set>
#include <vector>

#include "core/decode/sampler.h"

namespace glowworm {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

SamplerOptions plain(float temperature) {
    return {.temperature = temperature, .top_k = 0, .top_p = 1, .min_p = 0, .repeat_penalty = 1,
            .seed = 7};
}

int32_t sampleOnce(std::vector<float> logits, const SamplerOptions& options,
                   std::vector<TokenId> recent = {}) {
    return Sampler(logits.size(), options).sample(logits, recent).value();
}

// The ids that come out of many draws.
std::set<int32_t> drawn(const std::vector<float>& logits, const SamplerOptions& options,
                        int draws = 400) {
    Sampler sampler(logits.size(), options);
    std::set<int32_t> ids;
    for (int i = 0; i < draws; ++i) {
        std::vector<float> copy = logits;
        ids.insert(sampler.sample(copy, {}).value());
    }
    return ids;
}

using Ids = std::set<int32_t>;

TEST(Sampler, GreedyTakesTheLowestIdAmongEquals) {
    EXPECT_EQ(sampleOnce({1, 3, 2, 3}, plain(0)), 1);
    EXPECT_EQ(sampleOnce({-4, -4, -4}, plain(0)), 0);
}

TEST(Sampler, NanIsImpossibleAndNothingPossibleIsTokenZero) {
    EXPECT_EQ(sampleOnce({kNan, 1, kNan, 2}, plain(0)), 3);
    EXPECT_EQ(sampleOnce({kNan, kNan}, plain(0)), 0);
    EXPECT_EQ(drawn({kNan, 1, kNan, 1}, plain(1)), (Ids{1, 3}));
    EXPECT_EQ(drawn({kNan, kNan}, plain(1)), Ids{0});
    EXPECT_EQ(drawn({-INFINITY, -INFINITY, 0}, plain(1)), Ids{2});
}

TEST(Sampler, TopKKeepsTheMostLikely) {
    SamplerOptions options = plain(1);
    options.top_k = 2;
    EXPECT_EQ(drawn({1, 1.2F, 0.9F, 1.1F}, options), (Ids{1, 3}));
    options.top_k = 1;
    EXPECT_EQ(drawn({2, 2, 2}, options), Ids{0});
    options.top_k = 100;
    EXPECT_EQ(drawn({1, 1, 1}, options), (Ids{0, 1, 2}));
}

TEST(Sampler, TopPKeepsTheSmallestSetThatReachesP) {
    // Probabilities 1/2, 1/4, 1/8, 1/8.
    const std::vector<float> logits = {std::log(4.0F), std::log(2.0F), 0, 0};
    SamplerOptions options = plain(1);
    options.top_p = 0.49F;
    EXPECT_EQ(drawn(logits, options), Ids{0});
    options.top_p = 0.7F;
    EXPECT_EQ(drawn(logits, options), (Ids{0, 1}));
    options.top_p = 0.8F;
    EXPECT_EQ(drawn(logits, options), (Ids{0, 1, 2}));
    options.top_p = 0;
    EXPECT_EQ(drawn(logits, options), Ids{0});
}

TEST(Sampler, MinPDropsWhatIsLessLikelyThanAShareOfTheBest) {
    const std::vector<float> logits = {std::log(8.0F), std::log(4.0F), std::log(1.0F)};
    SamplerOptions options = plain(1);
    options.min_p = 0.45F;
    EXPECT_EQ(drawn(logits, options), (Ids{0, 1}));
    options.min_p = 0.1F;
    EXPECT_EQ(drawn(logits, options), (Ids{0, 1, 2}));
    options.min_p = 2;
    EXPECT_EQ(drawn(logits, options), Ids{0});
}

TEST(Sampler, RepeatPenaltyDividesWhatIsPositiveAndMultipliesWhatIsNegative) {
    SamplerOptions options = plain(0);
    options.repeat_penalty = 2;
    std::vector<float> logits = {3, -1, 1, -4};
    const std::vector<TokenId> recent = {TokenId(0), TokenId(1), TokenId(0)};
    EXPECT_EQ(Sampler(4, options).sample(logits, recent).value(), 0);
    EXPECT_EQ(logits, (std::vector<float>{1.5F, -2, 1, -4}));  // once, however often it was said
    EXPECT_EQ(sampleOnce({3, 2}, options, {TokenId(0)}), 1);
    EXPECT_EQ(sampleOnce({3, 2}, options, {TokenId(-1), TokenId(9)}), 0);
}

TEST(Sampler, ASeedRepeatsItsDraws) {
    const std::vector<float> logits(50, 0.0F);
    const auto sequence = [&](uint64_t seed) {
        SamplerOptions options = plain(1);
        options.seed = seed;
        Sampler sampler(logits.size(), options);
        std::vector<int32_t> ids;
        for (int i = 0; i < 20; ++i) {
            std::vector<float> copy = logits;
            ids.push_back(sampler.sample(copy, {}).value());
        }
        return ids;
    };
    EXPECT_EQ(sequence(3), sequence(3));
    EXPECT_NE(sequence(3), sequence(4));
}

TEST(Sampler, DrawsFollowTheProbabilities) {
    // Probabilities 3/4 and 1/4; 4,000 draws have a standard deviation of 27.
    const std::vector<float> logits = {std::log(3.0F), 0};
    Sampler sampler(2, plain(1));
    int first = 0;
    for (int i = 0; i < 4000; ++i) {
        std::vector<float> copy = logits;
        first += sampler.sample(copy, {}).value() == 0;
    }
    EXPECT_NEAR(first, 3000, 140);
}

TEST(Sampler, TemperatureAtItsLimits) {
    const std::vector<float> logits = {1, 2, 3, 3.0001F};
    EXPECT_EQ(drawn(logits, plain(1e-6F)), Ids{3});
    EXPECT_EQ(drawn(logits, plain(1e-40F)), Ids{3});  // whose reciprocal is no float
    EXPECT_EQ(drawn(logits, plain(-1)), Ids{3});
    EXPECT_EQ(drawn(logits, plain(kNan)), Ids{3});
    EXPECT_EQ(drawn(logits, plain(INFINITY)), (Ids{0, 1, 2, 3}));
}

}  // namespace
}  // namespace glowworm
