// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <random>

#include "core/text/byte_alphabet.h"
#include "core/text/tokenizer.h"

namespace glowworm {
namespace {

TokenizerData someData() {
    TokenizerData data;
    data.pre_rule = "smollm";
    data.pieces = {"a", "b", "ab", "<s>", "Ġ"};
    data.types = {TokenType::kNormal, TokenType::kNormal, TokenType::kNormal, TokenType::kControl,
                  TokenType::kNormal};
    data.scores = {0.5F, -1, 0, 0, 0};
    data.merges = {"a b"};
    data.bos = TokenId(3);
    data.eos = TokenId(3);
    data.pad = TokenId(0);
    data.end_of_turn = {TokenId(3), TokenId(1)};
    data.add_bos = data.add_eos = data.add_space_prefix = data.ignore_merges = true;
    data.prefix_first_only = data.prefix_unless_space = data.normalize_nfc = true;
    return data;
}

TEST(TokenizerJson, ComesBackAsItWas) {
    const TokenizerData data = someData();
    const auto back = tokenizerFromJson(tokenizerToJson(data), "t.json");
    ASSERT_TRUE(back.has_value());
    EXPECT_EQ(tokenizerToJson(*back), tokenizerToJson(data));
    EXPECT_EQ(back->pieces, data.pieces);
    EXPECT_EQ(back->types, data.types);
    EXPECT_EQ(back->scores, data.scores);
    EXPECT_EQ(back->end_of_turn, data.end_of_turn);
    EXPECT_EQ(back->unknown, TokenId(-1));
    EXPECT_TRUE(back->normalize_nfc && back->prefix_first_only && back->prefix_unless_space);
    EXPECT_TRUE(Tokenizer::create(*back).has_value());
}

TEST(TokenizerJson, EveryTruncationIsAnErrorThatNamesTheFile) {
    const std::string json = tokenizerToJson(someData());
    for (size_t length = 0; length < json.size(); ++length) {
        const auto back = tokenizerFromJson(json.substr(0, length), "dir/t.json");
        ASSERT_FALSE(back.has_value()) << length;
        EXPECT_THAT(back.error().message, testing::HasSubstr("dir/t.json"));
    }
}

TEST(TokenizerJson, ChangedBytesNeverCrash) {
    const std::string json = tokenizerToJson(someData());
    std::mt19937 random(5);
    for (int round = 0; round < 5000; ++round) {
        std::string changed = json;
        for (int i = 0; i < 3; ++i) {
            changed[random() % changed.size()] = "0-[]{}\",:aZ\xFF 9e"[random() % 17];
        }
        if (auto back = tokenizerFromJson(changed, "t")) {
            if (const auto tokenizer = Tokenizer::create(*std::move(back))) {
                (void)(*tokenizer)->decodeAll((*tokenizer)->encode("ab <s>", true));
            }
        }
    }
}

TEST(TokenizerJson, RefusesOtherKindsVersionsAndTypes) {
    const std::string json = tokenizerToJson(someData());
    const auto with = [&](const std::string& from, const std::string& to) {
        std::string changed = json;
        const size_t at = changed.find(from);
        EXPECT_NE(at, std::string::npos) << from;
        return tokenizerFromJson(changed.replace(at, from.size(), to), "t");
    };
    EXPECT_FALSE(with("glowworm-tokenizer", "other").has_value());
    EXPECT_EQ(with("\"version\":1", "\"version\":2").error().code, ErrorCode::kUnsupported);
    EXPECT_FALSE(with("byte-level-bpe", "wordpiece").has_value());
    EXPECT_FALSE(with("\"types\":[0", "\"types\":[77").has_value());
    EXPECT_FALSE(with("\"types\":[0", "\"types\":[\"x\"").has_value());
    EXPECT_FALSE(with("\"pieces\":[\"a\"", "\"pieces\":[5").has_value());
    EXPECT_FALSE(with("\"scores\":[0.5", "\"scores\":[null").has_value());
    EXPECT_FALSE(tokenizerFromJson("[]", "t").has_value());
    EXPECT_FALSE(tokenizerFromJson(std::string(100000, '['), "t").has_value());
}

TEST(Tokenizer, RefusesDataThatDoNotAgree) {
    const auto refused = [](auto change) {
        TokenizerData data = someData();
        change(data);
        const auto tokenizer = Tokenizer::create(std::move(data));
        return !tokenizer.has_value() && tokenizer.error().code == ErrorCode::kInvalidFile;
    };
    EXPECT_TRUE(refused([](TokenizerData& d) {
        d.pieces.clear();
        d.types.clear();
    }));
    EXPECT_TRUE(refused([](TokenizerData& d) { d.types.pop_back(); }));
    EXPECT_TRUE(refused([](TokenizerData& d) { d.eos = TokenId(5); }));
    EXPECT_TRUE(refused([](TokenizerData& d) { d.bos = TokenId(-2); }));
    EXPECT_TRUE(refused([](TokenizerData& d) { d.end_of_turn = {TokenId(1 << 30)}; }));
    EXPECT_TRUE(refused([](TokenizerData& d) { d.pieces[0] = "\xFF"; }));
    EXPECT_FALSE(refused([](TokenizerData&) {}));
}

TEST(Tokenizer, KnowsWhatEndsAnAnswer) {
    const auto tokenizer = *Tokenizer::create(someData());
    EXPECT_TRUE(tokenizer->endsAnswer(TokenId(3)));
    EXPECT_TRUE(tokenizer->endsAnswer(TokenId(1)));
    EXPECT_FALSE(tokenizer->endsAnswer(TokenId(0)));
    EXPECT_FALSE(tokenizer->endsAnswer(TokenId(-1)));
}

}  // namespace
}  // namespace glowworm
