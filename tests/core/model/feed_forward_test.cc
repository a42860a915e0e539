// SPDX-License-Identifier: Apache-2.0
// Sparse with every neuron, dense, and plain arithmetic agree; errors stay errors.
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "core/bundle/tensor_list.h"
#include "tests/support/model_parts.h"

namespace glowworm {
namespace {

constexpr LayerId kLayer(0);

std::vector<float> someInput(size_t tokens, size_t hidden) {
    std::vector<float> x(tokens * hidden);
    for (size_t i = 0; i < x.size(); ++i) {
        x[i] = static_cast<float>(std::sin(static_cast<double>(i) * 0.7));
    }
    return x;
}

double activation(FfnActivation kind, double value) {
    if (kind == FfnActivation::kRelu) return std::max(value, 0.0);
    return value / (1 + std::exp(-value));
}

// The block in double precision, from the values the tiny model was made of.
std::vector<double> plainBlock(const TinyModelOptions& o, const ModelConfig& c, const float* x) {
    const auto matrix = [&](const char* part) {
        return tinyValues(o, layerTensorName(0, part), c.ff_width, c.hidden);
    };
    const auto up = matrix("up"), gate = matrix("gate"), down = matrix("down");
    const auto up_bias = tinyValues(o, layerTensorName(0, "up.bias"), 1, c.ff_width);
    const auto down_bias = tinyValues(o, layerTensorName(0, "down.bias"), 1, c.hidden);
    const auto dot = [&](const std::vector<float>& w, uint32_t n) {
        double sum = 0;
        for (uint32_t i = 0; i < c.hidden; ++i) {
            sum += static_cast<double>(w[n * c.hidden + i]) * static_cast<double>(x[i]);
        }
        return sum;
    };
    std::vector<double> y(c.hidden);
    for (uint32_t n = 0; n < c.ff_width; ++n) {
        double value = dot(up, n) + (c.ffn_bias ? static_cast<double>(up_bias[n]) : 0);
        value = c.gated ? activation(c.activation, dot(gate, n)) * value
                        : activation(c.activation, value);
        for (uint32_t i = 0; i < c.hidden; ++i) {
            y[i] += value * static_cast<double>(down[n * c.hidden + i]);
        }
    }
    for (uint32_t i = 0; c.ffn_bias && i < c.hidden; ++i) y[i] += static_cast<double>(down_bias[i]);
    return y;
}

Status runDense(ModelParts& parts, const std::vector<float>& x, size_t tokens,
                std::vector<float>& y, uint32_t keep = 0) {
    y.resize(x.size());
    InputRows in{x.data(), tokens, parts.config.hidden, parts.activations.quantised_chunk.data()};
    parts.backend->prepare(in);
    parts.store->beginToken();
    RETURN_IF_ERROR(parts.stream.begin(1));
    Status status = parts.feed_forward.dense(kLayer, in, keep, y.data(), parts.stats, parts.stop);
    parts.stream.end();
    return status;
}

Status runSparse(ModelParts& parts, const float* x, std::vector<float>& y, bool exact = true) {
    y.resize(parts.config.hidden);
    InputRows in{x, 1, parts.config.hidden, parts.activations.quantised_chunk.data()};
    parts.backend->prepare(in);
    parts.store->beginToken();
    return parts.feed_forward.sparse(kLayer, in, exact, y.data(), parts.stats, parts.stop);
}

class FeedForwardTest : public testing::TestWithParam<TinyModelOptions> {};

TEST_P(FeedForwardTest, SparseWithAllNeuronsIsDenseIsPlainArithmetic) {
    PartsOptions options;
    options.model = GetParam();
    ModelParts parts(options);
    const size_t hidden = parts.config.hidden;
    const auto x = someInput(3, hidden);
    std::vector<float> dense, sparse;
    ASSERT_TRUE(runDense(parts, x, 3, dense));
    for (size_t t = 0; t < 3; ++t) {
        ASSERT_TRUE(runSparse(parts, x.data() + t * hidden, sparse));
        const auto plain = plainBlock(options.model, parts.config, x.data() + t * hidden);
        for (size_t i = 0; i < hidden; ++i) {
            EXPECT_NEAR(static_cast<double>(sparse[i]), plain[i], 1e-4);
            EXPECT_NEAR(dense[t * hidden + i], sparse[i], 1e-5F);
        }
    }
}

TEST_P(FeedForwardTest, FewSlotsGiveTheSameBits) {
    PartsOptions options;
    options.model = GetParam();
    ModelParts rich(options);
    options.slots = 7;
    ModelParts poor(options);
    const auto x = someInput(1, rich.config.hidden);
    std::vector<float> expected, found;
    ASSERT_TRUE(runSparse(rich, x.data(), expected));
    for (int token = 0; token < 3; ++token) {
        ASSERT_TRUE(runSparse(poor, x.data(), found));
        EXPECT_EQ(found, expected);
    }
}

std::vector<TinyModelOptions> blocks() {
    std::vector<TinyModelOptions> list(5);
    list[1].activation = FfnActivation::kRelu;
    list[2].architecture = Architecture::kOpt;  // not gated, with biases
    list[2].activation = FfnActivation::kRelu;
    list[3].resident_gate_up = true;
    list[4].shuffled_order = true;
    return list;
}
INSTANTIATE_TEST_SUITE_P(Blocks, FeedForwardTest, testing::ValuesIn(blocks()));

// Names what it is told to.
class FixedPredictor final : public Predictor {
  public:
    explicit FixedPredictor(uint32_t neurons) : Predictor(1, neurons), scores_(neurons) {}
    void score(LayerId, const InputRows&, size_t, float* out, ThreadPool&) override {
        std::copy(scores_.begin(), scores_.end(), out);
    }
    [[nodiscard]] const char* kind() const override { return "fixed"; }
    [[nodiscard]] uint64_t bytes() const override { return 0; }
    std::vector<float>& scores() { return scores_; }

