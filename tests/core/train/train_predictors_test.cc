// SPDX-License-Identifier: Apache-2.0
// `calibrate` from end to end on a tiny model: a better predictor, taken up again after a stop, and
// a bundle that is whole at every moment.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "core/bundle/bundle_reader.h"
#include "core/bundle/bundle_writer.h"
#include "core/engine/session.h"
#include "core/train/calibration.h"
#include "core/train/train_predictors.h"
#include "tests/support/temp_dir.h"
#include "tests/support/tiny_model.h"

namespace glowworm {
namespace {

namespace fs = std::filesystem;

std::string someText(int sentences) {
    std::string text;
    for (int i = 0; i < sentences; ++i) {
        text += "the quick brown fox " + std::to_string(i * i * 7919 % 10007) + " jumps.\n";
    }
    return text;
}

class TrainPredictors : public testing::Test {
  protected:
    void write(const TinyModelOptions& options) {
        auto manifest = writeTinyBundle(folder_, options);
        ASSERT_TRUE(manifest) << manifest.error().message;
        CalibrationOptions calibration;
        calibration.text = someText(20);
        auto made = makePredictor(folder_, calibration, nullptr, stop_);
        ASSERT_TRUE(made) << made.error().message;
        manifest->predictors = {made->predictor};
        manifest->firing = made->firing;
        ASSERT_TRUE(writeManifest(folder_, *manifest));
        options_.text = someText(40);
        options_.tokens_max = 400;
    }
    void writeRelu() {
        TinyModelOptions options;
        options.activation = FfnActivation::kRelu;
        options.ff_width = 128;
        write(options);
    }
    Result<TrainReport> train(const ProgressSink& progress = nullptr) {
        return trainPredictors(folder_, options_, progress, stop_);
    }
    [[nodiscard]] std::string manifestText() const {
        std::ifstream file(fs::path(folder_) / kManifestFile);
        return {std::istreambuf_iterator<char>(file), {}};
    }
    void expectWhole() {
        const auto bundle = Bundle::open(folder_);
        ASSERT_TRUE(bundle) << bundle.error().message;
        EXPECT_TRUE(bundle->verify(nullptr, StopFlag()));
    }

