// SPDX-License-Identifier: Apache-2.0
#include "core/text/pre_tokenizer.h"

#include <gmock/gmock.h>

#include "core/text/pre_tokenizer_rules.h"

namespace glowworm {
namespace {

using testing::ElementsAre;

std::vector<std::string> words(const std::string& rule, std::string_view text) {
    const auto pre = PreTokenizer::create(rule);
    EXPECT_TRUE(pre.has_value());
    std::vector<std::string_view> views;
    pre->split(text, views);
    return {views.begin(), views.end()};
}

TEST(PreTokenizer, Gpt2KeepsOneSpaceWithTheWord) {
    EXPECT_THAT(words("gpt-2", "Hello  world, it's 2024!\n"),
                ElementsAre("Hello", " ", " world", ",", " it", "'s", " 2024", "!", "\n"));
}

TEST(PreTokenizer, SmolLmPutsEveryNumericCharacterAlone) {
    EXPECT_THAT(words("smollm", "a 12½ x"), ElementsAre("a", " ", "1", "2", "½", " x"));
    EXPECT_THAT(words("gpt-2", "a 12½ x"), ElementsAre("a", " 12½", " x"));
}

TEST(PreTokenizer, Llama3TakesThreeDigitsAndAnyCaseOfContractions) {
    EXPECT_THAT(words("llama-bpe", "WE'LL pay 12345\n\n ok"),
                ElementsAre("WE", "'LL", " pay", " ", "123", "45", "\n\n", " ok"));
    EXPECT_THAT(words("qwen2", "123"), ElementsAre("1", "2", "3"));
}

TEST(PreTokenizer, FalconSplitsPunctuationAndTripletsOfDigits) {
    EXPECT_THAT(words("falcon", "a==b 1234"), ElementsAre("a", "==", "b", " ", "123", "4"));
}

TEST(PreTokenizer, SpacesAreThoseOfUnicode) {
    // U+0085 is white space, U+180E no longer is.
    EXPECT_THAT(words("gpt-2", "a\u0085\u0085b"), ElementsAre("a", "\u0085", "\u0085", "b"));
    EXPECT_THAT(words("gpt-2", "a \u180E"), ElementsAre("a", " \u180E"));
}

TEST(PreTokenizer, IllFormedBytesAreWordsOfTheirOwn) {
    EXPECT_THAT(words("gpt-2", "ab\xFF\xFE cd\xE2\x82"),
                ElementsAre("ab", "\xFF\xFE", " cd", "\xE2\x82"));
}

TEST(PreTokenizer, RefusesAnUnknownRuleByName) {
    const auto pre = PreTokenizer::create("chatglm-bpe");
    ASSERT_FALSE(pre.has_value());
    EXPECT_EQ(pre.error().code, ErrorCode::kUnsupported);
    EXPECT_THAT(pre.error().message, testing::HasSubstr("chatglm-bpe"));
}

TEST(PreTokenizer, WordsJoinedAreTheTextForEveryRuleEvenForHostileText) {
    std::vector<std::string> texts = {"", std::string(200000, ' ') + "x", std::string(200000, 'a'),
                                      std::string(200000, '\n'), std::string(100000, '\xFF')};
    texts.emplace_back();
    for (int i = 0; i < 50000; ++i) texts.back() += i % 2 == 0 ? " \r" : "'";
    for (const PreRule& rule : preRules()) {
        for (const std::string& text : texts) {
            std::string joined;
            for (const std::string& word : words(std::string(rule.names[0]), text)) joined += word;
            EXPECT_TRUE(joined == text) << rule.names[0];
        }
    }
}

TEST(PreTokenizer, FindsARuleByItsPattern) {
    EXPECT_EQ(preRuleFromPattern(preRules()[2].patterns[0].pattern), "llama-bpe");
    EXPECT_EQ(preRuleFromPattern("[a-z]+"), "");
}

}  // namespace
}  // namespace glowworm
