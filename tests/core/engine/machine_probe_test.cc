// SPDX-License-Identifier: Apache-2.0
#include "core/engine/machine_probe.h"

#include <algorithm>
#include <memory>
#include <thread>

#include <gtest/gtest.h>

#include "core/engine/session.h"
#include "tests/support/temp_dir.h"
#include "tests/support/tiny_model.h"

namespace glowworm {
namespace {

MachineProfile machine(double memory, double disk) {
    MachineProfile profile;
    profile.memory_bytes_per_s = memory;
    profile.threads = std::max(1U, std::thread::hardware_concurrency());
    for (const uint32_t bytes : {4U << 10, 16U << 10, 64U << 10, 256U << 10, 1U << 20}) {
        profile.disk.points.push_back({bytes, 128, disk});
    }
    return profile;
}

TEST(MachineProbe, HitRates) {
    EXPECT_EQ(expectedHitRate(1, 1, false), 1);
    EXPECT_EQ(expectedHitRate(0.05, 0.1, true), 0);
    EXPECT_NEAR(expectedHitRate(0.5, 0.1, false), 0.74, 0.05);
    EXPECT_NEAR(expectedHitRate(0.3, 0.1, false), 0.56, 0.05);
    EXPECT_NEAR(expectedHitRate(0.24, 0.1, true), 0.76, 0.1);
}

TEST(MachineProbe, ForetellsFromTheManifest) {
    const TempDir dir;
    TinyModelOptions tiny;
    tiny.hidden = 128;
    tiny.ff_width = 4096;
    ASSERT_TRUE(writeTinyBundle(dir.file("m"), tiny));
    const auto info = inspectBundle(dir.file("m"), 128);
    ASSERT_TRUE(info);
    const auto whole = foretell(dir.file("m"), 0, 128, machine(1e10, 1e9));
    ASSERT_TRUE(whole);
    EXPECT_EQ(whole->hit_rate, 1);
    EXPECT_EQ(whole->read_bytes, 0U);
    EXPECT_EQ(whole->token_ms, whole->memory_ms);
    // Two layers of 4096 neurons, three rows of 128 floats each.
    EXPECT_GT(whole->touched_bytes, 2U * 4096 * 3 * 128 * 4);
    const uint64_t little = info->budget_bytes_min;
    const auto tight = foretell(dir.file("m"), little, 128, machine(1e10, 1e9));
    ASSERT_TRUE(tight);
    EXPECT_GT(tight->read_bytes, 0U);
    EXPECT_GT(tight->token_ms, whole->token_ms);
    const auto slow = foretell(dir.file("m"), little, 128, machine(1e10, 1e8));
    EXPECT_NEAR(slow->disk_ms, 10 * tight->disk_ms, 1e-6 * slow->disk_ms);
    EXPECT_EQ(foretell(dir.file("m"), 1, 128, machine(1e10, 1e9))->budget_bytes, little);
    EXPECT_FALSE(foretell(dir.file("none"), 0, 128, machine(1e10, 1e9)));
}

// Read once, foretold at any budget, without the files.
TEST(MachineProbe, ForetellsFromItsBasis) {
    auto dir = std::make_unique<TempDir>();
    ASSERT_TRUE(writeTinyBundle(dir->file("m"), {}));
    const auto info = inspectBundle(dir->file("m"), 128);
    const auto basis = forecastBasis(dir->file("m"), 128, 0);
    ASSERT_TRUE(info);
    ASSERT_TRUE(basis);
    EXPECT_EQ(basis->budget_bytes_min, info->budget_bytes_min);
    EXPECT_EQ(basis->budget_bytes_max, info->budget_bytes_max);
    const uint64_t middle = (basis->budget_bytes_min + basis->budget_bytes_max) / 2;
    const auto told = foretell(dir->file("m"), middle, 128, machine(1e10, 1e9));
    ASSERT_TRUE(told);
    dir.reset();
    EXPECT_EQ(foretell(*basis, middle, machine(1e10, 1e9)).token_ms, told->token_ms);
}

TEST(MachineProbe, StopsBetweenTheDiskAndTheMemory) {
    const TempDir dir;
    StopFlag stop;
    DiskProbeOptions disk;
    disk.folder = dir.file("");
    disk.bytes = 32 << 20;
    disk.seconds = 0.05;
    const auto stopped = probeMachine(
        disk, 1,
        [&](const Progress& now) {
            if (now.stage == "measuring the memory") stop.request();
        },
        stop);
    ASSERT_FALSE(stopped);
    EXPECT_EQ(stopped.error().code, ErrorCode::kCancelled);
}

// Where the disk is as fast as memory, half the memory does as well as all of it.
TEST(MachineProbe, ASmallerCacheIsALegalAnswer) {
    const TempDir dir;
    ASSERT_TRUE(writeTinyBundle(dir.file("m"), {}));
    const auto fast = foretell(dir.file("m"), 0, 128, machine(1e9, 1e13));
    ASSERT_TRUE(fast);
    EXPECT_LT(fast->budget_bytes_enough, fast->budget_bytes);
    const auto slow = foretell(dir.file("m"), 0, 128, machine(1e9, 1e6));
    EXPECT_EQ(slow->budget_bytes_enough, slow->budget_bytes);
}

}  // namespace
}  // namespace glowworm
