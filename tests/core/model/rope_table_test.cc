// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>

#include "core/model/rope_table.h"

namespace glowworm {
namespace {

ModelConfig config() {
    ModelConfig c;
    c.head_dim = 4;
    c.rope_base = 10000;
    return c;
}

// The angle that a row of the table stands for.
double angle(const std::vector<float>& table, uint32_t position, uint32_t pair) {
    const size_t at = (size_t{position} * 2 + pair) * 2;
    return std::atan2(static_cast<double>(table[at + 1]), static_cast<double>(table[at]));
}

TEST(RopeTable, AnglesArePositionTimesFrequency) {
    const auto table = ropeTable(config(), 3);
    ASSERT_EQ(table.size(), 3U * 2 * 2);
    EXPECT_EQ(angle(table, 0, 0), 0);
    EXPECT_NEAR(angle(table, 2, 0), 2, 1e-6);     // 10000^0
    EXPECT_NEAR(angle(table, 2, 1), 0.02, 1e-7);  // 10000^(-2/4) = 0.01
}

TEST(RopeTable, LinearScalingDividesThePosition) {
    ModelConfig c = config();
    c.rope_scale = 4;
    const auto table = ropeTable(c, 5);
    EXPECT_NEAR(angle(table, 4, 0), 1, 1e-6);
    EXPECT_NEAR(angle(table, 4, 1), 0.01, 1e-7);
}

// Llama 3's rule with factor 8, low 1, high 4, context 8192 and base 500000, head dimension 128.
// Literals: transformers 5.23, ROPE_INIT_FUNCTIONS["llama3"].
TEST(RopeTable, Llama3ScalesLongWavelengthsOnly) {
    ModelConfig c;
    c.head_dim = 128;
    c.rope_base = 500000;
    c.rope_llama3_factor = 8;
    c.rope_llama3_low = 1;
    c.rope_llama3_high = 4;
    c.rope_llama3_context = 8192;
    const auto table = ropeTable(c, 2);
    const auto frequency = [&](uint32_t pair) {
        return std::atan2(static_cast<double>(table[(64 + pair) * 2 + 1]),
                          static_cast<double>(table[(64 + pair) * 2]));
    };
    EXPECT_NEAR(frequency(0), 1, 1e-6);
    EXPECT_NEAR(frequency(10), 0.128687382, 1e-6 * 0.128687382);
    EXPECT_NEAR(frequency(30), 0.00137189368, 1e-6 * 0.00137189368);
    EXPECT_NEAR(frequency(33), 0.00031269365, 1e-6 * 0.00031269365);
    EXPECT_NEAR(frequency(63), 3.06892588e-07, 1e-6 * 3.06892588e-07);
}

}  // namespace
}  // namespace glowworm
