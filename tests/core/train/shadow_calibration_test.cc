// SPDX-License-Identifier: Apache-2.0
// Shadows from a short text: nearer to the exact model than dropping, the more bits the nearer.
#include "core/train/shadow_calibration.h"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "core/bundle/bundle_reader.h"
#include "core/bundle/bundle_writer.h"
#include "core/engine/model_info.h"
#include "core/engine/model_session.h"
#include "core/sparsity/shadow_predictor.h"
#include "tests/support/temp_dir.h"
#include "tests/support/tiny_model.h"

namespace glowworm {
namespace {

class ShadowCalibration : public testing::Test {
  protected:
    void write(const TinyModelOptions& options) {
        const auto manifest = writeTinyBundle(folder_, options);
        ASSERT_TRUE(manifest) << manifest.error().message;
        manifest_ = *manifest;
        for (int i = 0; i < 60; ++i) {
            options_.text += "the quick brown fox " + std::to_string(i * i);
        }
    }
    Result<std::vector<MadeShadow>> make(const std::vector<uint32_t>& bits) {
        return makeShadows(folder_, bits, options_, nullptr, stop_);
    }
    // Mean KL(exact || shadow) on another text; `approximates` false: the rest is dropped.
    double divergence(const std::string& kind, bool approximates) {
        OpenOptions open;
        open.bundle = folder_;
        open.predictor = kind;
        open.context_tokens = 64;
        open.threads = 1;
        auto session = openModelSession(open, nullptr, stop_).value();
        auto* shadow = dynamic_cast<ShadowPredictor*>(session->model().predictor.get());
        shadow->setApproximates(approximates);
        const auto tokens = session->tokenize("a lazy dog by the 1234567890", false);
        Controls controls;
        const auto exact = session->logits(tokens, true, controls).value();
        const auto sparse = session->logits(tokens, false, controls).value();
        double sum = 0;
        for (size_t i = 0; i < exact.size(); ++i) {
            const double p_sum = logSum(exact[i]), q_sum = logSum(sparse[i]);
            for (size_t v = 0; v < exact[i].size(); ++v) {
                const double log_p = static_cast<double>(exact[i][v]) - p_sum;
                const double log_q = static_cast<double>(sparse[i][v]) - q_sum;
                sum += std::exp(log_p) * (log_p - log_q);
            }
        }
        return sum / static_cast<double>(exact.size());
    }
    static double logSum(const std::vector<float>& logits) {
        double sum = 0;
        for (const float logit : logits) sum += std::exp(static_cast<double>(logit));
        return std::log(sum);
    }

    TempDir dir_;
    std::string folder_ = dir_.file("model");
    Manifest manifest_;
    ShadowOptions options_;
    StopFlag stop_;
};

TEST_F(ShadowCalibration, ApproximatingBeatsDroppingAndMoreBitsBeatFewer) {
    write({});
    const auto entries = make({2, 3, 4});
    ASSERT_TRUE(entries) << entries.error().message;
    ASSERT_EQ(entries->size(), 3U);
    for (const MadeShadow& made : *entries) manifest_.predictors.push_back(made.entry);
    ASSERT_TRUE(writeManifest(folder_, manifest_));
    for (const PredictorEntry& entry : manifest_.predictors) {
        EXPECT_EQ(std::filesystem::file_size(folder_ + "/" + entry.file), entry.bytes);
        ASSERT_EQ(entry.layers.size(), 2U);
        for (const LayerCalibration& layer : entry.layers) {
            EXPECT_NEAR(layer.active_share, 0.1F, 0.02F);
            EXPECT_GT(layer.recall, 0.4F);
            EXPECT_LT(layer.false_positive_rate, 0.07F);
            EXPECT_GT(layer.contribution_threshold, 0);
        }
    }
    EXPECT_LT((*entries)[0].entry.bytes, (*entries)[1].entry.bytes);
    EXPECT_GT((*entries)[0].lost_share, (*entries)[1].lost_share * 2);
    EXPECT_GT((*entries)[1].lost_share, (*entries)[2].lost_share * 2);
    EXPECT_GT((*entries)[2].lost_share, 0);
    const double dropped = divergence("shadow-4", false);
    const double two = divergence("shadow-2", true);
    const double three = divergence("shadow-3", true);
    const double four = divergence("shadow-4", true);
    EXPECT_LT(two, dropped);
    EXPECT_LT(three, two);
    EXPECT_LT(four, three);
    EXPECT_LT(four, dropped / 20);
}

TEST_F(ShadowCalibration, ABlockWithoutAGateHasOneToo) {
    TinyModelOptions options;
    options.architecture = Architecture::kFalcon;
    options.activation = FfnActivation::kGelu;
    write(options);
    const auto entries = make({4});
    ASSERT_TRUE(entries) << entries.error().message;
    for (const MadeShadow& made : *entries) manifest_.predictors.push_back(made.entry);
    ASSERT_TRUE(writeManifest(folder_, manifest_));
    EXPECT_LT(divergence("shadow", true), divergence("shadow", false) / 5);
}

TEST_F(ShadowCalibration, WhatCannotBeMadeIsSaid) {
    TinyModelOptions options;
    options.resident_gate_up = true;
    write(options);
    EXPECT_EQ(make({3}).error().code, ErrorCode::kUnsupported);
    EXPECT_EQ(make({5}).error().code, ErrorCode::kInvalidArgument);
    options_.text.clear();
    EXPECT_FALSE(make({3}));
}

TEST_F(ShadowCalibration, StopsWhenAsked) {
    write({});
    stop_.request();
    EXPECT_EQ(make({3}).error().code, ErrorCode::kCancelled);
    EXPECT_FALSE(std::filesystem::exists(folder_ + "/" + predictorFileName("shadow-3")));
}

}  // namespace
}  // namespace glowworm
