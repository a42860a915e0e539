// SPDX-License-Identifier: Apache-2.0
#include "core/base/bytes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace glowworm {
namespace {

constexpr uint64_t kKiB = 1024, kMiB = kKiB * 1024, kGiB = kMiB * 1024;

TEST(FormatBytesTest, OneDecimalWhereItSaysSomething) {
    EXPECT_EQ(formatBytes(0), "0 B");
    EXPECT_EQ(formatBytes(1023), "1023 B");
    EXPECT_EQ(formatBytes(kKiB), "1 KiB");
    EXPECT_EQ(formatBytes(kKiB + kKiB / 2), "1.5 KiB");
    EXPECT_EQ(formatBytes(300 * kMiB), "300 MiB");
    EXPECT_EQ(formatBytes(2 * kGiB), "2 GiB");
    EXPECT_EQ(formatBytes(kMiB - 1), "1 MiB");
    EXPECT_EQ(formatBytes(UINT64_MAX), "16 EiB");
}

TEST(ParseBytesTest, UnitsAreBinary) {
    EXPECT_EQ(parseBytes("4096"), 4096U);
    EXPECT_EQ(parseBytes("300M"), 300 * kMiB);
    EXPECT_EQ(parseBytes("2G"), 2 * kGiB);
    EXPECT_EQ(parseBytes("1.5G"), 3 * kGiB / 2);
    EXPECT_EQ(parseBytes("0.5k"), 512U);
    EXPECT_EQ(parseBytes(" 64 KiB "), 64 * kKiB);
    EXPECT_EQ(parseBytes("64kb"), 64 * kKiB);
    EXPECT_EQ(parseBytes("10 B"), 10U);
    EXPECT_EQ(parseBytes("1T"), 1024 * kGiB);
    EXPECT_EQ(parseBytes("18446744073709551615"), UINT64_MAX);
}

TEST(ParseBytesTest, ReadsWhatFormatWrites) {
    for (const uint64_t bytes : {uint64_t{0}, kKiB, 300 * kMiB, 3 * kGiB / 2, uint64_t{700}}) {
        EXPECT_EQ(parseBytes(formatBytes(bytes)), bytes);
    }
}

TEST(ParseBytesTest, AnythingElseIsRefusedAndQuoted) {
    for (const char* text : {"", " ", "M", "-1", "+1", "1.5", "1.M", ".5G", "1e9", "0x10", "nan",
                             "300MM", "300Mi", "3 0", "1,5G", "BB", "18446744073709551616",
                             "99999999999G", "16E"}) {
        const auto bytes = parseBytes(text);
        ASSERT_FALSE(bytes.has_value()) << text;
        EXPECT_EQ(bytes.error().code, ErrorCode::kInvalidArgument);
        EXPECT_THAT(bytes.error().message, testing::HasSubstr("\"" + std::string(text) + "\""));
    }
}

}  // namespace
}  // namespace glowworm
