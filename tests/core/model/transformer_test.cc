// SPDX-License-Identifier: Apache-2.0
// The forward pass: the same bits however tokens are grouped, a tree as its paths, and plain
// arithmetic where the norms stand in another place.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/bundle/tensor_list.h"
#include "tests/support/model_parts.h"

namespace glowworm {
namespace {

std::vector<TinyModelOptions> models() {
    std::vector<TinyModelOptions> list(4);
    list[1].architecture = Architecture::kOpt;
    list[1].activation = FfnActivation::kRelu;
    list[2].architecture = Architecture::kFalcon;
    list[2].kv_heads = 1;
    list[2].dtype = Dtype::kF16;
    list[3].dtype = Dtype::kQ8_0;
    list[3].rope_neighbours = true;
    return list;
}

class TransformerTest : public testing::TestWithParam<TinyModelOptions> {
  protected:
    TransformerTest() { options_.model = GetParam(); }
    PartsOptions options_;
};

TEST_P(TransformerTest, LogitsDoNotDependOnHowTokensAreGrouped) {
    ModelParts whole(options_), single(options_);
    const auto tokens = someTokens(7);
    ASSERT_TRUE(whole.run(tokens));
    for (size_t i = 0; i < tokens.size(); ++i) {
        ASSERT_TRUE(single.run(std::span(tokens).subspan(i, 1)));
        EXPECT_EQ(single.logitsAfter(0), whole.logitsAfter(i)) << "token " << i;
    }
    EXPECT_EQ(single.kv_cache.rows(), 7U);
}

// Three drafted branches after a prompt: 0 -> 1 -> 3, 0 -> 2 and 4 -> 5.
TEST_P(TransformerTest, ATreeIsItsPathsBitForBit) {
    const auto prompt = someTokens(9);
    const auto drafted = someTokens(6, 101);
    const std::vector<std::vector<size_t>> paths = {{0, 1, 3}, {0, 2}, {4, 5}};
    constexpr size_t kNodes = 6;
    std::vector<uint8_t> mask(kNodes * kNodes);
    std::vector<uint32_t> positions(kNodes);
    for (const auto& path : paths) {
        for (size_t depth = 0; depth < path.size(); ++depth) {
            positions[path[depth]] = static_cast<uint32_t>(prompt.size() + depth);
            for (size_t above = 0; above <= depth; ++above) {
                mask[path[depth] * kNodes + path[above]] = 1;
            }
        }
    }
    for (const ForwardMode mode : {ForwardMode::kExact, ForwardMode::kDenseChunk}) {
        ModelParts tree(options_);
        ASSERT_TRUE(tree.run(prompt));
        ASSERT_TRUE(tree.run(drafted, mode, mask.data(), positions));
        for (const auto& path : paths) {
            std::vector<TokenId> tokens;
            for (const size_t node : path) tokens.push_back(drafted[node]);
            ModelParts plain(options_);
            ASSERT_TRUE(plain.run(prompt));
            ASSERT_TRUE(plain.run(tokens, mode));
            for (size_t depth = 0; depth < path.size(); ++depth) {
                EXPECT_EQ(tree.logitsAfter(path[depth]), plain.logitsAfter(depth));
            }
        }
        // The accepted path stays, and the next token sees what it would see after a plain run.
        const std::vector<uint32_t> kept = {0, 1, 3};
        tree.kv_cache.pack(9, kept);
        ModelParts plain(options_);
        ASSERT_TRUE(plain.run(prompt));
        const std::vector<TokenId> path = {drafted[0], drafted[1], drafted[3]};
        ASSERT_TRUE(plain.run(path, mode));
        const auto next = someTokens(1, 200);
        ASSERT_TRUE(tree.run(next));
        ASSERT_TRUE(plain.run(next));
        EXPECT_EQ(tree.logitsAfter(0), plain.logitsAfter(0));
    }
}

TEST_P(TransformerTest, AStopLeavesTheKvCacheAsItWas) {
    ModelParts parts(options_);
    const auto tokens = someTokens(12);
    ASSERT_TRUE(parts.run(std::span(tokens).first(5)));
    ModelParts undisturbed(options_);
    ASSERT_TRUE(undisturbed.run(std::span(tokens).first(5)));
    // At every step at which the engine looks at its clock.
    bool stopped = true;
    for (uint64_t step = 1; stopped && step < 200; step += 3) {
        const uint64_t begin = parts.clock.looks();
        parts.clock.at_look = [&](uint64_t look) {
            if (look == begin + step) parts.stop.request();
        };
        const Status status = parts.run(std::span(tokens).subspan(5));
        stopped = !status;
        parts.stop.clear();
        parts.clock.at_look = nullptr;
        if (!stopped) break;
        EXPECT_EQ(status.error().code, ErrorCode::kCancelled);
        EXPECT_EQ(parts.kv_cache.rows(), 5U);
        EXPECT_EQ(parts.reader->inFlight(), 0U);
    }
    EXPECT_FALSE(stopped) << "some step lies behind the end";
    ASSERT_TRUE(undisturbed.run(std::span(tokens).subspan(5)));
    EXPECT_EQ(parts.logitsAfter(6), undisturbed.logitsAfter(6));
}

INSTANTIATE_TEST_SUITE_P(Models, TransformerTest, testing::ValuesIn(models()));

// An OPT block in double precision for a sequence of one token: attention is then v alone.
class PlainOpt {
  public:
    PlainOpt(const TinyModelOptions& options, const ModelConfig& config)
        : o_(options), c_(config) {}

