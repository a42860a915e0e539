// SPDX-License-Identifier: Apache-2.0
// Co-activation counts against counting by hand, the greedy path, and a bundle in a new order that
// says the same.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <numeric>
#include <random>

#include "core/bundle/bundle_reader.h"
#include "core/bundle/bundle_writer.h"
#include "core/engine/model_info.h"
#include "core/engine/model_session.h"
#include "core/train/calibration.h"
#include "core/train/neuron_order.h"
#include "core/train/reorder.h"
#include "core/train/train_predictors.h"
#include "tests/support/temp_dir.h"
#include "tests/support/tiny_model.h"

namespace glowworm {
namespace {

namespace fs = std::filesystem;

class NeuronOrder : public testing::Test {
  protected:
    void write(bool shuffled) {
        TinyModelOptions options;
        options.activation = FfnActivation::kRelu;
        options.shuffled_order = shuffled;
        auto manifest = writeTinyBundle(folder_, options);
        ASSERT_TRUE(manifest);
        CalibrationOptions calibration;
        calibration.text = text();
        const auto made = makePredictor(folder_, calibration, nullptr, stop_);
        ASSERT_TRUE(made) << made.error().message;
        manifest->predictors = {made->predictor};
        manifest->firing = made->firing;
        ASSERT_TRUE(writeManifest(folder_, *manifest));
    }
    static std::string text() {
        std::string text;
        for (int i = 0; i < 30; ++i) text += "the quick brown fox " + std::to_string(i * i);
        return text;
    }
    [[nodiscard]] std::unique_ptr<Session> open(uint64_t extra_bytes = 0) const {
        OpenOptions options;
        options.bundle = folder_;
        options.context_tokens = 64;
        options.threads = 1;
        if (extra_bytes > 0) {
            options.budget_bytes = inspectBundle(folder_, 64)->budget_bytes_min + extra_bytes;
        }
        return openSession(options, nullptr, stop_).value();
    }
    [[nodiscard]] std::vector<std::vector<float>> logits(bool exact) const {
        const auto session = open();
        const auto tokens = session->tokenize("a lazy dog by the 1234567890", false);
        Controls controls;
        return session->logits(tokens, exact, controls).value();
    }
    [[nodiscard]] std::string says() const {
        GenerateRequest request;
        request.raw_prompt = "the fox";
        request.sampling.temperature = 0;
        request.max_tokens = 24;
        request.ignore_end = true;
        Controls controls;
        return open(4096)->generate(request, {}, controls)->text;
    }
    [[nodiscard]] std::vector<std::vector<uint32_t>> someOrders() const {
        std::vector<std::vector<uint32_t>> orders(2, std::vector<uint32_t>(96));
        std::mt19937 random(5);
        for (auto& order : orders) {
            std::iota(order.begin(), order.end(), 0U);
            std::ranges::shuffle(order, random);
        }
        return orders;
    }
    Status reorder(const ProgressSink& progress = nullptr) {
        return reorderBundle(folder_, someOrders(), dir_.file("scratch"), progress, stop_);
    }

