// SPDX-License-Identifier: Apache-2.0
#include "core/base/memory_speed.h"

#include <gtest/gtest.h>

namespace glowworm {
namespace {

TEST(MemorySpeed, IsThatOfMemory) {
    ThreadPool pool(2);
    const auto speed = measureMemory(pool, 0.01);
    ASSERT_TRUE(speed);
    EXPECT_GT(*speed, 1e8);
    EXPECT_LT(*speed, 1e13);
}

}  // namespace
}  // namespace glowworm
