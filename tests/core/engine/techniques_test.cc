// SPDX-License-Identifier: Apache-2.0
// Every technique has a switch, and no switch changes the tokens: without a predictor they are
// those of the exact model, all others give what everything on gives.
#include <gtest/gtest.h>

#include "core/bundle/bundle_writer.h"
#include "core/engine/session.h"
#include "core/train/calibration.h"
#include "tests/support/temp_dir.h"
#include "tests/support/tiny_model.h"

namespace glowworm {
namespace {

constexpr uint32_t kTokens = 24;

struct Answer {
    std::vector<TokenId> tokens;
    TokenStats last;
    uint64_t read_bytes = 0;
};

class TechniquesTest : public testing::TestWithParam<bool> {
  protected:
    void SetUp() override {
        TinyModelOptions model;
        model.activation = FfnActivation::kRelu;
        model.ff_width = 512;
        model.split = GetParam();
        auto manifest = writeTinyBundle(bundle_, model);
        ASSERT_TRUE(manifest) << manifest.error().message;
        CalibrationOptions options;
        options.text = "the quick brown fox jumps over the lazy dog and 1234567890 more";
        auto entry = makePredictor(bundle_, options, nullptr, StopFlag());
        ASSERT_TRUE(entry) << entry.error().message;
        manifest->predictors = {entry->predictor};
        ASSERT_TRUE(writeManifest(bundle_, *manifest));
        const auto info = inspectBundle(bundle_, 64).value();
        bundle_bytes_ = info.bundle_bytes;
        budget_ = (info.budget_bytes_min + info.budget_bytes_max) / 2;
    }

    Answer answer(const Techniques& techniques, bool exact = false) const {
        OpenOptions options;
        options.bundle = bundle_;
        // The baselines stream through deeper buffers.
        const uint64_t budget = techniques.predictor ? budget_ : budget_ + (16U << 20);
        options.budget_bytes = budget;
        options.context_tokens = 64;
        options.threads = 1;
        options.techniques = techniques;
        const auto session = openSession(options, nullptr, StopFlag()).value();
        GenerateRequest request;
        request.raw_prompt = "once upon";
        request.sampling.temperature = 0;
        request.max_tokens = kTokens;
        request.ignore_end = true;
        request.exact = exact;
        Answer answer;
        GenerateSink sink;
        sink.token = [&](const TokenEvent& event) {
            answer.tokens.push_back(event.id);
            answer.last = event.stats;
            answer.read_bytes += event.stats.read_bytes;
            EXPECT_LE(event.stats.memory_bytes, budget);
        };
        Controls controls;
        const auto summary = session->generate(request, sink, controls);
        EXPECT_TRUE(summary) << summary.error().message;
        return answer;
    }

    TempDir dir_;
    std::string bundle_ = dir_.file("model");
    uint64_t budget_ = 0, bundle_bytes_ = 0;
};

TEST_P(TechniquesTest, SwitchesOfTheStorageDoNotChangeTheTokens) {
    const Answer all = answer({});
    ASSERT_EQ(all.tokens.size(), kTokens);
    const Answer no_prefetch = answer({.prefetch = false});
    EXPECT_EQ(no_prefetch.tokens, all.tokens);
    EXPECT_EQ(no_prefetch.last.prefetch_bytes, 0U);
    EXPECT_EQ(no_prefetch.last.misses_ahead, 0U);
    EXPECT_EQ(answer({.look_ahead = true}).tokens, all.tokens);
    const Answer no_window = answer({.window = false});
    EXPECT_EQ(no_window.tokens, all.tokens);
    EXPECT_EQ(no_window.last.hits, 0U);
    EXPECT_GT(no_window.read_bytes, all.read_bytes);
    EXPECT_EQ(answer({.frequency = false}).tokens, all.tokens);
    EXPECT_EQ(answer({.manager = false}).tokens, all.tokens);
    EXPECT_EQ(answer({.direct_io = false}).tokens, all.tokens);
    EXPECT_EQ(answer({.window = false, .manager = false, .prefetch = false}).tokens, all.tokens);
}

TEST_P(TechniquesTest, WithoutAPredictorTheActiveSetIsExact) {
    const Answer exact = answer({}, true);
    const Answer unguided = answer({.predictor = false});
    EXPECT_EQ(unguided.tokens, exact.tokens);
    EXPECT_EQ(answer({.predictor = false, .window = false}).tokens, exact.tokens);
    EXPECT_EQ(answer(Techniques::hybrid()).tokens, exact.tokens);
    const Answer naive = answer(Techniques::naive());
    EXPECT_EQ(naive.tokens, exact.tokens);
    EXPECT_EQ(naive.last.hits, 0U);
    EXPECT_GT(naive.last.read_bytes, bundle_bytes_ / 2);
}

INSTANTIATE_TEST_SUITE_P(Layouts, TechniquesTest, testing::Bool(),
                         [](const auto& split) { return split.param ? "Split" : "Bundled"; });

}  // namespace
}  // namespace glowworm
