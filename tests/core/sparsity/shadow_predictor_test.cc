// SPDX-License-Identifier: Apache-2.0
// Scores and approximations against plain arithmetic, with matrices in F32.
#include "core/sparsity/shadow_predictor.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "core/bundle/bundle_reader.h"
#include "core/sparsity/open_predictor.h"
#include "tests/support/temp_dir.h"
#include "tests/support/tiny_model.h"

namespace glowworm {
namespace {

class ShadowPredictorTest : public testing::Test {
  protected:
    void SetUp() override {
        const std::string folder = dir_.file("model");
        ASSERT_TRUE(writeTinyBundle(folder, {}));
        bundle_.emplace(Bundle::open(folder).value());
        memory_ = ReservedMemory::reserve(bundle_->manifest().resident_bytes).value();
        resident_ = bundle_->loadResident(memory_, 0, nullptr, StopFlag()).value();
        for (size_t i = 0; i < x_.size(); ++i) {
            x_[i] = static_cast<float>(std::cos(static_cast<double>(i)));
        }
    }
    [[nodiscard]] uint32_t width() const { return bundle_->manifest().config.ff_width; }
    [[nodiscard]] uint32_t hidden() const { return bundle_->manifest().config.hidden; }
    [[nodiscard]] static std::vector<float> noise(const std::string& name, size_t rows,
                                                  size_t cols) {
        return tinyValues({.seed = 9}, name, rows, cols);
    }
    [[nodiscard]] std::vector<std::byte> file(bool with_down) const {
        PredictorFileBuilder builder;
        std::vector<float> lines(kScoreLines);
        for (uint32_t i = 0; i < kScoreLines; ++i) lines[i] = static_cast<float>(kScoreLines - i);
        for (uint32_t l = 0; l < 2; ++l) {
            const auto add = [&](PredictorRole role, const std::string& name, size_t rows,
                                 size_t cols) {
                builder.add(LayerId(l), role, Dtype::kF32, rows, cols,
                            noise(name + std::to_string(l), rows, cols).data());
            };
            add(PredictorRole::kUpRows, "up", width(), hidden());
            add(PredictorRole::kGateRows, "gate", width(), hidden());
            if (with_down) add(PredictorRole::kDownRows, "down", hidden(), width());
            builder.add(LayerId(l), PredictorRole::kScoreLines, Dtype::kF32, 1, kScoreLines,
                        lines.data());
        }
        return builder.finish();
    }
    Result<std::unique_ptr<Predictor>> make(std::vector<std::byte> bytes) {
        PredictorEntry entry;
        entry.kind = "shadow-3";
        entry.file = "predictor-shadow-3.bin";
        entry.layers.resize(2);
        return openPredictor(bundle_->manifest(), entry, std::move(bytes), resident_);
    }
    std::vector<float> scores(Predictor& predictor, uint32_t layer) {
        std::vector<float> out(width());
        InputRows in{x_.data(), 1, x_.size(), nullptr};
        predictor.score(LayerId(layer), in, 0, out.data(), pool_);
        return out;
    }
    std::vector<float> rest(Predictor& predictor, uint32_t layer,
                            const std::vector<NeuronId>& active) {
        std::vector<float> y(hidden());
        predictor.approximate(LayerId(layer), active, y.data(), pool_);
        return y;
    }
    [[nodiscard]] double dotX(const std::vector<float>& w, size_t row) const {
        double sum = 0;
        for (size_t i = 0; i < x_.size(); ++i) {
            sum += static_cast<double>(w[row * x_.size() + i]) * static_cast<double>(x_[i]);
        }
        return sum;
    }
    // act(gate . x) * (up . x) of each neuron.
    [[nodiscard]] std::vector<double> activations(uint32_t layer) const {
        const auto gate = noise("gate" + std::to_string(layer), width(), hidden());
        const auto up = noise("up" + std::to_string(layer), width(), hidden());
        std::vector<double> out(width());
        for (size_t n = 0; n < out.size(); ++n) {
            const double g = dotX(gate, n);
            out[n] = g / (1 + std::exp(-g)) * dotX(up, n);
        }
        return out;
    }
    void expectRest(uint32_t layer, const std::vector<NeuronId>& active,
                    const std::vector<float>& y) const {
        std::vector<double> values = activations(layer);
        for (const NeuronId neuron : active) values[neuron.value()] = 0;
        const auto down = noise("down" + std::to_string(layer), hidden(), width());
        for (size_t h = 0; h < y.size(); ++h) {
            double want = 0;
            for (size_t n = 0; n < values.size(); ++n) {
                want += static_cast<double>(down[h * values.size() + n]) * values[n];
            }
            EXPECT_NEAR(static_cast<double>(y[h]), want, 1e-5);
        }
    }