  private:
    std::vector<float> scores_;
};

TEST(FeedForward, WhatThePredictorDoesNotNameIsNeitherReadNorComputed) {
    PartsOptions options;
    options.model.activation = FfnActivation::kRelu;
    options.model.layers = 1;
    ModelParts parts(options);
    FixedPredictor predictor(parts.config.ff_width);
    FeedForward sparse({parts.config, parts.bundle.manifest().record, parts.weights,
                        *parts.backend, *parts.store, parts.stream, &predictor, {}, parts.clock},
                       parts.activations.chunk);
    const auto x = someInput(1, parts.config.hidden);
    std::vector<float> y(parts.config.hidden, 9.0F);
    InputRows in{x.data(), 1, parts.config.hidden, parts.activations.quantised_chunk.data()};
    parts.store->beginToken();
    ASSERT_TRUE(sparse.sparse(kLayer, in, false, y.data(), parts.stats, parts.stop));
    EXPECT_EQ(y, std::vector<float>(parts.config.hidden, 0.0F));  // no score is above 0
    predictor.scores()[5] = predictor.scores()[80] = 1;
    ASSERT_TRUE(sparse.sparse(kLayer, in, false, y.data(), parts.stats, parts.stop));
    EXPECT_EQ(parts.stats.active_neurons, 2U);
    EXPECT_EQ(parts.stats.total_neurons, 2U * parts.config.ff_width);
    EXPECT_EQ(parts.cache.used(kLayer), 2U);
    EXPECT_TRUE(parts.cache.contains(kLayer, NeuronId(80)));
}

TEST(FeedForward, ADensePassLeavesTheLastTokensNeuronsInTheCache) {
    PartsOptions options;
    options.model.activation = FfnActivation::kRelu;
    options.slots = 90;  // of 96: not the whole layer
    ModelParts parts(options);
    std::vector<float> y;
    const auto x = someInput(4, parts.config.hidden);
    ASSERT_TRUE(runDense(parts, x, 4, y, 1));
    const uint32_t kept = parts.cache.used(kLayer);
    EXPECT_GT(kept, 20U);  // about half of them fire
    EXPECT_LT(kept, 76U);
    const uint64_t read = parts.stats.read_bytes;
    EXPECT_EQ(read, 0U);  // the stream's own figures are not taken here
}

TEST(FeedForward, AFailedReadIsAnErrorAndTheNextTokenIsRight) {
    std::vector<float> expected, found;
    PartsOptions options;
    options.slots = 30;
    ModelParts sound(options);
    const auto x = someInput(1, sound.config.hidden);
    ASSERT_TRUE(runSparse(sound, x.data(), expected));
    for (uint64_t failing = 1; failing <= 3; ++failing) {
        options.faults = FaultPlan{.shuffle = true, .fail_at_read = failing};
        ModelParts parts(options);
        const Status status = runSparse(parts, x.data(), found);
        ASSERT_FALSE(status) << failing;
        EXPECT_EQ(status.error().code, ErrorCode::kIo);
        ASSERT_TRUE(runSparse(parts, x.data(), found));
        EXPECT_EQ(found, expected);
    }
}

}  // namespace
}  // namespace glowworm
