// SPDX-License-Identifier: Apache-2.0
#include "core/text/byte_bpe.h"

#include <gmock/gmock.h>

#include <random>

#include "core/text/byte_alphabet.h"

namespace glowworm {
namespace {

using testing::ElementsAre;

// All 256 bytes, then what the merges give, then two special tokens.
TokenizerData byteData(std::vector<std::string> merges) {
    TokenizerData data;
    data.pre_rule = "gpt-2";
    for (int byte = 0; byte < 256; ++byte) {
        data.pieces.push_back(bytesToPiece(std::string(1, static_cast<char>(byte))));
    }
    for (std::string merge : merges) {
        merge.erase(merge.find(' '), 1);
        data.pieces.push_back(merge);
    }
    data.merges = std::move(merges);
    data.types.assign(data.pieces.size(), TokenType::kNormal);
    data.bos = TokenId(static_cast<int>(data.pieces.size()));
    data.pieces.emplace_back("<s>");
    data.types.push_back(TokenType::kControl);
    data.pieces.emplace_back("<tag>");
    data.types.push_back(TokenType::kUserDefined);
    return data;
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

TEST(ByteAlphabet, WritesEveryByteAndReadsItBack) {
    EXPECT_EQ(bytesToPiece(" a\n"), "ĠaĊ");
    for (int byte = 0; byte < 256; ++byte) {
        const std::string one(1, static_cast<char>(byte));
        EXPECT_EQ(pieceToBytes(bytesToPiece(one)), one);
    }
    EXPECT_EQ(pieceToBytes("a b"), std::nullopt);  // a space is written Ġ
    EXPECT_EQ(pieceToBytes("日"), std::nullopt);
}

TEST(ByteBpe, MergesByRankNotFromTheLeft) {
    const auto tokenizer = make(byteData({"b c", "a b", "a bc"}));
    EXPECT_THAT(ids(tokenizer->encode("abc", false)), ElementsAre(258));
    EXPECT_THAT(ids(tokenizer->encode("abd", false)), ElementsAre(257, 'd'));
}

TEST(ByteBpe, OfEqualPairsTheLeftmostMergesFirst) {
    const auto tokenizer = make(byteData({"a a"}));
    EXPECT_THAT(ids(tokenizer->encode("aaa", false)), ElementsAre(256, 'a'));
}

TEST(ByteBpe, NeverMergesAcrossWords) {
    const auto tokenizer = make(byteData({"a Ġ", "Ġ b"}));
    EXPECT_THAT(ids(tokenizer->encode("a b", false)), ElementsAre('a', 257));
}

TEST(ByteBpe, IgnoreMergesTakesAWholeWordThatIsAPiece) {
    TokenizerData data = byteData({"a b"});
    data.pieces[0] = "cab";  // no merge leads to it
    const auto plain = make(data);
    EXPECT_THAT(ids(plain->encode("cab", false)), ElementsAre('c', 256));
    data.ignore_merges = true;
    EXPECT_THAT(ids(make(data)->encode("cab", false)), ElementsAre(0));
}

TEST(ByteBpe, SpecialTokensAreTextUnlessAskedFor) {
    TokenizerData data = byteData({});
    data.add_bos = true;
    const auto tokenizer = make(data);
    EXPECT_THAT(ids(tokenizer->encode("<s>", false)), ElementsAre('<', 's', '>'));
    EXPECT_THAT(ids(tokenizer->encode("a<s>", true)), ElementsAre(256, 'a', 256));
    EXPECT_THAT(ids(tokenizer->encodeTemplate("a<s>")), ElementsAre('a', 256));
    // A user-defined piece is part of the text's alphabet, asked for or not.
    EXPECT_THAT(ids(tokenizer->encode("<tag>", false)), ElementsAre(257));
}

TEST(ByteBpe, DecodesControlTokensOnlyWhenAskedTo) {
    const auto tokenizer = make(byteData({}));
    EXPECT_EQ(tokenizer->decode(TokenId(256), false), "");
    EXPECT_EQ(tokenizer->decode(TokenId(256), true), "<s>");
    EXPECT_EQ(tokenizer->decode(TokenId(257), false), "<tag>");
    EXPECT_EQ(tokenizer->decode(TokenId(99999), true), "");
    EXPECT_EQ(tokenizer->decode(TokenId(-1), true), "");
}

TEST(ByteBpe, AnyBytesComeBack) {
    const auto tokenizer = make(byteData({"a b", "Ġ a", "Ġa b", "Ã ©"}));
    std::mt19937 random(3);
    for (int round = 0; round < 200; ++round) {
        std::string bytes;
        for (size_t i = random() % 60; i > 0; --i) {
            bytes += random() % 3 == 0 ? static_cast<char>(random()) : "ab \n12é"[random() % 8];
        }
        EXPECT_EQ(tokenizer->decodeAll(tokenizer->encode(bytes, false)), bytes);
    }
}

TEST(ByteBpe, AMegabyteWithoutASpaceDoesNotHang) {
    const auto tokenizer = make(byteData({"a b", "b a", "ab ab", "abab abab"}));
    std::string text;
    for (int i = 0; i < 1 << 19; ++i) text += "ab";
    const auto tokens = tokenizer->encode(text, false);
    EXPECT_EQ(tokens.size(), text.size() / 8);
}

TEST(ByteBpe, AMissingByteIsDroppedAndAnIllFormedOneReplaced) {
    TokenizerData data = byteData({});
    data.pieces[0xFF] = "unusedFF";
    data.pieces[0x04] = "unused04";
    const auto tokenizer = make(data);
    EXPECT_THAT(ids(tokenizer->encode("a\x04z", false)), ElementsAre('a', 'z'));
    EXPECT_THAT(ids(tokenizer->encode("a\xFF", false)), ElementsAre('a', 0xEF, 0xBF, 0xBD));
}

TEST(ByteBpe, NfcComposesBeforeCutting) {
    TokenizerData data = byteData({});
    data.normalize_nfc = true;
    EXPECT_THAT(ids(make(data)->encode("e\u0301\xFF", false)), ElementsAre(0xC3, 0xA9, 0xFF));
}

TEST(ByteBpe, RefusesMergesThatDoNotAgreeWithTheVocabulary) {
    TokenizerData data = byteData({"a b"});
    data.merges.emplace_back("ab zz");
    const auto tokenizer = Tokenizer::create(data);
    ASSERT_FALSE(tokenizer.has_value());
    EXPECT_EQ(tokenizer.error().code, ErrorCode::kInvalidFile);
    EXPECT_THAT(tokenizer.error().message, testing::HasSubstr("ab zz"));
    for (const char* merge : {"", " ", "a", "a ", " b"}) {
        data.merges.back() = merge;
        EXPECT_FALSE(Tokenizer::create(data).has_value()) << '"' << merge << '"';
    }
}

}  // namespace
}  // namespace glowworm
