// SPDX-License-Identifier: Apache-2.0
// With a shadow, too, any budget, window, reader and thread count gives the same tokens, and exact
// answers know nothing of it.
#include <gtest/gtest.h>

#include <filesystem>

#include "core/bundle/bundle_writer.h"
#include "core/engine/session.h"
#include "core/train/shadow_calibration.h"
#include "tests/support/temp_dir.h"
#include "tests/support/tiny_model.h"

namespace glowworm {
namespace {

struct Asked {
    uint64_t budget = 0;
    ReaderChoice reader = ReaderChoice::kAuto;
    uint32_t threads = 2, window = kWindowAuto;
    std::string predictor = "shadow";
    bool exact = false;
};

class ShadowParity : public testing::TestWithParam<uint32_t> {
  protected:
    void SetUp() override {
        TinyModelOptions tiny;
        tiny.dtype = Dtype::kQ8_0;
        tiny.shuffled_order = true;
        auto manifest = writeTinyBundle(bundle_, tiny);
        ASSERT_TRUE(manifest) << manifest.error().message;
        ShadowOptions options;
        for (int i = 0; i < 60; ++i) options.text += "the quick brown fox " + std::to_string(i * i);
        options.read_share = 0.3;
        StopFlag stop;
        auto entries = makeShadows(bundle_, {GetParam()}, options, nullptr, stop);
        ASSERT_TRUE(entries) << entries.error().message;
        manifest->predictors = {entries->front().entry};
        ASSERT_TRUE(writeManifest(bundle_, *manifest));
        info_ = inspectBundle(bundle_, 96).value();
    }
    std::vector<TokenId> answer(const Asked& run) {
        OpenOptions options;
        options.bundle = bundle_;
        options.budget_bytes = run.budget;
        options.reader = run.reader;
        options.threads = run.threads;
        options.window_tokens = run.window;
        options.context_tokens = 96;
        options.predictor = run.predictor;
        StopFlag stop;
        auto session = openSession(options, nullptr, stop).value();
        GenerateRequest request;
        for (int32_t i = 0; i < 9; ++i) request.raw_tokens.push_back(TokenId(3 + i * 37 % 250));
        request.sampling.temperature = 0;
        request.max_tokens = 40;
        request.exact = run.exact;
        request.ignore_end = true;
        std::vector<TokenId> tokens;
        GenerateSink sink;
        sink.token = [&](const TokenEvent& event) {
            tokens.push_back(event.id);
            if (run.budget != 0) {
                EXPECT_LE(event.stats.memory_bytes, run.budget);
            }
        };
        Controls controls;
        EXPECT_TRUE(session->generate(request, sink, controls));
        return tokens;
    }
    TempDir dir_;
    std::string bundle_ = dir_.file("model");
    ModelInfo info_;
};

TEST_P(ShadowParity, NothingButTheModelDecidesTheTokens) {
    const auto first = answer({});
    ASSERT_EQ(first.size(), 40U);
    const uint64_t middle = (info_.budget_bytes_min + info_.budget_bytes_max) / 2;
    EXPECT_EQ(answer({.budget = info_.budget_bytes_min}), first);
    EXPECT_EQ(answer({.budget = middle, .window = 1}), first);
    EXPECT_EQ(answer({.budget = middle, .window = 50}), first);
    EXPECT_EQ(answer({.budget = middle, .reader = ReaderChoice::kPread}), first);
    EXPECT_EQ(answer({.budget = middle, .reader = ReaderChoice::kMemory}), first);
    EXPECT_EQ(answer({.budget = middle, .threads = 1}), first);
    EXPECT_EQ(answer({.budget = middle, .threads = 3}), first);
}

TEST_P(ShadowParity, ExactAnswersAreTheModelsOwn) {
    const auto resident = answer({.exact = true});
    EXPECT_EQ(answer({.budget = info_.budget_bytes_min, .exact = true}), resident);
}

TEST_P(ShadowParity, ItsMemoryIsCounted) {
    const std::string kind = "shadow-" + std::to_string(GetParam());
    EXPECT_EQ(info_.predictor, kind);
    EXPECT_GT(info_.budget_bytes_min,
              std::filesystem::file_size(bundle_ + "/predictor-" + kind + ".bin"));
}

INSTANTIATE_TEST_SUITE_P(Bits, ShadowParity, testing::Values(2U, 3U, 4U));

}  // namespace
}  // namespace glowworm
