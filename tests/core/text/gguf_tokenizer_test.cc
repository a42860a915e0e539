// SPDX-License-Identifier: Apache-2.0
#include "core/text/gguf_tokenizer.h"

#include <gmock/gmock.h>

namespace glowworm {
namespace {

using testing::HasSubstr;

GgufTokenizer someSource() {
    GgufTokenizer source;
    source.model = "gpt2";
    source.pre = "smollm";
    source.tokens = {"a", "b", "ab", "<|im_end|>", "</s>"};
    source.token_types = {1, 1, 1, 3, 3};
    source.merges = {"a b"};
    source.eos = 4;
    return source;
}

TEST(GgufTokenizer, ReadsByteLevelWithItsRule) {
    const auto data = tokenizerFromGguf(someSource(), "m.gguf");
    ASSERT_TRUE(data.has_value()) << data.error().message;
    EXPECT_EQ(data->kind, TokenizerKind::kByteLevelBpe);
    EXPECT_EQ(data->pre_rule, "smollm");
    EXPECT_FALSE(data->add_bos || data->add_space_prefix || data->ignore_merges);
    EXPECT_EQ(data->end_of_turn, std::vector<TokenId>{TokenId(3)});  // by its name
    EXPECT_TRUE(Tokenizer::create(*data).has_value());
}

TEST(GgufTokenizer, LlamaThreeAddsBosAndIgnoresMerges) {
    GgufTokenizer source = someSource();
    source.pre = "llama-bpe";
    EXPECT_TRUE(tokenizerFromGguf(source, "m")->add_bos);
    EXPECT_TRUE(tokenizerFromGguf(source, "m")->ignore_merges);
    source.add_bos = false;
    EXPECT_FALSE(tokenizerFromGguf(source, "m")->add_bos);
    source.pre = "";
    EXPECT_EQ(tokenizerFromGguf(source, "m")->pre_rule, "default");
}

TEST(GgufTokenizer, LlamaTwoIsSentencePieceWithBosAndPrefix) {
    GgufTokenizer source = someSource();
    source.model = "llama";
    source.scores = {-1, -2, -3, 0, 0};
    const auto data = tokenizerFromGguf(source, "m");
    ASSERT_TRUE(data.has_value());
    EXPECT_EQ(data->kind, TokenizerKind::kSentencePieceBpe);
    EXPECT_TRUE(data->add_bos && data->add_space_prefix);
    EXPECT_TRUE(data->merges.empty());
}

TEST(GgufTokenizer, RefusesByNameOrNamesTheFault) {
    const auto message = [](auto change) {
        GgufTokenizer source = someSource();
        change(source);
        const auto data = tokenizerFromGguf(source, "dir/m.gguf");
        EXPECT_FALSE(data.has_value());
        EXPECT_THAT(data ? "" : data.error().message, HasSubstr("dir/m.gguf"));
        return data ? "" : data.error().message;
    };
    EXPECT_THAT(message([](GgufTokenizer& s) { s.model = "bert"; }), HasSubstr("bert"));
    EXPECT_THAT(message([](GgufTokenizer& s) { s.pre = "martian"; }), HasSubstr("martian"));
    EXPECT_THAT(message([](GgufTokenizer& s) { s.token_types.pop_back(); }),
                HasSubstr("token types"));
    EXPECT_THAT(message([](GgufTokenizer& s) { s.token_types[0] = 99; }), HasSubstr("99"));
    EXPECT_THAT(message([](GgufTokenizer& s) { s.eos = 5; }), HasSubstr("eos"));
}

}  // namespace
}  // namespace glowworm
