// SPDX-License-Identifier: Apache-2.0
// From a prompt to an answer, on a model that says what the test tells it to, and on random ones
// over a flash that fails.
#include <gtest/gtest.h>

#include <algorithm>

#include "core/decode/generator.h"
#include "tests/support/model_parts.h"

namespace glowworm {
namespace {

struct Talk {
    explicit Talk(const PartsOptions& options)
        : parts(options),
          generator(parts.transformer, *parts.store, parts.stream, *parts.tokenizer,
                    parts.clock) {
        greedy.sampling.temperature = 0;
        greedy.max_tokens = 8;
        greedy.ignore_end = true;
    }

    Result<Generation> ask(std::span<const TokenId> prompt) {
        tokens.clear();
        texts.clear();
        GenerationHooks hooks;
        hooks.prefill = [this](uint32_t done, uint32_t total) {
            if (at_prefill) at_prefill(done, total);
        };
        hooks.token = [this](TokenId id, std::string_view text, TokenStats& stats) {
            tokens.push_back(id.value());
            texts.emplace_back(text);
            times_ms.push_back(stats.time_ms);
            if (at_token) at_token();
        };
        return generator.generate(prompt, greedy, hooks, parts.stop);
    }

    ModelParts parts;
    Generator generator;
    GenerationOptions greedy;
    std::function<void(uint32_t, uint32_t)> at_prefill;
    std::function<void()> at_token;
    std::vector<int32_t> tokens;
    std::vector<std::string> texts;
    std::vector<double> times_ms;
};

std::span<float> tensor(ModelParts& parts, const std::string& name) {
    for (const TensorEntry& entry : parts.bundle.manifest().tensors) {
        if (entry.name != name) continue;
        auto* values = reinterpret_cast<float*>(parts.weights.memory.data() + entry.offset);
        return {values, entry.bytes / sizeof(float)};
    }
    ADD_FAILURE() << "no tensor " << name;
    return {};
}

// After script[i] the model says script[i + 1]: attention and feed-forward blocks add nothing,
// embeddings and head are one-hot.
void follow(ModelParts& parts, const std::vector<int32_t>& script) {
    std::vector<std::string> silent = {"embedding", "head"};
    for (uint32_t l = 0; l < parts.config.layers; ++l) {
        silent.push_back("layers." + std::to_string(l) + ".o");
        silent.push_back("layers." + std::to_string(l) + ".ffn_norm.weight");
    }
    for (const std::string& name : silent) std::ranges::fill(tensor(parts, name), 0.0F);
    const size_t hidden = parts.config.hidden;
    for (size_t i = 0; i + 1 < script.size(); ++i) {
        tensor(parts, "embedding")[static_cast<size_t>(script[i]) * hidden + i] = 1;
        tensor(parts, "head")[static_cast<size_t>(script[i + 1]) * hidden + i] = 1;
    }
}

int32_t byteToken(int byte) { return 3 + byte; }
std::vector<TokenId> one(int32_t id) { return {TokenId(id)}; }

TEST(Generator, RefusesAPromptThatIsEmptyOrTooLong) {
    PartsOptions options;
    options.context = 16;
    Talk talk(options);
    EXPECT_EQ(talk.ask({}).error().code, ErrorCode::kInvalidArgument);
    const auto full = talk.ask(someTokens(16));
    ASSERT_FALSE(full);
    EXPECT_EQ(full.error().code, ErrorCode::kInvalidArgument);
    EXPECT_NE(full.error().message.find("16 tokens"), std::string::npos);
    const auto fits = talk.ask(someTokens(15));
    ASSERT_TRUE(fits);
    EXPECT_EQ(fits->end, GenerationEnd::kContextFull);
    EXPECT_EQ(fits->tokens, 1U);
}

TEST(Generator, AnswersUntilTheContextIsFull) {
    PartsOptions options;
    options.context = 16;
    Talk talk(options);
    talk.greedy.max_tokens = 0;
    const auto answer = talk.ask(someTokens(4)).value();
    EXPECT_EQ(answer.end, GenerationEnd::kContextFull);
    EXPECT_EQ(answer.tokens, 12U);
    EXPECT_EQ(talk.tokens.size(), 12U);
}

TEST(Generator, EndsWhereTheModelEndsUnlessTold) {
    Talk talk({});
    const std::vector<int32_t> script = {50, byteToken('o'), byteToken('k'), 2, byteToken('!')};
    follow(talk.parts, script);
    talk.greedy.max_tokens = 4;
    talk.greedy.ignore_end = false;
    const auto ended = talk.ask(one(50)).value();
    EXPECT_EQ(ended.end, GenerationEnd::kEndOfText);
    EXPECT_EQ(ended.tokens, 3U);
    EXPECT_EQ(ended.text, "ok");
    EXPECT_EQ(talk.texts, (std::vector<std::string>{"o", "k", ""}));
    talk.greedy.ignore_end = true;
    const auto further = talk.ask(one(50)).value();
    EXPECT_EQ(further.end, GenerationEnd::kMaxTokens);
    EXPECT_EQ(talk.tokens, (std::vector<int32_t>{script.begin() + 1, script.end()}));
}

TEST(Generator, CharactersOverSeveralTokensComeOutWhole) {
    Talk talk({});
    const std::vector<int32_t> script = {50, byteToken(0xE2), byteToken(0x82), byteToken(0xAC),
                                         byteToken(0xC3)};
    follow(talk.parts, script);
    talk.greedy.max_tokens = 3;
    EXPECT_EQ(talk.ask(one(50)).value().text, "\u20AC");
    EXPECT_EQ(talk.texts, (std::vector<std::string>{"", "", "\u20AC"}));
    // Cut inside a character: what was held back comes out as a replacement, not silently lost.
    talk.greedy.max_tokens = 4;
    EXPECT_EQ(talk.ask(one(50)).value().text, "\u20AC\uFFFD");
}

TEST(Generator, APromptThatBeginsAsTheConversationIsReused) {
    Talk talk({}), fresh({});
    auto prompt = someTokens(10);
    const auto first = talk.ask(prompt).value();
    EXPECT_EQ(first.prompt_tokens_reused, 0U);
    for (const int32_t id : talk.tokens) prompt.push_back(TokenId(id));
    prompt.push_back(TokenId(77));
    const auto second = talk.ask(prompt).value();
    EXPECT_EQ(second.prompt_tokens_reused, 17U);  // the answer's last token was never run
    ASSERT_TRUE(fresh.ask(prompt));
    EXPECT_EQ(talk.tokens, fresh.tokens);
    prompt[4] = TokenId(200);
    EXPECT_EQ(talk.ask(prompt).value().prompt_tokens_reused, 4U);
    // The same prompt again: its last token runs again, since its logits are wanted.
    EXPECT_EQ(talk.ask(prompt).value().prompt_tokens_reused, prompt.size() - 1);
    talk.generator.forget();
    EXPECT_EQ(talk.ask(prompt).value().prompt_tokens_reused, 0U);
}

TEST(Generator, AStopAnywhereLeavesAUsableConversation) {
    PartsOptions options;
    options.slots = 40;
    options.context = 200;
    Talk fresh(options), talk(options);
    const auto prompt = someTokens(140);  // two chunks
    ASSERT_TRUE(fresh.ask(prompt));
    bool stopped = true;
    uint64_t stops_in_prefill = 0, stops_in_decode = 0;
    for (uint64_t step = 1; stopped; step += 7) {
        talk.generator.forget();
        const uint64_t begin = talk.parts.clock.looks();
        talk.parts.clock.at_look = [&](uint64_t look) {
            if (look == begin + step) talk.parts.stop.request();
        };
        const auto answer = talk.ask(prompt);
        ASSERT_TRUE(answer) << answer.error().message;
        stopped = answer->end == GenerationEnd::kStopped;
        talk.parts.stop.clear();
        talk.parts.clock.at_look = nullptr;
        EXPECT_EQ(answer->tokens, talk.tokens.size());
        EXPECT_EQ(talk.parts.reader->inFlight(), 0U);
        (talk.tokens.empty() ? stops_in_prefill : stops_in_decode) += stopped;
        // What there is of it is the beginning of the right answer, and the next one is right.
        EXPECT_TRUE(std::equal(talk.tokens.begin(), talk.tokens.end(), fresh.tokens.begin()));
        ASSERT_TRUE(talk.ask(prompt));
        EXPECT_EQ(talk.tokens, fresh.tokens) << "after a stop at step " << step;
    }
    EXPECT_GT(stops_in_prefill, 1U);
    EXPECT_GT(stops_in_decode, 1U);
}

TEST(Generator, AChunkOfAPromptIsToldLayerByLayer) {
    PartsOptions options;
    options.context = 200;
    Talk talk(options);
    std::vector<uint32_t> told;
    talk.at_prefill = [&](uint32_t done, uint32_t total) {
        EXPECT_EQ(total, 60U);
        told.push_back(done);
    };
    ASSERT_TRUE(talk.ask(someTokens(60)));
    ASSERT_EQ(told.size(), options.model.layers + 1U);  // one chunk
    EXPECT_EQ(told.front(), 0U);
    EXPECT_EQ(told[1], 60U / options.model.layers);
    EXPECT_TRUE(std::ranges::is_sorted(told));
    EXPECT_EQ(told.back(), 60U);
}

TEST(Generator, AStopFromAHookIsHeardAtOnce) {
    Talk talk({});
    talk.at_prefill = [&](uint32_t done, uint32_t total) {
        EXPECT_EQ(total, 10U);
        if (done == 0) talk.parts.stop.request();
    };
    const auto none = talk.ask(someTokens(10)).value();
    EXPECT_EQ(none.end, GenerationEnd::kStopped);
    EXPECT_EQ(none.tokens, 0U);
    talk.at_prefill = nullptr;
    talk.parts.stop.clear();
    talk.at_token = [&] {
        if (talk.tokens.size() == 3) talk.parts.stop.request();
    };
    const auto three = talk.ask(someTokens(10)).value();
    EXPECT_EQ(three.end, GenerationEnd::kStopped);
    EXPECT_EQ(three.tokens, 3U);
}

TEST(Generator, AFaultyFlashGivesTheRightTokensOrAnError) {
    PartsOptions options;
    options.slots = 40;
    Talk sound(options);
    const auto prompt = someTokens(20);
    ASSERT_TRUE(sound.ask(prompt));
    int errors = 0;
    for (uint64_t seed = 1; seed <= 12; ++seed) {
        options.faults = FaultPlan{
            .seed = seed, .shuffle = true, .delay_share = 0.3, .fail_share = 0.01};
        Talk talk(options);
        for (int round = 0; round < 4; ++round) {
            const auto answer = talk.ask(prompt);
            EXPECT_EQ(talk.parts.reader->inFlight(), 0U);
            if (answer) {
                EXPECT_EQ(talk.tokens, sound.tokens) << "seed " << seed;
                continue;
            }
            ++errors;
            EXPECT_EQ(answer.error().code, ErrorCode::kIo);
            EXPECT_TRUE(std::equal(talk.tokens.begin(), talk.tokens.end(), sound.tokens.begin()));
        }
    }
    EXPECT_GT(errors, 0);
    EXPECT_LT(errors, 48);
}

TEST(Generator, ExactDecodingIsSparseDecodingWithoutAPredictor) {
    Talk sparse({}), exact({});
    exact.greedy.exact = true;
    const auto prompt = someTokens(12);
    ASSERT_TRUE(sparse.ask(prompt));
    ASSERT_TRUE(exact.ask(prompt));
    EXPECT_EQ(exact.tokens, sparse.tokens);
    for (const double ms : exact.times_ms) EXPECT_GT(ms, 0);
}

TEST(Generator, EvaluateScoresEveryPositionAndForgets) {
    for (const bool exact : {true, false}) {
        Talk talk({});
        ModelParts plain({});
        const auto tokens = someTokens(30);
        ASSERT_TRUE(plain.run(tokens));
        ASSERT_TRUE(talk.ask(someTokens(5)));
        size_t next = 0;
        TokenStats stats;
        const auto score = [&](size_t i, std::span<const float> logits) {
            EXPECT_EQ(i, next++);
            const auto expected = plain.logitsAfter(i);
            for (size_t v = 0; v < logits.size(); ++v) EXPECT_NEAR(logits[v], expected[v], 1e-4F);
        };
        ASSERT_TRUE(talk.generator.evaluate(tokens, exact, score, stats, talk.parts.stop));
        EXPECT_EQ(next, tokens.size());
        EXPECT_EQ(talk.parts.kv_cache.rows(), 0U);
        EXPECT_EQ(stats.total_neurons, uint64_t{30} * 2 * 96);
        EXPECT_EQ(talk.ask(someTokens(5)).value().prompt_tokens_reused, 0U);
    }
}

TEST(Generator, EvaluateHearsAStop) {
    for (const bool exact : {true, false}) {
        Talk talk({});
        TokenStats stats;
        const auto score = [&](size_t i, std::span<const float>) {
            EXPECT_LE(i, 4U);
            if (i == 4) talk.parts.stop.request();
        };
        const Status status = talk.generator.evaluate(someTokens(30), exact, score, stats,
                                                      talk.parts.stop);
        ASSERT_FALSE(status);
        EXPECT_EQ(status.error().code, ErrorCode::kCancelled);
        EXPECT_EQ(talk.parts.kv_cache.rows(), 0U);
        EXPECT_EQ(talk.parts.reader->inFlight(), 0U);
    }
}

}  // namespace
}  // namespace glowworm
