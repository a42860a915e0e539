// SPDX-License-Identifier: Apache-2.0
#include "core/sparsity/firing_weight.h"

#include <gtest/gtest.h>

namespace glowworm {
namespace {

TEST(FiringWeightTest, DoublesWithItsHalfLifeAndNeverOverflows) {
    FiringWeight weight;
    EXPECT_EQ(weight.advance(64), 1);
    EXPECT_EQ(weight.at(64), 2 * weight.at(0));
    // A sum over a million tokens, scaled as told, is that of the last half-lives.
    FiringWeight long_run;
    double sum = 0;
    uint32_t now = 0;
    for (; now < 1'000'000; ++now) {
        sum *= static_cast<double>(long_run.advance(now));
        sum += static_cast<double>(long_run.at(now));
        ASSERT_LT(sum, 1e30);
    }
    const double last = static_cast<double>(long_run.at(now - 1));
    EXPECT_NEAR(sum / last, 1 / (1 - std::exp2(-1 / 64.0)), 0.1);
}

}  // namespace
}  // namespace glowworm
