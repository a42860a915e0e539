// SPDX-License-Identifier: Apache-2.0
// Scores against plain arithmetic, thresholds, and what cannot be opened.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "core/bundle/bundle_reader.h"
#include "core/sparsity/open_predictor.h"
#include "core/sparsity/predictor_file.h"
#include "tests/support/temp_dir.h"
#include "tests/support/tiny_model.h"

namespace glowworm {
namespace {

using testing::HasSubstr;

constexpr uint32_t kRank = 32;

class PredictorTest : public testing::Test {
  protected:
    void open(const TinyModelOptions& options) {
        options_ = options;
        const std::string folder = dir_.file("model" + std::to_string(options.seed));
        ASSERT_TRUE(writeTinyBundle(folder, options));
        bundle_.emplace(Bundle::open(folder).value());
        memory_ = ReservedMemory::reserve(bundle_->manifest().resident_bytes).value();
        resident_ = bundle_->loadResident(memory_, 0, nullptr, StopFlag()).value();
        for (size_t i = 0; i < x_.size(); ++i) {
            x_[i] = static_cast<float>(std::cos(static_cast<double>(i)));
        }
    }
    [[nodiscard]] const ModelConfig& config() const { return bundle_->manifest().config; }
    [[nodiscard]] static std::vector<float> noise(const std::string& name, size_t rows,
                                                  size_t cols) {
        return tinyValues({.seed = 9}, name, rows, cols);
    }
    // The file of a low-rank predictor or of a sketch, all layers the same.
    [[nodiscard]] std::vector<std::byte> file(const std::string& kind, Dtype dtype) const {
        PredictorFileBuilder builder;
        const uint32_t width = config().ff_width, hidden = config().hidden;
        for (uint32_t l = 0; l < config().layers; ++l) {
            const auto add = [&](PredictorRole role, const char* name, size_t rows, size_t cols) {
                builder.add(LayerId(l), role, dtype, rows, cols, noise(name, rows, cols).data());
            };
            if (kind == "low-rank") {
                add(PredictorRole::kReduce, "reduce", kRank, hidden);
                add(PredictorRole::kExpand, "expand", width, kRank);
            } else {
                add(PredictorRole::kUpRows, "up", width, hidden);
                if (config().gated) add(PredictorRole::kGateRows, "gate", width, hidden);
            }
        }
        return builder.finish();
    }
    Result<std::unique_ptr<Predictor>> make(const std::string& kind, std::vector<std::byte> bytes,
                                            float threshold = 0) {
        PredictorEntry entry;
        entry.kind = kind;
        entry.file = "predictor-" + kind + ".bin";
        entry.layers.resize(config().layers);
        entry.layers[1].threshold = threshold;
        return openPredictor(bundle_->manifest(), entry, std::move(bytes), resident_);
    }
    std::vector<float> scores(Predictor& predictor) {
        std::vector<float> out(config().ff_width);
        std::vector<std::byte> scratch(InputRows::bytesNeeded(1, x_.size()));
        InputRows in{x_.data(), 1, x_.size(), scratch.data()};
        in.prepare(pool_);
        predictor.score(LayerId(1), in, 0, out.data(), pool_);
        return out;
    }
    static std::vector<double> times(const std::vector<float>& w, size_t rows,
                                     const std::vector<double>& x) {
        std::vector<double> y(rows);
        for (size_t r = 0; r < rows; ++r) {
            for (size_t i = 0; i < x.size(); ++i) {
                y[r] += static_cast<double>(w[r * x.size() + i]) * x[i];
            }
        }
        return y;
    }
    [[nodiscard]] std::vector<double> input() const { return {x_.begin(), x_.end()}; }

