// SPDX-License-Identifier: Apache-2.0
// A predictor from a short text: of the right kind, good enough, and stopped when asked.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "core/bundle/bundle_reader.h"
#include "core/bundle/bundle_writer.h"
#include "core/engine/session.h"
#include "core/train/calibration.h"
#include "core/train/recorder.h"
#include "tests/support/temp_dir.h"
#include "tests/support/tiny_model.h"

namespace glowworm {
namespace {

namespace fs = std::filesystem;

std::string someText() {
    std::string text;
    for (int i = 0; i < 60; ++i) text += "the quick brown fox " + std::to_string(i * i);
    return text;
}

class Calibration : public testing::Test {
  protected:
    void write(const TinyModelOptions& options) {
        const auto manifest = writeTinyBundle(folder_, options);
        ASSERT_TRUE(manifest) << manifest.error().message;
        manifest_ = *manifest;
        calibration_.text = someText();
    }
    Result<PredictorEntry> make(const ProgressSink& progress = nullptr) {
        auto made = makePredictor(folder_, calibration_, progress, stop_);
        if (!made) return std::unexpected(made.error());
        manifest_.firing = made->firing;
        return made->predictor;
    }
    // Mean of KL(exact || sparse) over the positions of another text.
    double divergence(const PredictorEntry& entry) {
        manifest_.predictors = {entry};
        EXPECT_TRUE(writeManifest(folder_, manifest_));
        OpenOptions options;
        options.bundle = folder_;
        options.context_tokens = 64;
        options.threads = 1;
        auto session = openSession(options, nullptr, stop_).value();
        EXPECT_EQ(session->info().predictor, entry.kind);
        const auto tokens = session->tokenize("a lazy dog by the 1234567890", false);
        Controls controls;
        const auto exact = session->logits(tokens, true, controls).value();
        const auto sparse = session->logits(tokens, false, controls).value();
        double sum = 0;
        for (size_t i = 0; i < exact.size(); ++i) sum += klDivergence(exact[i], sparse[i]);
        return sum / static_cast<double>(exact.size());
    }
    static double logSum(const std::vector<float>& logits) {
        double sum = 0;
        for (const float logit : logits) sum += std::exp(static_cast<double>(logit));
        return std::log(sum);
    }
    static double klDivergence(const std::vector<float>& p, const std::vector<float>& q) {
        const double p_sum = logSum(p), q_sum = logSum(q);
        double kl = 0;
        for (size_t i = 0; i < p.size(); ++i) {
            const double log_p = static_cast<double>(p[i]) - p_sum;
            kl += std::exp(log_p) * (log_p - (static_cast<double>(q[i]) - q_sum));
        }
        return kl;
    }

