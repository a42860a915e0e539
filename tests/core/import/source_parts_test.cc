// SPDX-License-Identifier: Apache-2.0
// The small parts of an import: names, fingerprints, licences, SentencePiece models.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/import/model_card.h"
#include "core/import/sentencepiece_model.h"
#include "core/import/sha256.h"
#include "core/import/tensor_names.h"
#include "core/text/huggingface_tokenizer.h"
#include "tests/support/damage.h"
#include "tests/support/temp_dir.h"
#include "tests/support/tiny_model.h"

namespace glowworm {
namespace {

const std::string kGolden = SOURCE_DIR "/tests/golden/llama-relu/";

TEST(TensorNames, FollowTheArchitecture) {
    const TensorStore store;
    const TensorNames llama(SourceFormat::kHuggingFace, tinyConfig({}), store);
    EXPECT_EQ(llama.origin("layers.3.q").source, "model.layers.3.self_attn.q_proj.weight");
    EXPECT_EQ(llama.origin("layers.3.q.bias").source, "model.layers.3.self_attn.q_proj.bias");
    EXPECT_EQ(llama.origin("head").source, "lm_head.weight");
    const TensorNames gguf(SourceFormat::kGguf, tinyConfig({}), store);
    EXPECT_EQ(gguf.origin("layers.3.down").source, "blk.3.ffn_down.weight");
    EXPECT_EQ(gguf.origin("head").source, "output.weight");
    EXPECT_EQ(gguf.origin("layers.0.ffn_norm.weight").source, "blk.0.ffn_norm.weight");
    TinyModelOptions opt;
    opt.architecture = Architecture::kOpt;
    const TensorNames names(SourceFormat::kHuggingFace, tinyConfig(opt), store);
    EXPECT_EQ(names.origin("layers.1.down.bias").source, "model.decoder.layers.1.fc2.bias");
    EXPECT_EQ(names.origin("positions").source, "model.decoder.embed_positions.weight");
}

TEST(TensorNames, PrefixIsTheOneThatTheFileHas) {
    TensorStore store;
    store.tensors["embed_tokens.weight"] = {};
    const TensorNames names(SourceFormat::kHuggingFace, tinyConfig({}), store);
    EXPECT_EQ(names.origin("layers.0.up").source, "layers.0.mlp.up_proj.weight");
}

TEST(TensorNames, FalconsFusedRowsByGroup) {
    ModelConfig c = tinyConfig({});
    c.architecture = Architecture::kFalcon;
    c.heads = 4;
    c.kv_heads = 2;
    c.head_dim = 10;
    const TensorStore store;
    const TensorNames grouped(SourceFormat::kHuggingFace, c, store);
    EXPECT_THAT(grouped.origin("layers.0.q").rows,
                testing::ElementsAre(RowRange{0, 20}, RowRange{40, 20}));
    EXPECT_THAT(grouped.origin("layers.0.k").rows,
                testing::ElementsAre(RowRange{20, 10}, RowRange{60, 10}));
    EXPECT_THAT(grouped.origin("layers.0.v").rows,
                testing::ElementsAre(RowRange{30, 10}, RowRange{70, 10}));
    c.kv_heads = 1;
    const TensorNames multi_query(SourceFormat::kHuggingFace, c, store);
    EXPECT_THAT(multi_query.origin("layers.0.v").rows, testing::ElementsAre(RowRange{50, 10}));
}

TEST(Sha256, KnownAnswers) {  // FIPS 180-4 examples, and a million times "a"
    const auto hash = [](const std::string& text) {
        Sha256 sha;
        sha.add(std::as_bytes(std::span(text)));
        return sha.finish();
    };
    EXPECT_EQ(hash("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(hash(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(hash("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
              "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    Sha256 sha;
    const std::string piece(1000, 'a');
    for (int i = 0; i < 1000; ++i) sha.add(std::as_bytes(std::span(piece)));
    EXPECT_EQ(sha.finish(), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(ModelCard, LicenceOfTheFrontMatter) {
    EXPECT_EQ(licenseFromReadme("---\nlanguage: en\nlicense: apache-2.0\n---\n# Hi").name,
              "apache-2.0");
    const ModelLicense other = licenseFromReadme(
        "---\r\nlicense: other\r\nlicense_name: \"tiny\"\r\nlicense_link: "
        "https://x.org/l\r\n---\r\n");
    EXPECT_EQ(other.name, "tiny");
    EXPECT_EQ(other.link, "https://x.org/l");
    EXPECT_EQ(licenseFromReadme("# license: mit\n---\n").name, "");
    EXPECT_EQ(licenseFromReadme("---\ntext: 1\n---\nlicense: mit\n").name, "");
    EXPECT_EQ(licenseFromReadme("").name, "");
}

TEST(ModelCard, LicenceFileWhereThereIsNoCard) {
    const TempDir temp;
    EXPECT_EQ(licenseOfFolder(temp.path().string()).name, "");
    writeText(temp.file("LICENSE"), "\n   MIT License\n\nCopyright\n");
    EXPECT_EQ(licenseOfFolder(temp.path().string()).name, "MIT License");
}

TEST(SentencePieceModel, AgreesWithTokenizerJson) {
    const auto model = tokenizerFromSentencePiece(readText(kGolden + "tokenizer.model"),
                                                  readText(kGolden + "tokenizer_config.json"), "",
                                                  kGolden + "tokenizer.model");
    ASSERT_TRUE(model) << model.error().message;
    const auto json = tokenizerFromHuggingFace(readText(kGolden + "tokenizer.json"),
                                               readText(kGolden + "tokenizer_config.json"), "",
                                               kGolden + "tokenizer.json");
    ASSERT_TRUE(json) << json.error().message;
    EXPECT_EQ(model->pieces, json->pieces);
    EXPECT_EQ(model->bos, json->bos);
    EXPECT_EQ(model->eos, json->eos);
    EXPECT_TRUE(model->add_bos);
    EXPECT_TRUE(model->add_space_prefix);
    const auto tokenizer = Tokenizer::create(*model);
    ASSERT_TRUE(tokenizer);
    EXPECT_EQ((*tokenizer)->decodeAll((*tokenizer)->encode("Hello wörld 中", false)),
              "Hello wörld 中");
}

TEST(SentencePieceModel, EndIdsAndAddedTokens) {
    const std::string config = R"({"added_tokens_decoder":{
        "320":{"content":"<|im_start|>","special":true},
        "321":{"content":"<|im_end|>","special":true}, "2":{"content":"</s>"}}})";
    const auto data = tokenizerFromSentencePiece(readText(kGolden + "tokenizer.model"), config,
                                                 R"({"eos_token_id":[2,5,99999]})", "m");
    ASSERT_TRUE(data) << data.error().message;
    EXPECT_EQ(data->pieces.size(), 322U);
    EXPECT_EQ(data->pieces[321], "<|im_end|>");
    EXPECT_THAT(data->end_of_turn, testing::UnorderedElementsAre(TokenId(5), TokenId(321)));
    const auto gap =
        tokenizerFromSentencePiece(readText(kGolden + "tokenizer.model"),
                                   R"({"added_tokens_decoder":{"900":{"content":"x"}}})", "", "m");
    EXPECT_FALSE(gap);
}

TEST(SentencePieceModel, NonsenseIsRefused) {
    const std::string whole = readText(kGolden + "tokenizer.model");
    for (const size_t length : {size_t{0}, size_t{7}, whole.size() / 3}) {
        const auto data = tokenizerFromSentencePiece(whole.substr(0, length), "", "", "t.model");
        ASSERT_FALSE(data) << length;
        EXPECT_THAT(data.error().message, testing::HasSubstr("t.model"));
    }
}

}  // namespace
}  // namespace glowworm
