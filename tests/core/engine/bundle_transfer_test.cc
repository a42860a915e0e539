// SPDX-License-Identifier: Apache-2.0
// Sending a bundle's files and receiving them: what arrives is believed only when it is checked.
#include "core/engine/bundle_transfer.h"

#include <filesystem>
#include <gmock/gmock.h>

#include "core/engine/session.h"
#include "tests/support/damage.h"
#include "tests/support/temp_dir.h"
#include "tests/support/tiny_model.h"

namespace glowworm {
namespace {

using testing::HasSubstr;
namespace fs = std::filesystem;

class BundleTransfer : public testing::Test {
  protected:
    BundleTransfer() {
        EXPECT_TRUE(writeTinyBundle(source_, {}).has_value());
        files_ = bundleFiles(source_).value();
    }
    std::unique_ptr<BundleReceiver> receiver() {
        return BundleReceiver::create(target_, "x.glowworm").value();
    }
    Status send(BundleReceiver& to, const BundleFile& file) {
        RETURN_IF_ERROR(to.begin(file.name, file.bytes));
        RETURN_IF_ERROR(readBundleFile(
            source_, file, [&](std::span<const std::byte> bytes) { return to.append(bytes); },
            stop_));
        return to.end();
    }

    TempDir dir_;
    StopFlag stop_;
    std::string source_ = dir_.file("a"), target_ = dir_.file("b");
    std::vector<BundleFile> files_;
};

TEST_F(BundleTransfer, EveryFileArrivesAsItWas) {
    ASSERT_EQ(files_.size(), 4U);
    EXPECT_EQ(files_[0].name, "manifest.json");
    const auto to = receiver();
    EXPECT_FALSE(to->bytesExpected());
    uint64_t bytes = 0;
    for (const BundleFile& file : files_) {
        ASSERT_TRUE(send(*to, file).has_value()) << file.name;
        bytes += file.bytes;
    }
    EXPECT_EQ(to->bytesExpected(), bytes);
    EXPECT_FALSE(fs::exists(target_));
    ASSERT_TRUE(to->install({}, stop_).has_value());
    EXPECT_TRUE(verifyBundle(target_, {}, stop_).has_value());
    EXPECT_FALSE(fs::exists(target_ + ".partial"));
}

TEST_F(BundleTransfer, NothingIsLeftOfOneThatEndsEarly) {
    {
        const auto to = receiver();
        ASSERT_TRUE(send(*to, files_[0]).has_value());
        EXPECT_TRUE(fs::exists(target_ + ".partial"));
        EXPECT_THAT(to->install({}, stop_).error().message, HasSubstr("lacks the file resident"));
    }
    EXPECT_FALSE(fs::exists(target_ + ".partial"));
    EXPECT_FALSE(fs::exists(target_));
}

TEST_F(BundleTransfer, OnlyTheManifestsFilesInTheirSizes) {
    const auto to = receiver();
    EXPECT_FALSE(to->begin("resident.bin", 4096));
    ASSERT_TRUE(send(*to, files_[0]).has_value());
    EXPECT_THAT(to->begin("../a", 1).error().message, HasSubstr("x.glowworm"));
    EXPECT_FALSE(to->begin("manifest.json", files_[0].bytes));
    EXPECT_FALSE(to->begin("resident.bin", files_[1].bytes + 1));
    EXPECT_TRUE(send(*to, files_[1]).has_value());
    EXPECT_THAT(send(*to, files_[1]).error().message, HasSubstr("twice"));
}

TEST_F(BundleTransfer, AnInstalledBundleStays) {
    fs::create_directory(target_);
    EXPECT_EQ(BundleReceiver::create(target_, "x").error().code, ErrorCode::kInvalidArgument);
}

TEST_F(BundleTransfer, AFileThatHasGrownIsNotSent) {
    writeText(source_ + "/tokenizer.json", readText(source_ + "/tokenizer.json") + " ");
    const auto take = [](std::span<const std::byte>) { return Status(); };
    EXPECT_EQ(readBundleFile(source_, files_[3], take, stop_).error().code,
              ErrorCode::kInvalidFile);
    EXPECT_FALSE(bundleFiles(source_));
}

TEST_F(BundleTransfer, Stops) {
    stop_.request();
    const auto take = [](std::span<const std::byte>) { return Status(); };
    EXPECT_EQ(readBundleFile(source_, files_[1], take, stop_).error().code,
              ErrorCode::kCancelled);
}

}  // namespace
}  // namespace glowworm
