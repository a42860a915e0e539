// SPDX-License-Identifier: Apache-2.0
// A running session: knobs turned during an answer, stops, and requests that cannot be met.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/engine/session.h"
#include "tests/support/temp_dir.h"
#include "tests/support/tiny_model.h"

namespace glowworm {
namespace {

using testing::HasSubstr;

class SessionTest : public testing::Test {
  protected:
    void SetUp() override {
        OpenOptions options;
        options.bundle = dir_.file("model");
        options.context_tokens = 96;
        options.threads = 2;
        const auto manifest = writeTinyBundle(options.bundle, {});
        ASSERT_TRUE(manifest) << manifest.error().message;
        auto session = openSession(options, nullptr, StopFlag());
        ASSERT_TRUE(session) << session.error().message;
        session_ = std::move(*session);
        request_.raw_prompt = "a quick brown fox";
        request_.sampling.temperature = 0;
        request_.max_tokens = 40;
        request_.ignore_end = true;
    }
    // Runs the request; `at` is called with the number of tokens so far.
    Result<GenerateSummary> generate(const std::function<void(size_t)>& at = nullptr) {
        tokens_.clear();
        stats_.clear();
        GenerateSink sink;
        sink.token = [&](const TokenEvent& event) {
            tokens_.push_back(event.id);
            stats_.push_back(event.stats);
            if (at) at(tokens_.size());
        };
        sink.prefill = at_prefill_;
        return session_->generate(request_, sink, controls_);
    }