    TempDir dir_;
    std::string folder_ = dir_.file("model");
    Manifest manifest_;
    CalibrationOptions calibration_;
    StopFlag stop_;
};

TEST_F(Calibration, AReluModelGetsALowRankPredictor) {
    TinyModelOptions options;
    options.activation = FfnActivation::kRelu;
    write(options);
    const auto entry = make();
    ASSERT_TRUE(entry) << entry.error().message;
    EXPECT_EQ(entry->kind, "low-rank");
    EXPECT_TRUE(fs::exists(fs::path(folder_) / entry->file));
    EXPECT_EQ(fs::file_size(fs::path(folder_) / entry->file), entry->bytes);
    ASSERT_EQ(entry->layers.size(), 2U);
    for (const LayerCalibration& layer : entry->layers) {
        EXPECT_NEAR(layer.zero_share, 0.5F, 0.15F);  // of random rows half fires
        EXPECT_GT(layer.recall, 0.9F);
        EXPECT_GT(layer.active_share, 0.3F);
        EXPECT_LT(layer.active_share, 1.0F);
        EXPECT_EQ(layer.contribution_threshold, 0);
    }
    EXPECT_LT(divergence(*entry), 0.02);
}

TEST_F(Calibration, ASiluModelGetsASketch) {
    write({});
    const auto entry = make();
    ASSERT_TRUE(entry) << entry.error().message;
    EXPECT_EQ(entry->kind, "sketch");
    for (const LayerCalibration& layer : entry->layers) {
        EXPECT_EQ(layer.zero_share, 0);
        EXPECT_GT(layer.recall, 0.8F);
        EXPECT_LT(layer.active_share, 0.95F);
        EXPECT_GT(layer.contribution_threshold, 0);
    }
    EXPECT_LT(divergence(*entry), 0.02);
}

TEST_F(Calibration, ResidentRowsNeedNoFile) {
    TinyModelOptions options;
    options.resident_gate_up = true;
    write(options);
    const auto entry = make();
    ASSERT_TRUE(entry) << entry.error().message;
    EXPECT_EQ(entry->kind, "resident");
    EXPECT_TRUE(entry->file.empty());
    for (const LayerCalibration& layer : entry->layers) {
        EXPECT_EQ(layer.recall, 1);
        EXPECT_LT(layer.active_share, 0.95F);
    }
    EXPECT_LT(divergence(*entry), 0.02);
}

TEST_F(Calibration, CountsHowOftenEachNeuronFires) {
    TinyModelOptions options;
    options.activation = FfnActivation::kRelu;
    write(options);
    const auto entry = make();
    ASSERT_TRUE(entry);
    manifest_.predictors = {*entry};
    ASSERT_TRUE(writeManifest(folder_, manifest_));
    const auto bundle = Bundle::open(folder_);
    ASSERT_TRUE(bundle) << bundle.error().message;
    const auto counts = bundle->firingCounts();
    ASSERT_TRUE(counts) << counts.error().message;
    EXPECT_TRUE(bundle->verify(nullptr, stop_));
    for (uint32_t l = 0; l < counts->layers; ++l) {
        const auto hottest = counts->hottest(LayerId(l));
        const auto of_layer = counts->layer(LayerId(l));
        double fired = 0;
        for (size_t i = 0; i < hottest.size(); ++i) {
            const uint32_t count = of_layer[hottest[i].value()];
            EXPECT_LE(count, of_layer[hottest[i == 0 ? 0 : i - 1].value()]);
            fired += count;
        }
        const double share = fired / (static_cast<double>(counts->tokens) * counts->ff_width);
        EXPECT_NEAR(share, 1 - static_cast<double>(entry->layers[l].zero_share), 1e-5);
    }
}

TEST_F(Calibration, LosingNothingIsExact) {
    TinyModelOptions options;
    options.activation = FfnActivation::kRelu;
    write(options);
    calibration_.loss_share_relu = 0;
    const auto entry = make();
    ASSERT_TRUE(entry);
    for (const LayerCalibration& layer : entry->layers) EXPECT_EQ(layer.recall, 1);
    EXPECT_LT(divergence(*entry), 0.002);
}

TEST_F(Calibration, OddShapesGetAPredictorThatOpens) {
    TinyModelOptions options;
    options.architecture = Architecture::kOpt;
    options.activation = FfnActivation::kRelu;
    for (const uint32_t hidden : {16U, 40U}) {
        options.hidden = hidden;
        folder_ = dir_.file("hidden" + std::to_string(hidden));
        write(options);
        const auto entry = make();
        ASSERT_TRUE(entry) << entry.error().message;
        EXPECT_LT(divergence(*entry), 0.05);
    }
}

TEST_F(Calibration, MoreThreadsThanCoresAndFewTokensAreFine) {
    write({});
    calibration_.threads = 7;
    calibration_.tokens_max = 5;
    EXPECT_TRUE(make());
}

TEST_F(Calibration, AnEmptyTextIsRefused) {
    write({});
    calibration_.text.clear();
    const auto entry = make();
    ASSERT_FALSE(entry);
    EXPECT_EQ(entry.error().code, ErrorCode::kInvalidArgument);
    EXPECT_FALSE(makePredictor(dir_.file("none"), calibration_, nullptr, stop_));
}

TEST_F(Calibration, StopsAtEachStageAndLeavesNoFile) {
    write({});
    calibration_.tokens_max = 100;
    std::vector<double> fractions;
    ASSERT_TRUE(make([&](const Progress& progress) { fractions.push_back(progress.fraction); }));
    EXPECT_TRUE(std::ranges::is_sorted(fractions));
    ASSERT_GE(fractions.size(), 3U);
    fs::remove(fs::path(folder_) / predictorFileName("sketch"));
    for (size_t stage = 0; stage < fractions.size(); ++stage) {
        size_t seen = 0;
        const auto entry = make([&](const Progress&) {
            if (seen++ == stage) stop_.request();
        });
        ASSERT_FALSE(entry) << "stopped at " << fractions[stage];
        EXPECT_EQ(entry.error().code, ErrorCode::kCancelled);
        EXPECT_FALSE(fs::exists(fs::path(folder_) / predictorFileName("sketch")));
        stop_.clear();
    }
    stop_.request();
    EXPECT_EQ(make().error().code, ErrorCode::kCancelled);
}

TEST(InputRecorder, KeepsTheFirstTokensOfEveryLayer) {
    ModelConfig config;
    config.layers = 2;
    config.hidden = 2;
    InputRecorder recorder(config, 3);
    const std::vector<float> x = {1, 2, 3, 4};
    recorder.input(LayerId(0), x.data(), 2);
    EXPECT_EQ(recorder.tokens(), 0U);
    recorder.input(LayerId(1), x.data(), 2);
    EXPECT_EQ(recorder.tokens(), 2U);
    recorder.input(LayerId(0), x.data(), 2);
    recorder.input(LayerId(1), x.data() + 2, 1);
    EXPECT_EQ(recorder.tokens(), 3U);  // no more than it was made for
    std::vector<float> out;
    recorder.decode(LayerId(0), out);
    EXPECT_EQ(out, (std::vector<float>{1, 2, 3, 4, 1, 2}));
    recorder.decode(LayerId(1), out);
    EXPECT_EQ(out, (std::vector<float>{1, 2, 3, 4, 3, 4}));
    EXPECT_EQ(InputRecorder::bytesNeeded(config, 3), 2U * 3 * 2 * 2);
}

}  // namespace
}  // namespace glowworm