    std::vector<double> logits(uint32_t token) const {
        auto x = row("embedding", c_.vocabulary, token);
        add(x, row("positions", c_.context_max + c_.position_offset, c_.position_offset));
        for (uint32_t l = 0; l < c_.layers; ++l) layer(l, x);
        x = norm("final_norm", x);
        return times("head", c_.vocabulary, x);
    }

  private:
    using Vector = std::vector<double>;
    Vector values(const std::string& name, size_t rows, size_t cols) const {
        const auto floats = tinyValues(o_, name, rows, cols);
        return {floats.begin(), floats.end()};
    }
    Vector row(const std::string& name, size_t rows, size_t index) const {
        const Vector all = values(name, rows, c_.hidden);
        const auto begin = all.begin() + static_cast<ptrdiff_t>(index * c_.hidden);
        return {begin, begin + c_.hidden};
    }
    static void add(Vector& to, const Vector& what) {
        std::ranges::transform(to, what, to.begin(), std::plus<>());
    }
    Vector times(const std::string& name, size_t rows, const Vector& x) const {
        const Vector w = values(name, rows, x.size());
        Vector y(rows);
        for (size_t r = 0; r < rows; ++r) {
            for (size_t i = 0; i < x.size(); ++i) y[r] += w[r * x.size() + i] * x[i];
        }
        return y;
    }
    Vector linear(uint32_t l, const char* part, size_t rows, const Vector& x) const {
        const std::string name = layerTensorName(l, part);
        Vector y = times(name, rows, x);
        add(y, values(name + ".bias", 1, rows));
        return y;
    }
    Vector norm(const std::string& name, const Vector& x) const {
        const Vector weight = values(name + ".weight", 1, x.size());
        const Vector bias = values(name + ".bias", 1, x.size());
        const auto n = static_cast<double>(x.size());
        double mean = 0, variance = 0;
        for (const double value : x) mean += value / n;
        for (const double value : x) variance += (value - mean) * (value - mean) / n;
        Vector y(x.size());
        for (size_t i = 0; i < x.size(); ++i) {
            y[i] = (x[i] - mean) / std::sqrt(variance + static_cast<double>(c_.norm_epsilon)) *
                       weight[i] + bias[i];
        }
        return y;
    }
    Vector block(uint32_t l, const Vector& x) const {
        Vector value = linear(l, "up", c_.ff_width, x);
        for (double& v : value) v = std::max(v, 0.0);
        const Vector down = values(layerTensorName(l, "down"), c_.ff_width, c_.hidden);
        Vector y = values(layerTensorName(l, "down.bias"), 1, c_.hidden);
        for (size_t n = 0; n < value.size(); ++n) {
            for (size_t i = 0; i < c_.hidden; ++i) y[i] += value[n] * down[n * c_.hidden + i];
        }
        return y;
    }
    void layer(uint32_t l, Vector& x) const {
        const std::string first = layerTensorName(l, "attention_norm");
        const std::string second = layerTensorName(l, "ffn_norm");
        const Vector v = linear(l, "v", c_.hidden, c_.norm_after ? x : norm(first, x));
        add(x, linear(l, "o", c_.hidden, v));
        if (c_.norm_after) x = norm(first, x);
        add(x, block(l, c_.norm_after ? x : norm(second, x)));
        if (c_.norm_after) x = norm(second, x);
    }

    TinyModelOptions o_;
    ModelConfig c_;
};

TEST(Transformer, NormsStandBeforeOrAfterTheBlocks) {
    for (const bool after : {false, true}) {
        PartsOptions options;
        options.model.architecture = Architecture::kOpt;
        options.model.activation = FfnActivation::kRelu;
        options.change = [after](ModelConfig& config) { config.norm_after = after; };
        ModelParts parts(options);
        const std::vector<TokenId> token = {TokenId(42)};
        ASSERT_TRUE(parts.run(token));
        const auto found = parts.logitsAfter(0);
        const auto plain = PlainOpt(options.model, parts.config).logits(42);
        for (size_t i = 0; i < found.size(); ++i) {
            EXPECT_NEAR(static_cast<double>(found[i]), plain[i], 2e-4) << "norm after: " << after;
        }
    }
}

}  // namespace
}  // namespace glowworm
