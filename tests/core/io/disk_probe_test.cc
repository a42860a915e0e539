// SPDX-License-Identifier: Apache-2.0
#include "core/io/disk_probe.h"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>

#include "tests/support/temp_dir.h"

namespace glowworm {
namespace {

using testing::HasSubstr;

constexpr double kMega = 1e6;

// A disk on which a read costs `cost_us` beside its bytes, once `deep` of them are in flight.
DiskProfile madeUp(double cost_us, double stream, uint32_t deep) {
    DiskProfile profile;
    for (const uint32_t bytes : {4U << 10, 16U << 10, 64U << 10, 256U << 10, 1U << 20}) {
        for (const uint32_t depth : {1U, 8U, 32U, 128U}) {
            const double seconds = cost_us * 1e-6 + bytes / stream;
            const double share = std::min(1.0, static_cast<double>(depth) / deep);
            profile.points.push_back({bytes, depth, bytes / seconds * share});
        }
    }
    profile.tuning = chooseTuning(profile);
    return profile;
}

TEST(DiskProbe, ReadsTheGapsThatAreCheaperToRead) {
    // 20 us at 1 GB/s is 20 kB.
    EXPECT_NEAR(madeUp(20, 1000 * kMega, 32).tuning.gap_bytes, 20000, 4096);
    EXPECT_LE(madeUp(0.1, 1000 * kMega, 32).tuning.gap_bytes, 4096U);
    EXPECT_EQ(madeUp(9000, 1000 * kMega, 32).tuning.gap_bytes, 256U << 10);
}

TEST(DiskProbe, KeepsNoMoreReadsInFlightThanHelp) {
    EXPECT_EQ(madeUp(20, 1000 * kMega, 32).tuning.depth, 32U);
    EXPECT_EQ(madeUp(20, 1000 * kMega, 1).tuning.depth, 1U);
    EXPECT_EQ(madeUp(20, 1000 * kMega, 128).tuning.depth, 128U);
}

TEST(DiskProbe, NoDirectIoIsALegalAnswer) {
    DiskProfile profile = madeUp(20, 1000 * kMega, 32);
    profile.buffered_bytes_per_s = 500 * kMega;
    EXPECT_TRUE(chooseTuning(profile).direct);
    profile.buffered_bytes_per_s = 5000 * kMega;
    EXPECT_FALSE(chooseTuning(profile).direct);
    profile.buffered_bytes_per_s = 1;
    profile.can_direct = false;
    EXPECT_FALSE(chooseTuning(profile).direct);
}

TEST(DiskProbe, SpeedBetweenThePoints) {
    const DiskProfile profile = madeUp(20, 1000 * kMega, 32);
    const double small = profile.bytesPerSecond(16 << 10), large = profile.bytesPerSecond(64 << 10);
    EXPECT_NEAR(small, 16384 / (20e-6 + 16384e-9), 1e4);
    EXPECT_GT(profile.bytesPerSecond(32 << 10), small);
    EXPECT_LT(profile.bytesPerSecond(32 << 10), large);
    EXPECT_LT(profile.bytesPerSecond(512), profile.bytesPerSecond(4096));
    EXPECT_GT(profile.bytesPerSecond(8 << 20), large);
    EXPECT_EQ(DiskProfile().bytesPerSecond(4096), 0);
}

TEST(DiskProbe, MeasuresAndLeavesNothing) {
    const TempDir dir;
    StopFlag stop;
    DiskProbeOptions options;
    options.folder = dir.path();
    options.bytes = 16 << 20;
    options.seconds = 0.05;
    const auto profile = probeDisk(options, nullptr, stop);
    ASSERT_TRUE(profile) << profile.error().message;
    EXPECT_GE(profile->points.size(), 10U);
    for (const DiskPoint& point : profile->points) EXPECT_GT(point.bytes_per_s, 0);
    EXPECT_GT(profile->buffered_bytes_per_s, 0);
    EXPECT_THAT(profile->device, HasSubstr(":"));
    EXPECT_TRUE(std::filesystem::is_empty(dir.path()));
    stop.request();
    EXPECT_EQ(probeDisk(options, nullptr, stop).error().code, ErrorCode::kCancelled);
    EXPECT_TRUE(std::filesystem::is_empty(dir.path()));
}

TEST(DiskProbe, AFolderThatCannotBeWrittenNeedsAFile) {
    const TempDir dir;
    StopFlag stop;
    DiskProbeOptions options;
    options.folder = dir.file("nowhere");
    options.seconds = 0.05;
    const auto refused = probeDisk(options, nullptr, stop);
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("nowhere"));
    options.file = dir.file("model");
    std::ofstream(options.file) << std::string(20 << 20, 'x');
    EXPECT_TRUE(probeDisk(options, nullptr, stop));
    EXPECT_TRUE(std::filesystem::exists(options.file));
    options.file = dir.file("small");
    std::ofstream(options.file) << "x";
    const auto small = probeDisk(options, nullptr, stop);
    ASSERT_FALSE(small);
    EXPECT_THAT(small.error().message, HasSubstr("too small"));
}

}  // namespace
}  // namespace glowworm