    TempDir dir_;
    std::unique_ptr<Session> session_;
    GenerateRequest request_;
    Controls controls_;
    std::function<void(uint32_t, uint32_t)> at_prefill_;
    std::vector<TokenId> tokens_;
    std::vector<TokenStats> stats_;
};

TEST_F(SessionTest, ABudgetTurnedDuringAnAnswerIsFollowedAndChangesNoToken) {
    ASSERT_TRUE(generate());
    const auto expected = tokens_;
    const uint64_t least = session_->info().budget_bytes_min;
    const uint64_t most = session_->info().budget_bytes_max;
    const uint64_t middle = (least + most) / 2;
    ASSERT_TRUE(session_->setBudget(most));
    ASSERT_TRUE(generate([&](size_t n) {
        if (n == 10) controls_.budget_bytes = least;
        if (n == 20) controls_.budget_bytes = middle;
        if (n == 30) controls_.budget_bytes = 1;  // too small: the smallest that works
    }));
    EXPECT_EQ(tokens_, expected);
    EXPECT_EQ(stats_[9].budget_bytes, most);
    EXPECT_EQ(stats_[10].budget_bytes, least);
    EXPECT_EQ(stats_[20].budget_bytes, middle);
    EXPECT_EQ(stats_[30].budget_bytes, least);
    for (const TokenStats& stats : stats_) EXPECT_LE(stats.memory_bytes, stats.budget_bytes);
    EXPECT_GT(stats_[9].memory_bytes, least);
    EXPECT_EQ(session_->memory().budget_bytes, least);
}

TEST_F(SessionTest, AWindowTurnedDuringAnAnswerChangesNoToken) {
    ASSERT_TRUE(generate());
    const auto expected = tokens_;
    ASSERT_TRUE(generate([&](size_t n) {
        if (n == 10) controls_.window_tokens = 1;
        if (n == 25) controls_.window_tokens = 5;
    }));
    EXPECT_EQ(tokens_, expected);
    EXPECT_EQ(stats_[9].window_tokens_asked, kWindowAuto);
    EXPECT_EQ(stats_[10].window_tokens_asked, 1U);
    EXPECT_EQ(stats_[39].window_tokens_asked, 5U);
    EXPECT_LE(stats_[39].window_tokens, 5U);
}

TEST_F(SessionTest, ABudgetThatIsTooSmallBetweenCallsIsRefused) {
    const uint64_t least = session_->info().budget_bytes_min;
    ASSERT_TRUE(session_->setBudget(least + 5));
    const Status refused = session_->setBudget(least - 1);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::kBudget);
    EXPECT_THAT(refused.error().message, HasSubstr(std::to_string(least)));
    EXPECT_EQ(session_->memory().budget_bytes, least + 5);
    EXPECT_TRUE(generate());
}

TEST_F(SessionTest, AStopEndsAnAnswerInPrefillAndInDecode) {
    at_prefill_ = [&](uint32_t, uint32_t) { controls_.stop.request(); };
    const auto none = generate();
    ASSERT_TRUE(none);
    EXPECT_EQ(none->finish, FinishReason::kStopped);
    EXPECT_EQ(none->tokens, 0U);
    EXPECT_GT(none->prompt_tokens, 0U);
    at_prefill_ = nullptr;
    controls_.stop.clear();
    const auto seven = generate([&](size_t n) {
        if (n == 7) controls_.stop.request();
    });
    ASSERT_TRUE(seven);
    EXPECT_EQ(seven->finish, FinishReason::kStopped);
    EXPECT_EQ(tokens_.size(), 7U);
    controls_.stop.clear();
    const auto stopped = tokens_;
    const auto whole = generate();
    ASSERT_TRUE(whole);
    EXPECT_EQ(whole->finish, FinishReason::kMaxTokens);
    EXPECT_TRUE(std::equal(stopped.begin(), stopped.end(), tokens_.begin()));
}

TEST_F(SessionTest, RequestsThatCannotBeMetAreRefused) {
    request_.raw_prompt.clear();
    request_.raw_tokens = {TokenId(5), TokenId(272)};
    const auto unknown = generate();
    ASSERT_FALSE(unknown);
    EXPECT_EQ(unknown.error().code, ErrorCode::kInvalidArgument);
    EXPECT_THAT(unknown.error().message, HasSubstr("token 272"));
    request_.raw_tokens = {TokenId(-1)};
    EXPECT_EQ(generate().error().code, ErrorCode::kInvalidArgument);
    request_.raw_tokens.assign(96, TokenId(7));
    EXPECT_THAT(generate().error().message, HasSubstr("context of 96"));
    EXPECT_TRUE(tokens_.empty());
    request_.raw_tokens.resize(95);
    EXPECT_EQ(generate().value().finish, FinishReason::kContextFull);
}

TEST_F(SessionTest, MessagesGoThroughTheTemplate) {
    request_.messages = {{Message::Role::kUser, "a question"}};
    const auto answer = generate();
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_GT(answer->prompt_tokens, 9U);  // a byte each, at least
}

TEST_F(SessionTest, ASeedIsReportedAndRepeats) {
    request_.sampling.temperature = 1;
    request_.sampling.seed = 0;
    const auto first = generate();
    ASSERT_TRUE(first);
    EXPECT_NE(first->seed, 0U);
    const auto tokens = tokens_;
    request_.sampling.seed = first->seed;
    const auto second = generate();
    EXPECT_EQ(tokens_, tokens);
    EXPECT_EQ(second->text, first->text);
    request_.sampling.seed = first->seed + 1;
    ASSERT_TRUE(generate());
    EXPECT_NE(tokens_, tokens);
}

TEST_F(SessionTest, LogitsRefuseWhatDoesNotFit) {
    EXPECT_EQ(session_->logits(std::vector<TokenId>(97, TokenId(7)), true, controls_).error().code,
              ErrorCode::kInvalidArgument);
    const std::vector<TokenId> unknown = {TokenId(1000)};
    EXPECT_EQ(session_->logits(unknown, true, controls_).error().code,
              ErrorCode::kInvalidArgument);
    EXPECT_TRUE(session_->logits({}, true, controls_).value().empty());
    const std::vector<TokenId> tokens(96, TokenId(7));
    const auto rows = session_->logits(tokens, false, controls_);
    ASSERT_TRUE(rows);
    EXPECT_EQ(rows->size(), 96U);
    EXPECT_EQ(rows->front().size(), 272U);
    controls_.stop.request();
    EXPECT_EQ(session_->logits(tokens, true, controls_).error().code, ErrorCode::kCancelled);
}

TEST_F(SessionTest, PerplexityIsTheMeanOfTheLogitsSurprise) {
    const std::string text(150, 'x');  // two windows of 96 and the rest
    const auto tokens = session_->tokenize(text, false);
    ASSERT_GT(tokens.size(), 96U);
    double nll = 0;
    uint64_t scored = 0;
    for (size_t first = 0; first < tokens.size(); first += 96) {
        const size_t count = std::min<size_t>(96, tokens.size() - first);
        const auto part = std::span(tokens).subspan(first, count);
        const auto rows = session_->logits(part, true, controls_).value();
        for (size_t i = 0; i + 1 < part.size(); ++i, ++scored) {
            double sum = 0;
            for (const float logit : rows[i]) sum += std::exp(static_cast<double>(logit));
            const auto next = static_cast<size_t>(part[i + 1].value());
            nll += std::log(sum) - static_cast<double>(rows[i][next]);
        }
    }
    double fraction = 0;
    const auto result = session_->perplexity(
        text, true, [&](const Progress& progress) { fraction = progress.fraction; }, controls_);
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_EQ(result->tokens, scored);
    EXPECT_NEAR(result->nll_nats, nll / static_cast<double>(scored), 1e-6);
    EXPECT_NEAR(result->perplexity, std::exp(result->nll_nats), 1e-9);
    EXPECT_EQ(fraction, 1);
}

TEST_F(SessionTest, PerplexityNeedsTwoTokensAndHearsAStop) {
    for (const char* text : {"", "x"}) {
        const auto result = session_->perplexity(text, true, nullptr, controls_);
        if (session_->tokenize(text, false).size() >= 2) continue;
        ASSERT_FALSE(result);
        EXPECT_EQ(result.error().code, ErrorCode::kInvalidArgument);
    }
    controls_.stop.request();
    EXPECT_EQ(session_->perplexity("some text", false, nullptr, controls_).error().code,
              ErrorCode::kCancelled);
}

TEST_F(SessionTest, TheBreakdownAddsUp) {
    ASSERT_TRUE(generate());
    const MemoryBreakdown memory = session_->memory();
    EXPECT_EQ(memory.usedBytes(), stats_.back().memory_bytes);
    EXPECT_GT(memory.resident_weights, 0U);
    EXPECT_GT(memory.kv_cache, 0U);
    EXPECT_GT(memory.neuron_cache_used, 0U);
    EXPECT_LE(memory.usedBytes() + memory.neuron_cache_free, memory.budget_bytes);
}

}  // namespace
}  // namespace glowworm
