// SPDX-License-Identifier: Apache-2.0
// Opening a model: what can be wrong is said, the budget is a promise, a stop is heard.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "core/bundle/bundle_reader.h"
#include "core/engine/session.h"
#include "tests/support/damage.h"
#include "tests/support/temp_dir.h"
#include "tests/support/tiny_model.h"

namespace glowworm {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class OpenSession : public testing::Test {
  protected:
    void write(const TinyModelOptions& model) {
        const auto manifest = writeTinyBundle(options_.bundle, model);
        ASSERT_TRUE(manifest) << manifest.error().message;
    }
    void SetUp() override {
        options_.bundle = dir_.file("model");
        options_.context_tokens = 64;
        options_.threads = 2;
    }
    Result<std::unique_ptr<Session>> open(const ProgressSink& progress = nullptr) {
        return openSession(options_, progress, stop_);
    }
    ErrorCode errorOf() {
        const auto session = open();
        EXPECT_FALSE(session.has_value());
        if (session) return ErrorCode::kCancelled;
        message_ = session.error().message;
        return session.error().code;
    }

    TempDir dir_;
    OpenOptions options_;
    StopFlag stop_;
    std::string message_;
};

TEST_F(OpenSession, WhatIsMissingOrDamagedIsNamed) {
    EXPECT_EQ(errorOf(), ErrorCode::kNotFound);
    EXPECT_THAT(message_, HasSubstr(options_.bundle));
    write({});
    options_.predictor = "oracle";
    EXPECT_EQ(errorOf(), ErrorCode::kNotFound);
    EXPECT_THAT(message_, HasSubstr("'oracle'"));
    options_.predictor.clear();
    const std::string resident = options_.bundle + "/" + kResidentFile;
    flipBit(resident, 8 * 1000);
    EXPECT_EQ(errorOf(), ErrorCode::kInvalidFile);
    EXPECT_THAT(message_, HasSubstr(kResidentFile));
    flipBit(resident, 8 * 1000);
    EXPECT_TRUE(open());
}

TEST_F(OpenSession, AFileThatIsShortOrGoneIsAnError) {
    write({});
    for (const char* name : {kManifestFile, kResidentFile, kNeuronsFile, kTokenizerFile}) {
        const std::string path = options_.bundle + "/" + name;
        const std::string whole = readText(path);
        writeText(path, whole.substr(0, whole.size() / 2));
        EXPECT_FALSE(open()) << name << " cut in half";
        fs::remove(path);
        EXPECT_FALSE(open()) << name << " gone";
        writeText(path, whole);
    }
    EXPECT_TRUE(open());
}

TEST_F(OpenSession, TheSmallestBudgetWorksAndOneByteLessIsRefusedWithIt) {
    for (const bool resident : {false, true}) {
        options_.bundle = dir_.file(resident ? "resident" : "streamed");
        TinyModelOptions model;
        model.resident_gate_up = resident;
        write(model);
        options_.budget_bytes = 0;
        const uint64_t smallest = (*open())->info().budget_bytes_min;
        options_.budget_bytes = smallest - 1;
        EXPECT_EQ(errorOf(), ErrorCode::kBudget);
        EXPECT_THAT(message_, HasSubstr(std::to_string(smallest)));
        options_.budget_bytes = smallest;
        const auto session = open();
        ASSERT_TRUE(session) << session.error().message;
        EXPECT_EQ((*session)->info().budget_bytes_min, smallest);
        EXPECT_LE((*session)->memory().usedBytes(), smallest);
        EXPECT_EQ((*session)->memory().budget_bytes, smallest);
    }
}

TEST_F(OpenSession, TheContextIsPartOfTheBudget) {
    write({});
    options_.context_tokens = 16;
    const uint64_t little = (*open())->info().budget_bytes_min;
    options_.context_tokens = 4000;
    const auto session = open();
    EXPECT_EQ((*session)->info().context_tokens, 128U);  // what the model was trained for
    EXPECT_GT((*session)->info().budget_bytes_min, little);
    options_.budget_bytes = little;
    EXPECT_EQ(errorOf(), ErrorCode::kBudget);
}

TEST_F(OpenSession, LayoutsThatAreNotComputedAreRefused) {
    TinyModelOptions model;
    model.resident_gate_up = true;
    model.shuffled_order = true;
    write(model);
    EXPECT_EQ(errorOf(), ErrorCode::kUnsupported);
    EXPECT_THAT(message_, HasSubstr("import it again"));
}

TEST_F(OpenSession, AStopWhileLoadingIsHeard) {
    write({});
    int reports = 0;
    const auto count = [&](const Progress&) { ++reports; };
    ASSERT_TRUE(open(count));
    EXPECT_GT(reports, 0);
    for (int at = 1; at < reports; ++at) {
        int seen = 0;
        const auto session = open([&](const Progress&) {
            if (++seen == at) stop_.request();
        });
        ASSERT_FALSE(session);
        EXPECT_EQ(session.error().code, ErrorCode::kCancelled);
        stop_.clear();
    }
    stop_.request();
    EXPECT_EQ(errorOf(), ErrorCode::kCancelled);
}

TEST_F(OpenSession, InspectingSaysWhatOpeningSays) {
    write({});
    const auto seen = inspectBundle(options_.bundle, 64);
    ASSERT_TRUE(seen);
    options_.threads = 0;
    const auto session = open();
    const ModelInfo& info = (*session)->info();
    EXPECT_EQ(seen->name, "tiny");
    EXPECT_EQ(seen->budget_bytes_min, info.budget_bytes_min);
    EXPECT_EQ(seen->budget_bytes_max, info.budget_bytes_max);
    EXPECT_EQ(seen->bundle_bytes, info.bundle_bytes);
    EXPECT_EQ(seen->context_tokens, 64U);
    EXPECT_EQ(seen->context_max, 128U);
    EXPECT_EQ(seen->layers, 2U);
    EXPECT_EQ(seen->vocabulary, 272U);
    EXPECT_EQ(seen->active_share, 1.0);  // no predictor
    EXPECT_FALSE(info.reader.empty());
    EXPECT_EQ(inspectBundle(dir_.file("none"), 64).error().code, ErrorCode::kNotFound);
}

TEST_F(OpenSession, VerifyingReadsEveryByte) {
    write({});
    EXPECT_TRUE(verifyBundle(options_.bundle, nullptr, stop_));
    flipBit(options_.bundle + "/" + kNeuronsFile, 8 * 70'000);
    const Status damaged = verifyBundle(options_.bundle, nullptr, stop_);
    ASSERT_FALSE(damaged);
    EXPECT_EQ(damaged.error().code, ErrorCode::kInvalidFile);
    EXPECT_TRUE(open()) << "only what becomes resident is checked when a model is opened";
    stop_.request();
    EXPECT_EQ(verifyBundle(options_.bundle, nullptr, stop_).error().code, ErrorCode::kCancelled);
    EXPECT_FALSE(verifyBundle(dir_.file("none"), nullptr, stop_));
}

}  // namespace
}  // namespace glowworm
