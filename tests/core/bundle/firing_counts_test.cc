// SPDX-License-Identifier: Apache-2.0
// firing.bin: there and back, hottest first, and what a damaged one is told.
#include <gtest/gtest.h>

#include <filesystem>

#include "core/bundle/bundle_reader.h"
#include "core/bundle/bundle_writer.h"
#include "tests/support/temp_dir.h"
#include "tests/support/tiny_model.h"

namespace glowworm {
namespace {

namespace fs = std::filesystem;

FiringCounts someCounts(const ModelConfig& config) {
    FiringCounts counts = FiringCounts::ofShape(config, 100);
    for (size_t i = 0; i < counts.counts.size(); ++i)
        counts.counts[i] = static_cast<uint32_t>(i * 37 % 50);
    return counts;
}

TEST(FiringCounts, ReadBackAsWritten) {
    const ModelConfig config = tinyConfig({});
    const FiringCounts counts = someCounts(config);
    const auto read = firingCountsFromBytes(firingCountsToBytes(counts), config, "firing.bin");
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->tokens, 100U);
    EXPECT_EQ(read->counts, counts.counts);
}

TEST(FiringCounts, TheHottestComeFirstAndEqualOnesInOrder) {
    ModelConfig config;
    config.layers = 2;
    config.ff_width = 4;
    FiringCounts counts = FiringCounts::ofShape(config, 9);
    counts.counts = {0, 0, 0, 0, 3, 7, 3, 9};
    using Ids = std::vector<NeuronId>;
    EXPECT_EQ(counts.hottest(LayerId(0)),
              (Ids{NeuronId(0), NeuronId(1), NeuronId(2), NeuronId(3)}));
    EXPECT_EQ(counts.hottest(LayerId(1)),
              (Ids{NeuronId(3), NeuronId(1), NeuronId(0), NeuronId(2)}));
}

TEST(FiringCounts, DamagedBytesAreRefused) {
    const ModelConfig config = tinyConfig({});
    const std::vector<std::byte> good = firingCountsToBytes(someCounts(config));
    for (size_t length = 0; length < good.size(); length += 7) {
        EXPECT_FALSE(firingCountsFromBytes(std::span(good).first(length), config, "f"));
    }
    auto bad = good;
    bad[0] = std::byte{'X'};
    EXPECT_FALSE(firingCountsFromBytes(bad, config, "f"));
    bad = good;
    bad[25] = std::byte{200};  // a count beyond the tokens
    EXPECT_EQ(firingCountsFromBytes(bad, config, "f").error().code, ErrorCode::kInvalidFile);
    TinyModelOptions other;
    other.layers = 3;
    EXPECT_FALSE(firingCountsFromBytes(good, tinyConfig(other), "f"));
}

TEST(FiringCounts, ReplacedBesideTheOldOneWhichThenGoes) {
    const TempDir dir;
    const std::string folder = dir.file("model");
    Manifest manifest = writeTinyBundle(folder, {}).value();
    EXPECT_EQ(Bundle::open(folder)->firingCounts().error().code, ErrorCode::kNotFound);
    FiringCounts counts = someCounts(manifest.config);
    manifest.firing = writeFiringCounts(folder, counts).value();
    ASSERT_TRUE(writeManifest(folder, manifest));
    const Manifest before = manifest;

    counts.counts[0] = 77;
    manifest.firing = writeFiringCounts(folder, counts, FileNaming::kByChecksum).value();
    EXPECT_NE(manifest.firing.file, before.firing.file);
    EXPECT_EQ(Bundle::open(folder)->firingCounts()->counts[0], 0U);  // still the old one
    ASSERT_TRUE(writeManifest(folder, manifest));
    removeUnnamedFiles(folder, manifest);
    EXPECT_EQ(Bundle::open(folder)->firingCounts()->counts[0], 77U);
    EXPECT_FALSE(fs::exists(fs::path(folder) / before.firing.file));
    EXPECT_TRUE(fs::exists(fs::path(folder) / kNeuronsFile));

    manifest.firing.file = "../elsewhere";
    EXPECT_FALSE(writeManifest(folder, manifest));
}

}  // namespace
}  // namespace glowworm
