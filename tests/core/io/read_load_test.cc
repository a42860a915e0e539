// SPDX-License-Identifier: Apache-2.0
#include "core/io/read_load.h"

#include <vector>

#include <gtest/gtest.h>

#include "core/io/memory_reader.h"

namespace glowworm {
namespace {

TEST(ReadLoad, CountsWhatWasRead) {
    const std::vector<std::byte> bytes(1 << 16);
    const auto reader = memoryReader(bytes, "bytes", 8);
    StopFlag stop;
    const ReadLoad load{bytes.size(), 4096, 8, 0.01, 1};
    const auto speed = measureReads(*reader, load, steadyClock(), stop);
    ASSERT_TRUE(speed);
    EXPECT_GT(*speed, 0);
    EXPECT_EQ(reader->inFlight(), 0U);
    EXPECT_EQ(reader->stats().bytes % 4096, 0U);
}

TEST(ReadLoad, StopsWhenAsked) {
    const std::vector<std::byte> bytes(1 << 16);
    const auto reader = memoryReader(bytes, "bytes", 8);
    StopFlag stop;
    stop.request();
    const ReadLoad load{bytes.size(), 4096, 2, 100, 1};
    const auto speed = measureReads(*reader, load, steadyClock(), stop);
    ASSERT_FALSE(speed);
    EXPECT_EQ(speed.error().code, ErrorCode::kCancelled);
    EXPECT_EQ(reader->inFlight(), 0U);
}

}  // namespace
}  // namespace glowworm