    TempDir dir_;
    std::optional<Bundle> bundle_;
    ReservedMemory memory_;
    ResidentTensors resident_;
    ThreadPool pool_{2};
    std::vector<float> x_ = std::vector<float>(64);
};

TEST_F(ShadowPredictorTest, ScoresAreContributionsAndTheRestIsAProduct) {
    auto predictor = make(file(true)).value();
    EXPECT_STREQ(predictor->kind(), "shadow-3");
    const auto found = scores(*predictor, 1);
    const auto want = activations(1);
    const auto norms = resident_.vector("layers.1.down_norm", width()).value();
    for (size_t n = 0; n < found.size(); ++n) {
        EXPECT_NEAR(static_cast<double>(found[n]),
                    std::abs(want[n]) * static_cast<double>(norms[n]), 1e-5);
    }
    const std::vector<NeuronId> active = {NeuronId(0), NeuronId(5), NeuronId(95)};
    expectRest(1, active, rest(*predictor, 1, active));
}

TEST_F(ShadowPredictorTest, TheNextLayerMayBeLookedAtFirst) {
    auto predictor = make(file(true)).value();
    scores(*predictor, 0);
    scores(*predictor, 1);
    expectRest(0, {}, rest(*predictor, 0, {}));
    expectRest(1, {NeuronId(7)}, rest(*predictor, 1, {NeuronId(7)}));
}

TEST_F(ShadowPredictorTest, WhereAllAreReadOrAllDroppedNothingIsAdded) {
    auto predictor = make(file(true)).value();
    std::vector<NeuronId> all;
    for (uint32_t n = 0; n < width(); ++n) all.push_back(NeuronId(n));
    scores(*predictor, 0);
    EXPECT_EQ(rest(*predictor, 0, all), std::vector<float>(hidden()));
    dynamic_cast<ShadowPredictor&>(*predictor).setApproximates(false);
    scores(*predictor, 0);
    EXPECT_EQ(rest(*predictor, 0, {}), std::vector<float>(hidden()));
}

TEST_F(ShadowPredictorTest, ThresholdsFollowTheShareWanted) {
    auto predictor = make(file(true)).value();
    auto& shadow = dynamic_cast<ShadowPredictor&>(*predictor);
    const auto lineAt = [&](double share) {
        shadow.setReadShare(share);
        return shadow.threshold(LayerId(1));
    };
    EXPECT_EQ(lineAt(0), std::numeric_limits<float>::max());
    EXPECT_EQ(lineAt(1), std::numeric_limits<float>::lowest());
    EXPECT_EQ(lineAt(1.0 / kScoreLines), 128);
    EXPECT_EQ(lineAt(0.5), 65);
    EXPECT_NEAR(lineAt(64.5 / kScoreLines), 64.5F, 1e-3F);
}

TEST_F(ShadowPredictorTest, AFileThatLacksAMatrixIsRefused) {
    EXPECT_EQ(make(file(false)).error().code, ErrorCode::kInvalidFile);
    EXPECT_EQ(make({}).error().code, ErrorCode::kInvalidFile);
}

}  // namespace
}  // namespace glowworm
