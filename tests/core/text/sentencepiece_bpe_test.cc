// SPDX-License-Identifier: Apache-2.0
#include "core/text/sentencepiece_bpe.h"

#include <gmock/gmock.h>

#include <cstdio>

namespace glowworm {
namespace {

using testing::ElementsAre;

constexpr int kFirstPiece = 259;  // <unk> <s> </s> and 256 bytes come before

TokenizerData scoredData(const std::vector<std::pair<std::string, float>>& pieces) {
    TokenizerData data;
    data.kind = TokenizerKind::kSentencePieceBpe;
    data.pieces = {"<unk>", "<s>", "</s>"};
    data.types = {TokenType::kUnknown, TokenType::kControl, TokenType::kControl};
    for (int byte = 0; byte < 256; ++byte) {
        char text[8];
        std::snprintf(text, sizeof text, "<0x%02X>", static_cast<unsigned>(byte));
        data.pieces.emplace_back(text);
        data.types.push_back(TokenType::kByte);
    }
    data.scores.assign(data.pieces.size(), 0.0F);
    for (const auto& [piece, score] : pieces) {
        data.pieces.push_back(piece);
        data.types.push_back(TokenType::kNormal);
        data.scores.push_back(score);
    }
    data.unknown = TokenId(0);
    data.bos = TokenId(1);
    data.eos = TokenId(2);
    data.add_bos = true;
    data.add_space_prefix = true;
    return data;
}

// 259 ▁, 260 a, 261 b, 262 ▁a, 263 ab, 264 ▁ab, 265 ▁▁
TokenizerData smallData() {
    return scoredData(
        {{"▁", -10}, {"a", -11}, {"b", -12}, {"▁a", -2}, {"ab", -1}, {"▁ab", -3}, {"▁▁", -4}});
}

std::vector<int> ids(const std::vector<TokenId>& tokens) {
    std::vector<int> out;
    for (const TokenId token : tokens) out.push_back(token.value());
    return out;
}

std::shared_ptr<const Tokenizer> make(TokenizerData data) {
    auto tokenizer = Tokenizer::create(std::move(data));
    EXPECT_TRUE(tokenizer.has_value()) << (tokenizer ? "" : tokenizer.error().message);
    return *tokenizer;
}

TEST(SentencePieceBpe, MergesByScoreAfterASpacePrefix) {
    const auto tokenizer = make(smallData());
    EXPECT_THAT(ids(tokenizer->encode("ab", false)), ElementsAre(kFirstPiece + 5));
    EXPECT_THAT(ids(tokenizer->encode("a ab", false)),
                ElementsAre(kFirstPiece + 3, kFirstPiece + 5));
    EXPECT_THAT(ids(tokenizer->encode("  b", false)),
                ElementsAre(kFirstPiece + 6, kFirstPiece, kFirstPiece + 2));
    EXPECT_THAT(ids(tokenizer->encode("", true)), ElementsAre(1));
}

TEST(SentencePieceBpe, MergesByRankWhereTheSourceHasMerges) {
    TokenizerData data = smallData();
    data.scores.clear();
    data.merges = {"▁ a", "a b"};
    EXPECT_THAT(ids(make(data)->encode("ab", false)),
                ElementsAre(kFirstPiece + 3, kFirstPiece + 2));
}

TEST(SentencePieceBpe, WritesWhatNoPieceHasAsBytes) {
    const auto tokenizer = make(smallData());
    EXPECT_THAT(ids(tokenizer->encode("aé\xFF", false)),
                ElementsAre(kFirstPiece + 3, 3 + 0xC3, 3 + 0xA9, 3 + 0xFF));
    EXPECT_EQ(tokenizer->decodeAll(tokenizer->encode("aé\xFF\n", false)), "aé\xFF\n");
}

TEST(SentencePieceBpe, WithoutBytesAnUnknownCharacterIsTheUnknownToken) {
    TokenizerData data = smallData();
    for (TokenType& type : data.types) {
        if (type == TokenType::kByte) type = TokenType::kUnused;
    }
    EXPECT_THAT(ids(make(data)->encode("aé", false)), ElementsAre(kFirstPiece + 3, 0));
}

TEST(SentencePieceBpe, TheSpacePrefixFollowsTheSource) {
    TokenizerData data = smallData();  // ▁ before each stretch
    EXPECT_THAT(ids(make(data)->encode("a<s>a", true)), ElementsAre(1, 262, 1, 262));
    data.prefix_first_only = true;
    EXPECT_THAT(ids(make(data)->encode("a<s>a", true)), ElementsAre(1, 262, 1, 260));
    data.prefix_unless_space = true;
    EXPECT_THAT(ids(make(data)->encode(" a", false)), ElementsAre(262));
    data.add_space_prefix = false;
    EXPECT_THAT(ids(make(data)->encode("a", false)), ElementsAre(260));
}

TEST(SentencePieceBpe, SpellingsOfBytesAndControlTokensAreText) {
    TokenizerData data = smallData();
    for (const char* piece : {"<", "s", ">", "<s", "s>"}) {
        data.pieces.emplace_back(piece);
        data.types.push_back(TokenType::kNormal);
        data.scores.push_back(-5);
    }
    EXPECT_EQ(make(data)->decodeAll(make(data)->encode("<s>", false)), "<s>");
    EXPECT_EQ(make(data)->decodeAll(make(data)->encode("<0x41>", false)), "<0x41>");
}

TEST(SentencePieceBpe, APieceThatReachesOverASpaceIsStillFound) {
    TokenizerData data = scoredData({{"▁", -10}, {"a", -11}, {"a▁", -2}, {"a▁a", -1}});
    data.add_space_prefix = false;
    EXPECT_THAT(ids(make(data)->encode("a a", false)), ElementsAre(kFirstPiece + 3));
}

TEST(SentencePieceBpe, AMegabyteWithoutASpaceDoesNotHang) {
    const auto tokenizer = make(smallData());
    EXPECT_EQ(tokenizer->encode(std::string(1 << 20, 'a'), false).size(), size_t{1} << 20);
}

TEST(SentencePieceBpe, RefusesScoresThatDoNotAgree) {
    TokenizerData data = smallData();
    data.scores.pop_back();
    EXPECT_FALSE(Tokenizer::create(data).has_value());
    data.scores.push_back(std::numeric_limits<float>::quiet_NaN());
    EXPECT_FALSE(Tokenizer::create(data).has_value());
    data = smallData();
    data.pieces[5] = "<0xZZ>";
    EXPECT_FALSE(Tokenizer::create(data).has_value());
}

TEST(BytePiece, ReadsOnlyTheExactForm) {
    EXPECT_EQ(bytePiece("<0x0A>"), 10);
    EXPECT_EQ(bytePiece("<0xFF>"), 255);
    for (const char* text : {"", "<0x0A", "<0x+1>", "<0x-1>", "<0xG0>", "<0x0AA>"}) {
        EXPECT_EQ(bytePiece(text), -1) << text;
    }
}

}  // namespace
}  // namespace glowworm
