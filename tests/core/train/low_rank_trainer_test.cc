// SPDX-License-Identifier: Apache-2.0
// Training on planted truth: it learns what an SVD cannot see, obeys its pace, and stops.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "core/train/layer_rows.h"
#include "core/train/low_rank_trainer.h"
#include "core/train/stored_scores.h"
#include "core/engine/model_info.h"
#include "tests/support/temp_dir.h"
#include "tests/support/tiny_model.h"

namespace glowworm {
namespace {

constexpr uint32_t kTokens = 512;

class LowRankTrainer : public testing::Test {
  protected:
    void SetUp() override {
        TinyModelOptions options;
        options.activation = FfnActivation::kRelu;
        ASSERT_TRUE(writeTinyBundle(dir_.file("m"), options));
        OpenOptions open;
        open.bundle = dir_.file("m");
        open.threads = 1;
        open.context_tokens = 64;
        session_ = openModelSession(open, nullptr, stop_).value();
        std::mt19937 random(3);
        std::normal_distribution<float> normal;
        x_.resize(size_t{kTokens} * session_->config().hidden);
        std::ranges::generate(x_, [&] { return normal(random); });
        ASSERT_TRUE(readGateRows(*session_, LayerId(0), gate_));
        truth_ = LayerTruth::read(*session_, LayerId(0), 0, x_, kTokens).value();
        start_ = fitLowRank(gate_.data(), 96, 64, x_.data(), kTokens, 32, pool_);
    }
    [[nodiscard]] Result<LowRankFactors> train(TrainingOptions options) {
        return trainLowRank(start_, nullptr, 0, options, x_.data(), kTokens, 64, truth_, pool_,
                            stop_);
    }
    // Share of (token, neuron) pairs that a threshold of 0 tells rightly.
    [[nodiscard]] double right(const LowRankFactors& factors) {
        std::vector<float> scores;
        lowRankScores(factors, Dtype::kQ8_0, nullptr, x_.data(), kTokens, 64, scores, pool_);
        size_t right = 0;
        for (size_t t = 0; t < kTokens; ++t) {
            for (size_t n = 0; n < 96; ++n) {
                right += (scores[t * 96 + n] > 0) == (truth_.token(t)[n] != 0);
            }
        }
        return static_cast<double>(right) / (kTokens * 96.0);
    }

    TempDir dir_;
    StopFlag stop_;
    ThreadPool pool_{2};
    std::unique_ptr<ModelSession> session_;
    std::vector<float> x_, gate_;
    LayerTruth truth_;
    LowRankFactors start_;
};

TEST_F(LowRankTrainer, LearnsMoreThanTheSvdKnows) {
    const auto trained = train({});
    ASSERT_TRUE(trained);
    EXPECT_EQ(trained->rank, 32U);
    EXPECT_GT(right(*trained), right(start_) + 0.01);
}

TEST_F(LowRankTrainer, RepeatsBitForBit) {
    TrainingOptions options;
    options.epochs = 2;
    EXPECT_EQ(train(options)->expand, train(options)->expand);
}

TEST_F(LowRankTrainer, GoesAtTheGivenPace) {
    TrainingOptions options;
    int steps = 0;
    options.pace = [&](double) { return ++steps < 3 ? 0.5 : 1.0; };
    ASSERT_TRUE(train(options));
    EXPECT_EQ(steps, 3);
    stop_.request();
    EXPECT_EQ(train({}).error().code, ErrorCode::kCancelled);
}

TEST_F(LowRankTrainer, TheTruthIsWhatTheEngineComputes) {
    EXPECT_NEAR(truth_.zeroShare(), 0.5, 0.1);
    double power = 0;
    for (uint32_t n = 0; n < 96; ++n) {
        const auto share = static_cast<double>(LayerTruth::contribution(truth_.token(7)[n]));
        power += share * share;
    }
    EXPECT_NEAR(power, 1, 0.02);
    EXPECT_EQ(LayerTruth::contribution(0), 0);
    EXPECT_EQ(LayerTruth::contribution(255), 1);
}

}  // namespace
}  // namespace glowworm
