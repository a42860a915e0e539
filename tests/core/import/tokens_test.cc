// SPDX-License-Identifier: Apache-2.0
// Token ids of the starter against llama.cpp's (tests/golden/tokens). Needs the starter's GGUF,
// which GLOWWORM_STARTER_GGUF names; packaging/test always sets it.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

#include "core/import/source.h"
#include "core/text/tokenizer.h"

namespace glowworm {
namespace {

class StarterTokens : public testing::Test {
  protected:
    void SetUp() override {
        const char* path = std::getenv("GLOWWORM_STARTER_GGUF");
        if (path == nullptr) GTEST_SKIP() << "GLOWWORM_STARTER_GGUF is not set";
        auto data = readTokenizer(path);
        ASSERT_TRUE(data.has_value()) << data.error().message;
        data_ = *std::move(data);
    }

    // Returns how many lines agreed; stops at the first that does not.
    static int compare(const TokenizerData& data, const std::string& name, bool special) {
        const auto tokenizer = Tokenizer::create(data);
        EXPECT_TRUE(tokenizer.has_value()) << (tokenizer ? "" : tokenizer.error().message);
        if (!tokenizer) return 0;
        std::ifstream lines(std::string(SOURCE_DIR "/tests/golden/tokens/") + name);
        int compared = 0;
        for (std::string line; std::getline(lines, line); ++compared) {
            const auto golden = nlohmann::json::parse(line);
            const std::string text = golden.at("text");
            std::vector<int> ids;
            for (const TokenId id : (*tokenizer)->encode(text, special)) ids.push_back(id.value());
            EXPECT_EQ(ids, golden.at("ids").get<std::vector<int>>())
                << name << " line " << compared + 1 << ": " << line.substr(0, 300);
            if (testing::Test::HasFailure()) break;
        }
        return compared;
    }

    TokenizerData data_;
};

TEST_F(StarterTokens, EqualLlamaCppOnTwoThousandLines) {
    EXPECT_EQ(data_.pre_rule, "smollm");
    EXPECT_EQ(compare(data_, "starter.jsonl", false), 2000);
}

TEST_F(StarterTokens, EqualLlamaCppWithSpecialTokens) {
    EXPECT_EQ(compare(data_, "starter-special.jsonl", true), 10);
}

TEST_F(StarterTokens, EqualLlamaCppUnderOtherRules) {
    for (const char* rule : {"gpt-2", "llama-bpe"}) {
        data_.pre_rule = rule;
        data_.ignore_merges = data_.pre_rule == "llama-bpe";
        EXPECT_GT(compare(data_, "starter-" + data_.pre_rule + ".jsonl", false), 300) << rule;
    }
}

}  // namespace
}  // namespace glowworm
