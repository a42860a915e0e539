// SPDX-License-Identifier: Apache-2.0
// What must always hold (design.md): any budget, window, reader and thread count gives the same
// tokens; greedy output repeats bit for bit.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "core/engine/session.h"
#include "core/train/calibration.h"
#include "core/bundle/bundle_writer.h"
#include "tests/support/temp_dir.h"
#include "tests/support/tiny_model.h"

namespace glowworm {
namespace {

struct Answer {
    std::vector<TokenId> tokens;
    std::vector<TokenStats> stats;
    GenerateSummary summary;
};

std::vector<TokenId> prompt(uint32_t length) {
    std::vector<TokenId> tokens;
    for (uint32_t i = 0; i < length; ++i) {
        tokens.push_back(TokenId(static_cast<int32_t>(3 + (i * 37 + 11) % 250)));
    }
    return tokens;
}

Answer answer(Session& session, std::vector<TokenId> tokens, uint32_t max_tokens,
              bool exact = false) {
    GenerateRequest request;
    request.raw_tokens = std::move(tokens);
    request.sampling.temperature = 0;
    request.max_tokens = max_tokens;
    request.exact = exact;
    request.ignore_end = true;
    Answer answer;
    GenerateSink sink;
    sink.token = [&](const TokenEvent& event) {
        answer.tokens.push_back(event.id);
        answer.stats.push_back(event.stats);
    };
    Controls controls;
    auto summary = session.generate(request, sink, controls);
    EXPECT_TRUE(summary.has_value()) << summary.error().message;
    if (summary) answer.summary = *summary;
    return answer;
}

std::unique_ptr<Session> open(const std::string& bundle, uint64_t budget,
                              ReaderChoice reader = ReaderChoice::kAuto, uint32_t threads = 2,
                              uint32_t window = kWindowAuto) {
    OpenOptions options;
    options.bundle = bundle;
    options.budget_bytes = budget;
    options.reader = reader;
    options.threads = threads;
    options.window_tokens = window;
    options.context_tokens = 96;
    StopFlag stop;
    auto session = openSession(options, nullptr, stop);
    EXPECT_TRUE(session.has_value()) << session.error().message;
    return session ? std::move(*session) : nullptr;
}

// Gives a bundle made for tests a real predictor.
void calibrate(const std::string& bundle, Manifest manifest) {
    CalibrationOptions options;
    for (int i = 0; i < 60; ++i) options.text += "the quick brown fox " + std::to_string(i * i);
    StopFlag stop;
    auto entry = makePredictor(bundle, options, nullptr, stop);
    ASSERT_TRUE(entry.has_value()) << entry.error().message;
    manifest.predictors = {entry->predictor};
    ASSERT_TRUE(writeManifest(bundle, manifest).has_value());
}

class ParityTest : public testing::TestWithParam<TinyModelOptions> {
  protected:
    void SetUp() override {
        auto manifest = writeTinyBundle(bundle_, GetParam());
        ASSERT_TRUE(manifest.has_value()) << manifest.error().message;
        calibrate(bundle_, *manifest);
        auto info = inspectBundle(bundle_, 96);
        ASSERT_TRUE(info.has_value()) << info.error().message;
        info_ = *info;
    }
    TempDir dir_;
    std::string bundle_ = dir_.file("model");
    ModelInfo info_;
};

TEST_P(ParityTest, AnyBudgetGivesTheSameTokens) {
    const auto full = answer(*open(bundle_, info_.budget_bytes_max), prompt(9), 40);
    ASSERT_EQ(full.tokens.size(), 40U);
    const uint64_t range = info_.budget_bytes_max - info_.budget_bytes_min;
    for (const uint64_t budget :
         {info_.budget_bytes_min, info_.budget_bytes_min + range / 3, info_.budget_bytes_max * 2}) {
        const auto some = answer(*open(bundle_, budget), prompt(9), 40);
        EXPECT_EQ(some.tokens, full.tokens) << "budget " << budget;
        for (const TokenStats& stats : some.stats) EXPECT_LE(stats.memory_bytes, budget);
    }
}

TEST_P(ParityTest, ExactAnswersAreTheSameStreamedAndResident) {
    const auto resident = answer(*open(bundle_, info_.budget_bytes_max), prompt(9), 30, true);
    const auto streamed = answer(*open(bundle_, info_.budget_bytes_min), prompt(9), 30, true);
    EXPECT_EQ(streamed.tokens, resident.tokens);
}

TEST_P(ParityTest, AnyWindowReaderAndThreadCountGiveTheSameTokens) {
    const uint64_t budget = (info_.budget_bytes_min + info_.budget_bytes_max) / 2;
    const auto first = answer(*open(bundle_, budget), prompt(70), 20);
    for (const uint32_t window : {1U, 3U, 50U}) {
        EXPECT_EQ(answer(*open(bundle_, budget, ReaderChoice::kAuto, 2, window), prompt(70), 20)
                      .tokens, first.tokens) << "window " << window;
    }
    for (const auto reader : {ReaderChoice::kPread, ReaderChoice::kMemory}) {
        EXPECT_EQ(answer(*open(bundle_, budget, reader), prompt(70), 20).tokens, first.tokens);
    }
    EXPECT_EQ(answer(*open(bundle_, budget, ReaderChoice::kAuto, 1), prompt(70), 20).tokens,
              first.tokens);
}

TEST_P(ParityTest, AConversationThatGoesOnReusesItsKeysAndValues) {
    auto session = open(bundle_, info_.budget_bytes_max);
    const auto first = answer(*session, prompt(20), 10);
    std::vector<TokenId> longer = prompt(20);
    longer.insert(longer.end(), first.tokens.begin(), first.tokens.end());
    longer.push_back(TokenId(42));
    const auto second = answer(*session, longer, 10);
    EXPECT_GE(second.summary.prompt_tokens_reused, 29U);
    const auto other = answer(*session, prompt(12), 10);
    EXPECT_EQ(other.summary.prompt_tokens_reused, 11U);
    session->reset();
    EXPECT_EQ(answer(*session, prompt(12), 10).tokens, other.tokens);
}

TEST_P(ParityTest, ExactLogitsDoNotDependOnHowTheTextIsCut) {
    auto session = open(bundle_, info_.budget_bytes_min);
    Controls controls;
    const auto tokens = prompt(30);
    const auto whole = session->logits(tokens, true, controls);
    ASSERT_TRUE(whole.has_value()) << whole.error().message;
    // Decoding exactly one token after a prompt gives the prompt's last row.
    const auto exact = answer(*session, tokens, 1, true);
    const auto& row = whole->back();
    const auto best = std::max_element(row.begin(), row.end()) - row.begin();
    EXPECT_EQ(exact.tokens[0].value(), best);
    auto rich = open(bundle_, info_.budget_bytes_max, ReaderChoice::kMemory, 1);
    const auto again = rich->logits(tokens, true, controls);
    ASSERT_TRUE(again.has_value());
    EXPECT_EQ(*again, *whole);
}

std::vector<TinyModelOptions> models() {
    std::vector<TinyModelOptions> list;
    TinyModelOptions silu;
    list.push_back(silu);
    TinyModelOptions relu = silu;
    relu.activation = FfnActivation::kRelu;
    relu.dtype = Dtype::kF16;
    list.push_back(relu);
    TinyModelOptions opt;
    opt.architecture = Architecture::kOpt;
    opt.gated = false;
    opt.activation = FfnActivation::kRelu;
    opt.kv_heads = 4;
    list.push_back(opt);
    TinyModelOptions falcon = opt;
    falcon.architecture = Architecture::kFalcon;
    falcon.kv_heads = 1;
    falcon.dtype = Dtype::kBF16;
    list.push_back(falcon);
    TinyModelOptions resident = silu;
    resident.resident_gate_up = true;
    resident.dtype = Dtype::kQ8_0;
    list.push_back(resident);
    TinyModelOptions shuffled = silu;
    shuffled.shuffled_order = true;
    shuffled.dtype = Dtype::kQ4_0;
    list.push_back(shuffled);
    return list;
}

std::string modelName(const testing::TestParamInfo<TinyModelOptions>& model) {
    const TinyModelOptions& m = model.param;
    std::string name = m.architecture == Architecture::kOpt      ? "Opt"
                       : m.architecture == Architecture::kFalcon ? "Falcon"
                                                                 : "Llama";
    name += m.activation == FfnActivation::kRelu ? "Relu" : "Silu";
    name += dtypeName(m.dtype);
    if (m.resident_gate_up) name += "Resident";
    if (m.shuffled_order) name += "Shuffled";
    return name;
}

INSTANTIATE_TEST_SUITE_P(Models, ParityTest, testing::ValuesIn(models()), modelName);

}  // namespace
}  // namespace glowworm
