// SPDX-License-Identifier: Apache-2.0
// Imports that go wrong: every fault is said plainly, and nothing half made is left.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

#include "core/bundle/bundle_reader.h"
#include "core/import/importer.h"
#include "tests/support/damage.h"
#include "tests/support/temp_dir.h"

namespace glowworm {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

const std::string kGolden = SOURCE_DIR "/tests/golden/";

ImportOptions optionsFor(const std::string& source, const TempDir& temp) {
    ImportOptions options;
    options.source = source;
    options.bundle_dir = temp.file("models/model");
    options.name = "model";
    return options;
}

Result<Manifest> import(const ImportOptions& options) {
    return importModel(options, {}, StopFlag());
}

bool nothingLeft(const TempDir& temp) {
    return !fs::exists(temp.file("models")) || fs::is_empty(temp.file("models"));
}

// A copy of a golden checkpoint that may be spoilt.
std::string copyOf(const std::string& name, const TempDir& temp) {
    fs::copy(kGolden + name, temp.file(name), fs::copy_options::recursive);
    return temp.file(name);
}

TEST(ImportFaults, WhatIsNotAModelIsSaid) {
    const TempDir temp;
    const auto missing = import(optionsFor(temp.file("nowhere"), temp));
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code, ErrorCode::kNotFound);
    const auto empty = import(optionsFor(temp.path().string(), temp));
    ASSERT_FALSE(empty);
    EXPECT_THAT(empty.error().message, HasSubstr("config.json"));
    writeText(temp.file("text.gguf"), "hello");
    const auto text = import(optionsFor(temp.file("text.gguf"), temp));
    ASSERT_FALSE(text);
    EXPECT_THAT(text.error().message, HasSubstr("text.gguf"));
    EXPECT_TRUE(nothingLeft(temp));
}

TEST(ImportFaults, EachSpoiltFileIsNamed) {
    for (const char* file : {"config.json", "tokenizer.json", "tokenizer_config.json",
                             "model.safetensors.index.json", "model-00002-of-00002.safetensors"}) {
        const TempDir temp;
        const std::string folder = copyOf("llama-relu", temp);
        const std::string path = folder + "/" + file;
        fs::resize_file(path, fs::file_size(path) * 2 / 3);
        const auto manifest = import(optionsFor(folder, temp));
        ASSERT_FALSE(manifest) << file;
        EXPECT_EQ(manifest.error().code, ErrorCode::kInvalidFile);
        EXPECT_THAT(manifest.error().message, HasSubstr(file));
        EXPECT_TRUE(nothingLeft(temp));
    }
}

TEST(ImportFaults, ConfigThatTheTensorsDenyIsSaid) {
    const TempDir temp;
    const std::string folder = copyOf("llama-silu", temp);
    std::string config = readText(folder + "/config.json");
    const std::string width = "\"intermediate_size\": 96";
    ASSERT_NE(config.find(width), std::string::npos);
    config.replace(config.find(width), width.size(), "\"intermediate_size\": 97");
    writeText(folder + "/config.json", config);
    const auto manifest = import(optionsFor(folder, temp));
    ASSERT_FALSE(manifest);
    EXPECT_THAT(manifest.error().message, HasSubstr("shape"));
    EXPECT_THAT(manifest.error().message, HasSubstr("up_proj"));
}

TEST(ImportFaults, RowsThatDoNotFitBlocksAreRefusedByName) {
    const TempDir temp;
    ImportOptions options = optionsFor(kGolden + "opt", temp);
    options.dtype = Dtype::kQ6_K;
    const auto manifest = import(options);
    ASSERT_FALSE(manifest);
    EXPECT_THAT(manifest.error().message, HasSubstr("q6_k"));
}

TEST(ImportFaults, FullDiskIsSaidPlainly) {
    const TempDir temp;
    const int status = inChild([&] {
        limitFileSize(uint64_t{64} << 10);
        const auto manifest = import(optionsFor(kGolden + "opt", temp));
        return !manifest && manifest.error().code == ErrorCode::kNoSpace ? 0 : 1;
    });
    EXPECT_EQ(status, 0);
    EXPECT_TRUE(nothingLeft(temp));
}

TEST(ImportFaults, UnreadableFolderIsSaidPlainly) {
    const TempDir temp;
    const std::string folder = copyOf("opt", temp);
    ASSERT_EQ(chmod(temp.path().c_str(), 0755), 0);
    ASSERT_EQ(chmod(folder.c_str(), 0), 0);
    const int status = inChild([&] {
        if (!becomeNobody()) return 2;
        const auto info = inspectSource(folder);
        return !info && info.error().code == ErrorCode::kPermission ? 0 : 1;
    });
    EXPECT_EQ(status, 0);
    ASSERT_EQ(chmod(folder.c_str(), 0755), 0);
}

TEST(ImportFaults, KilledImportLeavesOnlyThePartialWhichTheNextClears) {
    const TempDir temp;
    const ImportOptions options = optionsFor(kGolden + "llama-silu", temp);
    const int status = inChild([&] {
        int told = 0;
        const ProgressSink sink = [&](const Progress&) {
            if (++told == 3) raise(SIGKILL);
        };
        (void)importModel(options, sink, StopFlag());
        return 0;
    });
    ASSERT_TRUE(WIFSIGNALED(status));
    EXPECT_FALSE(fs::exists(options.bundle_dir));
    EXPECT_TRUE(fs::exists(options.bundle_dir + ".partial"));
    const auto manifest = import(options);
    ASSERT_TRUE(manifest) << manifest.error().message;
    EXPECT_FALSE(fs::exists(options.bundle_dir + ".partial"));
    EXPECT_TRUE(Bundle::open(options.bundle_dir)->verify({}, StopFlag()));
}

TEST(ImportFaults, StopIsHeededInEveryPart) {
    for (int at = 1; at <= 3; ++at) {
        const TempDir temp;
        StopFlag stop;
        int told = 0;
        const ProgressSink sink = [&](const Progress&) {
            if (++told == at) stop.request();
        };
        const auto manifest = importModel(optionsFor(kGolden + "opt", temp), sink, stop);
        ASSERT_FALSE(manifest);
        EXPECT_EQ(manifest.error().code, ErrorCode::kCancelled);
        EXPECT_TRUE(nothingLeft(temp));
    }
}

}  // namespace
}  // namespace glowworm
