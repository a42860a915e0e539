// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "core/train/low_rank_fit.h"

namespace glowworm {
namespace {

constexpr uint32_t kWidth = 60, kHidden = 40, kTokens = 80;

std::vector<float> noise(size_t count, uint32_t seed) {
    std::mt19937 random(seed);
    std::vector<float> values(count);
    for (float& v : values) v = static_cast<float>(random() >> 8) * 0x1.0p-24F * 2 - 1;
    return values;
}

// c[n, p] = a[n, m] * b[m, p]
std::vector<float> product(const std::vector<float>& a, const std::vector<float>& b, size_t n,
                           size_t m, size_t p) {
    std::vector<float> c(n * p);
    for (size_t i = 0; i < n; ++i) {
        for (size_t k = 0; k < m; ++k) {
            for (size_t j = 0; j < p; ++j) c[i * p + j] += a[i * m + k] * b[k * p + j];
        }
    }
    return c;
}

double distance(const std::vector<float>& a, const std::vector<float>& b) {
    double difference = 0, size = 0;
    for (size_t i = 0; i < a.size(); ++i) {
        difference += std::pow(static_cast<double>(a[i] - b[i]), 2);
        size += std::pow(static_cast<double>(b[i]), 2);
    }
    return std::sqrt(difference / size);
}

std::vector<float> standIn(const LowRankFactors& f) {
    return product(f.expand, f.reduce, kWidth, f.rank, kHidden);
}

void expectFinite(const LowRankFactors& factors) {
    for (const float v : factors.reduce) ASSERT_TRUE(std::isfinite(v));
    for (const float v : factors.expand) ASSERT_TRUE(std::isfinite(v));
}

class LowRankFit : public testing::Test {
  protected:
    LowRankFactors fit(const std::vector<float>& w, const std::vector<float>& x, uint32_t rank) {
        const auto tokens = static_cast<uint32_t>(x.size() / kHidden);
        return fitLowRank(w.data(), kWidth, kHidden, x.data(), tokens, rank, pool_);
    }
    ThreadPool pool_{2};
    std::vector<float> x_ = noise(kTokens * kHidden, 3);
};

TEST_F(LowRankFit, RecoversAMatrixOfThatRank) {
    const auto w = product(noise(kWidth * 4, 1), noise(4 * kHidden, 2), kWidth, 4, kHidden);
    const LowRankFactors factors = fit(w, x_, 4);
    EXPECT_LT(distance(standIn(factors), w), 1e-4);
}

TEST_F(LowRankFit, DirectionsAreOrthonormal) {
    const LowRankFactors factors = fit(noise(kWidth * kHidden, 1), x_, 8);
    for (size_t i = 0; i < 8; ++i) {
        for (size_t j = 0; j <= i; ++j) {
            double dot = 0;
            for (size_t n = 0; n < kWidth; ++n) {
                dot += static_cast<double>(factors.expand[n * 8 + i]) *
                       static_cast<double>(factors.expand[n * 8 + j]);
            }
            EXPECT_NEAR(dot, i == j ? 1 : 0, 1e-4);
        }
    }
}

TEST_F(LowRankFit, MoreRankThanTheMatrixHasIsNoHarm) {
    const auto w = product(noise(kWidth * 3, 1), noise(3 * kHidden, 2), kWidth, 3, kHidden);
    for (const uint32_t rank : {8U, 32U}) {
        const LowRankFactors factors = fit(w, x_, rank);
        expectFinite(factors);
        EXPECT_LT(distance(standIn(factors), w), 1e-3);
    }
}

TEST_F(LowRankFit, ZerosStayZeros) {
    const std::vector<float> nothing(kWidth * kHidden);
    expectFinite(fit(nothing, x_, 8));
    const LowRankFactors blind = fit(noise(kWidth * kHidden, 1), std::vector<float>(kHidden), 8);
    expectFinite(blind);
    expectFinite(fit(noise(kWidth * kHidden, 1), noise(kHidden, 4), 8));  // one token
}

TEST_F(LowRankFit, IsAsGoodAsAProjectionCanBe) {
    // Outputs with four strong directions and weak noise: rank 4 leaves no more than the noise.
    auto w = product(noise(kWidth * 4, 1), noise(4 * kHidden, 2), kWidth, 4, kHidden);
    const auto weak = noise(w.size(), 5);
    for (size_t i = 0; i < w.size(); ++i) w[i] += 0.01F * weak[i];
    EXPECT_LT(distance(standIn(fit(w, x_, 4)), w), 0.015);
}

TEST_F(LowRankFit, Repeats) {
    const auto w = noise(kWidth * kHidden, 1);
    const LowRankFactors first = fit(w, x_, 8), second = fit(w, x_, 8);
    EXPECT_EQ(first.reduce, second.reduce);
    EXPECT_EQ(first.expand, second.expand);
}

}  // namespace
}  // namespace glowworm