    TempDir dir_;
    std::string folder_ = dir_.file("model");
    std::string job_ = folder_ + ".calibration";
    TrainOptions options_;
    StopFlag stop_;
};

TEST_F(TrainPredictors, AReluModelGetsABetterPredictorOfNoMoreBytes) {
    writeRelu();
    const Manifest before = Bundle::open(folder_)->manifest();
    const auto report = train();
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(report->kind, "low-rank");
    EXPECT_EQ(report->tokens, 400U);
    ASSERT_EQ(report->layers.size(), 2U);
    EXPECT_LE(report->after.bytes, report->before.bytes);
    for (const TrainedLayer& layer : report->layers) {
        EXPECT_NEAR(layer.recall, 0.95, 0.02);
        EXPECT_LE(layer.false_positives, layer.false_positives_before);
        EXPECT_NEAR(layer.zero_share, 0.5, 0.15);
    }
    EXPECT_GT(report->perplexity_exact, 1);
    const Manifest after = Bundle::open(folder_)->manifest();
    EXPECT_NE(after.predictors[0].file, before.predictors[0].file);
    EXPECT_FALSE(fs::exists(fs::path(folder_) / before.predictors[0].file));
    EXPECT_FALSE(fs::exists(job_));
    EXPECT_EQ(after.hash, before.hash);
    EXPECT_EQ(Bundle::open(folder_)->firingCounts()->tokens, 400U);
    expectWhole();
    ASSERT_TRUE(train()) << "a second time, over a file named by its checksum";
    expectWhole();
}

TEST_F(TrainPredictors, OtherModelsGetNewLinesForWhatTheyHave) {
    write({});
    const auto report = train();
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(report->kind, "sketch");
    EXPECT_EQ(report->layers.size(), 2U);
    expectWhole();
}

TEST_F(TrainPredictors, AGivenRankIsThatOfEveryLayer) {
    writeRelu();
    options_.rank = 64;
    options_.minutes = 0.001;  // training is cut short, not left out
    const auto report = train();
    ASSERT_TRUE(report) << report.error().message;
    for (const TrainedLayer& layer : report->layers) {
        EXPECT_EQ(layer.rank, 64U);
        EXPECT_EQ(layer.dtype, "q8_0");
    }
}

TEST_F(TrainPredictors, AStoppedRunChangesNothingAndIsTakenUpAgain) {
    writeRelu();
    const std::string before = manifestText();
    const auto stopAt = [&](double fraction) {
        return [this, fraction](const Progress& p) {
            if (p.fraction >= fraction) stop_.request();
        };
    };
    for (const double fraction : {0.0, 0.1, 0.36, 0.5, 0.7}) {
        const auto report = train(stopAt(fraction));
        ASSERT_FALSE(report);
        EXPECT_EQ(report.error().code, ErrorCode::kCancelled) << report.error().message;
        EXPECT_EQ(manifestText(), before);
        expectWhole();
        stop_.clear();
    }
    EXPECT_TRUE(fs::exists(job_ + "/layer-0000.json"));
    const auto report = train();
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_TRUE(report->resumed);
    expectWhole();
}

TEST_F(TrainPredictors, AKilledRunEndsWhereAnUnbrokenOneDoes) {
    writeRelu();
    fs::copy(folder_, dir_.file("other"));
    options_.threads = 1;
    const pid_t child = ::fork();
    if (child == 0) {
        (void)train([](const Progress& p) {
            if (p.fraction > 0.65) ::raise(SIGKILL);
        });
        ::_exit(0);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status));
    expectWhole();
    const auto resumed = train();
    ASSERT_TRUE(resumed) << resumed.error().message;
    EXPECT_TRUE(resumed->resumed);
    const auto unbroken = trainPredictors(dir_.file("other"), options_, nullptr, stop_);
    ASSERT_TRUE(unbroken);
    EXPECT_FALSE(unbroken->resumed);
    EXPECT_EQ(Bundle::open(folder_)->manifest().predictors[0].checksum,
              Bundle::open(dir_.file("other"))->manifest().predictors[0].checksum);
}

TEST_F(TrainPredictors, OtherOptionsBeginAnew) {
    writeRelu();
    ASSERT_FALSE(train([this](const Progress& p) {
        if (p.fraction > 0.6) stop_.request();
    }));
    stop_.clear();
    options_.recall = 0.9;
    const auto report = train();
    ASSERT_TRUE(report);
    EXPECT_FALSE(report->resumed);
}

TEST_F(TrainPredictors, WhatIsNoTextIsRefusedPlainly) {
    writeRelu();
    const std::string before = manifestText();
    for (const std::string& text : {std::string(), std::string("short"), std::string("a\0b", 3),
                                    std::string("\xFF\xFE binary")}) {
        options_.text = text;
        const auto report = train();
        ASSERT_FALSE(report);
        EXPECT_EQ(report.error().code, ErrorCode::kInvalidArgument) << report.error().message;
        EXPECT_NE(report.error().message.find("calibration text"), std::string::npos)
            << report.error().message;
    }
    EXPECT_EQ(manifestText(), before);
    EXPECT_FALSE(trainPredictors(dir_.file("none"), options_, nullptr, stop_));
}

TEST_F(TrainPredictors, AFolderThatCannotBeWrittenIsSaidAtOnce) {
    writeRelu();
    const pid_t child = ::fork();
    if (child == 0) {
        if (::geteuid() == 0 && ::setuid(65534) != 0) ::_exit(9);
        const auto report = train();
        ::_exit(!report && report.error().code == ErrorCode::kPermission ? 0 : 1);
    }
    fs::permissions(folder_, fs::perms::group_all | fs::perms::owner_all, fs::perm_options::remove);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    fs::permissions(folder_, fs::perms::owner_all);
    EXPECT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST_F(TrainPredictors, TwoAtOnceAreRefused) {
    writeRelu();
    bool told = false;
    const auto report = train([&](const Progress& p) {
        if (told || p.fraction < 0.1) return;
        told = true;
        const auto second = trainPredictors(folder_, options_, nullptr, stop_);
        ASSERT_FALSE(second);
        EXPECT_NE(second.error().message.find("another program"), std::string::npos);
    });
    EXPECT_TRUE(report) << report.error().message;
    EXPECT_TRUE(told);
}

}  // namespace
}  // namespace glowworm