    TempDir dir_;
    std::string folder_ = dir_.file("model");
    StopFlag stop_;
};

TEST_F(NeuronOrder, FriendsAreThoseThatFireTogether) {
    write(false);
    OpenOptions options;
    options.bundle = folder_;
    options.context_tokens = 64;
    const auto session = openModelSession(options, nullptr, stop_).value();
    std::vector<float> x(size_t{200} * 64);
    std::mt19937 random(3);
    std::normal_distribution<float> normal;
    std::ranges::generate(x, [&] { return normal(random); });
    const LayerTruth truth = LayerTruth::read(*session, LayerId(1), 0, x, 200).value();
    const Coactivation c = Coactivation::count(truth, session->backend().pool());
    EXPECT_EQ(c.tokens(), 200U);
    const auto byHand = [&](uint32_t a, uint32_t b) {
        uint32_t sum = 0;
        for (size_t t = 0; t < 200; ++t) sum += truth.token(t)[a] != 0 && truth.token(t)[b] != 0;
        return sum;
    };
    for (const uint32_t a : {0U, 41U, 95U}) {
        EXPECT_EQ(c.fired(a), byHand(a, a));
        std::vector<uint32_t> counts;
        for (uint32_t b = 0; b < 96; ++b) {
            EXPECT_EQ(c.together(a, b), byHand(a, b));
            if (b != a) counts.push_back(byHand(a, b));
        }
        std::ranges::sort(counts, std::ranges::greater());
        ASSERT_EQ(c.friends(a).size(), Coactivation::kFriends);
        for (size_t i = 0; i < c.friends(a).size(); ++i) {
            EXPECT_EQ(c.friends(a)[i].together, counts[i]);
        }
    }
    std::vector<uint32_t> order = greedyOrder(c);
    double near = 0, anywhere = 0;
    std::vector<uint32_t> line(96);
    for (uint32_t n = 0; n < 96; ++n) line[order[n]] = n;
    for (uint32_t p = 1; p < 96; ++p) {
        near += c.together(line[p - 1], line[p]);
        anywhere += c.together(p - 1, p);
    }
    EXPECT_GT(near, anywhere * 1.1);
    std::ranges::sort(order);
    for (uint32_t p = 0; p < 96; ++p) EXPECT_EQ(order[p], p);  // a place each, none twice
}

TEST_F(NeuronOrder, AReorderedBundleSaysTheSame) {
    for (const bool shuffled : {false, true}) {
        folder_ = dir_.file(shuffled ? "shuffled" : "plain");
        write(shuffled);
        const auto sparse = logits(false), exact = logits(true);
        const std::string said = says();
        ASSERT_TRUE(reorder()) << "shuffled " << shuffled;
        EXPECT_TRUE(Bundle::open(folder_)->verify(nullptr, stop_));
        EXPECT_EQ(Bundle::open(folder_)->firingCounts()->ff_width, 96U);
        EXPECT_EQ(logits(false), sparse);  // bit for bit
        EXPECT_EQ(says(), said);
        const auto after = logits(true);  // dense sums follow the order on flash
        for (size_t i = 0; i < exact.size(); ++i) {
            for (size_t v = 0; v < exact[i].size(); ++v) {
                EXPECT_NEAR(after[i][v], exact[i][v], 1e-4);
            }
        }
        EXPECT_TRUE(fs::exists(dir_.file("scratch") + "/neurons.bin"));  // the old one
    }
}

TEST_F(NeuronOrder, AStopLeavesTheOldOrder) {
    write(false);
    const std::string hash = Bundle::open(folder_)->manifest().hash;
    size_t seen = 0;
    for (size_t at = 0; at < 4; ++at) {
        seen = 0;
        const Status status = reorder([&](const Progress&) {
            if (seen++ == at) stop_.request();
        });
        ASSERT_FALSE(status);
        EXPECT_EQ(status.error().code, ErrorCode::kCancelled);
        stop_.clear();
        EXPECT_EQ(Bundle::open(folder_)->manifest().hash, hash);
    }
    EXPECT_TRUE(reorder());
    EXPECT_NE(Bundle::open(folder_)->manifest().hash, hash);
}

TEST_F(NeuronOrder, ResidentRowsAreRefused) {
    TinyModelOptions options;
    options.resident_gate_up = true;
    ASSERT_TRUE(writeTinyBundle(folder_, options));
    EXPECT_EQ(reorder().error().code, ErrorCode::kUnsupported);
}

TEST_F(NeuronOrder, CalibrateOrdersToo) {
    write(false);
    const std::string hash = Bundle::open(folder_)->manifest().hash;
    TrainOptions options;
    options.text = text();
    options.threads = 1;
    options.minutes = 0.001;
    options.order = true;
    const auto report = trainPredictors(folder_, options, nullptr, stop_);
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_TRUE(report->ordered);
    EXPECT_FALSE(fs::exists(folder_ + ".calibration"));
    const auto bundle = Bundle::open(folder_);
    EXPECT_NE(bundle->manifest().hash, hash);
    EXPECT_TRUE(bundle->verify(nullptr, stop_));
    EXPECT_FALSE(says().empty());
}

}  // namespace
}  // namespace glowworm