    TempDir dir_;
    TinyModelOptions options_;
    std::optional<Bundle> bundle_;
    ReservedMemory memory_;
    ResidentTensors resident_;
    ThreadPool pool_{2};
    std::vector<float> x_ = std::vector<float>(64);
};

TEST_F(PredictorTest, LowRankIsExpandTimesReducePlusBias) {
    for (const bool opt : {false, true}) {
        TinyModelOptions options;
        options.activation = FfnActivation::kRelu;
        if (opt) options.architecture = Architecture::kOpt;
        options.seed = opt ? 2 : 1;
        open(options);
        auto predictor = make("low-rank", file("low-rank", Dtype::kF32)).value();
        const auto found = scores(*predictor);
        auto expected = times(noise("expand", config().ff_width, kRank), config().ff_width,
                              times(noise("reduce", kRank, 64), kRank, input()));
        const auto bias = tinyValues(options_, "layers.1.up.bias", 1, config().ff_width);
        for (size_t n = 0; n < found.size(); ++n) {
            if (opt) expected[n] += static_cast<double>(bias[n]);
            EXPECT_NEAR(static_cast<double>(found[n]), expected[n], 1e-4);
        }
    }
}

TEST_F(PredictorTest, ASketchIsTheContributionOfItsCopy) {
    open({});
    auto predictor = make("sketch", file("sketch", Dtype::kF32)).value();
    const auto found = scores(*predictor);
    const uint32_t width = config().ff_width;
    const auto up = times(noise("up", width, 64), width, input());
    const auto gate = times(noise("gate", width, 64), width, input());
    const auto down = tinyValues(options_, "layers.1.down", width, 64);
    for (size_t n = 0; n < width; ++n) {
        double norm = 0;
        for (size_t i = 0; i < 64; ++i) norm += std::pow(static_cast<double>(down[n * 64 + i]), 2);
        const double act = gate[n] / (1 + std::exp(-gate[n]));
        EXPECT_NEAR(static_cast<double>(found[n]), std::abs(act * up[n]) * std::sqrt(norm), 1e-4);
    }
}

TEST_F(PredictorTest, FewBitsScoreNearlyTheSame) {
    open({});
    const auto exact = scores(*make("sketch", file("sketch", Dtype::kF32)).value());
    const auto coarse = scores(*make("sketch", file("sketch", Dtype::kQ4_0)).value());
    double difference = 0, total = 0;
    for (size_t n = 0; n < exact.size(); ++n) {
        difference += static_cast<double>(std::abs(exact[n] - coarse[n]));
        total += static_cast<double>(exact[n]);
    }
    EXPECT_LT(difference, 0.3 * total);
    EXPECT_GT(difference, 0);
}

TEST_F(PredictorTest, PredictNamesWhatExceedsTheThresholdInOrder) {
    open({});
    const auto bytes = file("sketch", Dtype::kF32);
    const auto all = scores(*make("sketch", bytes).value());
    const float line = all[17];
    auto predictor = make("sketch", bytes, line).value();
    EXPECT_EQ(predictor->threshold(LayerId(1)), line);
    EXPECT_EQ(predictor->threshold(LayerId(0)), 0.0F);
    InputRows in{x_.data(), 1, x_.size(), nullptr};
    ActiveSet active;
    predictor->predict(LayerId(1), in, 0, active, pool_);
    std::vector<NeuronId> expected;
    for (uint32_t n = 0; n < all.size(); ++n) {
        if (all[n] > line) expected.push_back(NeuronId(n));
    }
    EXPECT_EQ(active.neurons, expected);
    EXPECT_GT(expected.size(), 0U);
    EXPECT_LT(expected.size(), all.size());
}

TEST_F(PredictorTest, WhatCannotBeOpenedIsSaid) {
    open({});
    const auto unknown = make("oracle", {});
    ASSERT_FALSE(unknown);
    EXPECT_EQ(unknown.error().code, ErrorCode::kUnsupported);
    EXPECT_THAT(unknown.error().message, HasSubstr("'oracle'"));
    EXPECT_EQ(make("resident", {}).value(), nullptr);
    EXPECT_EQ(make("sketch", {}).error().code, ErrorCode::kInvalidFile);
    // Each in the other's place: no matrix of the role.
    EXPECT_FALSE(make("sketch", file("low-rank", Dtype::kF32)));
    EXPECT_FALSE(make("low-rank", file("sketch", Dtype::kF32)));
    // Factors that do not fit together.
    PredictorFileBuilder builder;
    const std::vector<float> zeros(96 * 64);
    builder.add(LayerId(0), PredictorRole::kReduce, Dtype::kF32, 16, 64, zeros.data());
    builder.add(LayerId(0), PredictorRole::kExpand, Dtype::kF32, 96, 32, zeros.data());
    const auto apart = make("low-rank", builder.finish());
    ASSERT_FALSE(apart);
    EXPECT_EQ(apart.error().code, ErrorCode::kInvalidFile);
}

}  // namespace
}  // namespace glowworm
