// SPDX-License-Identifier: Apache-2.0
#include "core/text/huggingface_tokenizer.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>
#include <sstream>

namespace glowworm {
namespace {

using nlohmann::json;
using testing::HasSubstr;

std::string read(const std::string& name) {
    std::ifstream file(std::string(SOURCE_DIR "/tests/golden/") + name);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

Result<TokenizerData> fromFolder(const std::string& folder) {
    return tokenizerFromHuggingFace(read(folder + "/tokenizer.json"),
                                    read(folder + "/tokenizer_config.json"), "",
                                    folder + "/tokenizer.json");
}

void expectGoldenIds(const Tokenizer& tokenizer, const std::string& name, int lines_expected) {
    std::istringstream lines(read("tokens/" + name));
    int compared = 0;
    for (std::string line; std::getline(lines, line); ++compared) {
        const json golden = json::parse(line);
        const std::string text = golden.at("text");
        std::vector<int> ids;
        for (const TokenId token : tokenizer.encode(text, false)) ids.push_back(token.value());
        ASSERT_EQ(ids, golden.at("ids").get<std::vector<int>>()) << testing::PrintToString(text);
    }
    EXPECT_EQ(compared, lines_expected);
}

TEST(HuggingFaceTokenizer, ByteLevelIdsEqualThoseOfTokenizers) {
    const auto data = fromFolder("llama-silu");
    ASSERT_TRUE(data.has_value()) << data.error().message;
    const auto tokenizer = Tokenizer::create(*data);
    ASSERT_TRUE(tokenizer.has_value()) << tokenizer.error().message;
    expectGoldenIds(**tokenizer, "llama-silu.jsonl", 200);
}

TEST(HuggingFaceTokenizer, ByteFallbackIdsEqualThoseOfTokenizers) {
    const auto data = fromFolder("llama-relu");
    ASSERT_TRUE(data.has_value()) << data.error().message;
    EXPECT_EQ(data->kind, TokenizerKind::kSentencePieceBpe);
    const auto tokenizer = Tokenizer::create(*data);
    ASSERT_TRUE(tokenizer.has_value()) << tokenizer.error().message;
    expectGoldenIds(**tokenizer, "llama-relu-json.jsonl", 200);
}

class RuleOfFamily : public testing::TestWithParam<const char*> {};

TEST_P(RuleOfFamily, IdsEqualThoseOfTokenizers) {
    const std::string rule = GetParam();
    const std::string path = "tokens/" + rule + "-tokenizer.json";
    const auto data = tokenizerFromHuggingFace(read(path), "", "", path);
    ASSERT_TRUE(data.has_value()) << data.error().message;
    EXPECT_EQ(data->pre_rule, rule);
    const auto tokenizer = Tokenizer::create(*data);
    ASSERT_TRUE(tokenizer.has_value()) << tokenizer.error().message;
    expectGoldenIds(**tokenizer, rule + ".jsonl", 300);
}

INSTANTIATE_TEST_SUITE_P(Rules, RuleOfFamily,
                         testing::Values("gpt-2", "smollm", "llama-bpe", "qwen2", "falcon"),
                         [](const auto& parameter) {
                             std::string name = parameter.param;
                             std::ranges::replace(name, '-', '_');
                             return name;
                         });

TEST(HuggingFaceTokenizer, TakesNamedTokensFromTheConfiguration) {
    const auto data = fromFolder("opt");
    ASSERT_TRUE(data.has_value()) << data.error().message;
    EXPECT_TRUE(data->add_bos);
    EXPECT_FALSE(data->add_eos);
    EXPECT_EQ(data->pieces[static_cast<size_t>(data->bos.value())], "<s>");
    EXPECT_EQ(data->pieces[static_cast<size_t>(data->eos.value())], "</s>");
    const auto tokenizer = *Tokenizer::create(*data);
    EXPECT_EQ(tokenizer->encode("a", true).front(), data->bos);
}

// A small byte-level file; the tests below change parts of it.
json smallFile() {
    return json::parse(R"({
        "added_tokens": [{"id": 3, "content": "<s>", "special": true},
                         {"id": 5, "content": "<tag>", "special": false}],
        "normalizer": null,
        "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "use_regex": true},
        "post_processor": null,
        "model": {"type": "BPE", "vocab": {"a": 0, "b": 1, "ab": 2}, "merges": ["a b"]}})");
}

Result<TokenizerData> convert(const json& file, const std::string& config = "",
                              const std::string& generation = "") {
    return tokenizerFromHuggingFace(file.dump(), config, generation, "m/tokenizer.json");
}

TEST(HuggingFaceTokenizer, ReadsMergesInBothSpellingsAndLeavesHolesUnused) {
    json file = smallFile();
    const auto strings = convert(file);
    file["model"]["merges"] = json::parse(R"([["a", "b"]])");
    const auto pairs = convert(file);
    ASSERT_TRUE(strings.has_value() && pairs.has_value());
    EXPECT_EQ(strings->merges, pairs->merges);
    ASSERT_EQ(pairs->pieces.size(), 6U);
    EXPECT_EQ(pairs->types[3], TokenType::kControl);
    EXPECT_EQ(pairs->types[4], TokenType::kUnused);
    EXPECT_EQ(pairs->types[5], TokenType::kUserDefined);
}

TEST(HuggingFaceTokenizer, KnowsThePreTokenizersOfTheFamilies) {
    json file = smallFile();
    const auto rule = [&](const char* pre) {
        file["pre_tokenizer"] = json::parse(pre);
        const auto data = convert(file);
        return data ? data->pre_rule : data.error().message;
    };
    EXPECT_EQ(
        rule(R"({"type":"Sequence","pretokenizers":[{"type":"Digits","individual_digits":true},
        {"type":"ByteLevel","add_prefix_space":false,"use_regex":true}]})"),
        "smollm");
    EXPECT_EQ(rule(R"x({"type":"Sequence","pretokenizers":[{"type":"Split","pattern":{"Regex":
        "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3})x"
                   R"x(| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"},
        "behavior":"Isolated","invert":false},
        {"type":"ByteLevel","add_prefix_space":false,"use_regex":false}]})x"),
              "llama-bpe");
    EXPECT_EQ(rule(R"({"type":"Sequence","pretokenizers":[
        {"type":"Punctuation","behavior":"Contiguous"},
        {"type":"ByteLevel","add_prefix_space":false,"use_regex":true},
        {"type":"Digits","individual_digits":false},
        {"type":"Split","pattern":{"Regex":"[0-9][0-9][0-9]"},"behavior":"Isolated","invert":false}
        ]})"),
              "falcon");
    EXPECT_THAT(rule(R"({"type":"Whitespace"})"), HasSubstr("Whitespace"));
    EXPECT_THAT(rule(R"({"type":"Sequence","pretokenizers":[{"type":"Split","pattern":{"Regex":"x"},
        "behavior":"Isolated","invert":false},{"type":"ByteLevel","add_prefix_space":false,
        "use_regex":false}]})"),
                HasSubstr("Split"));
    EXPECT_THAT(rule("null"), HasSubstr("pre-tokenizer"));
}

TEST(HuggingFaceTokenizer, TakesBosFromThePostProcessor) {
    json file = smallFile();
    file["post_processor"] = json::parse(R"({"type":"TemplateProcessing","single":[
        {"SpecialToken":{"id":"<s>","type_id":0}},{"Sequence":{"id":"A","type_id":0}}]})");
    const auto data = convert(file);
    ASSERT_TRUE(data.has_value());
    EXPECT_TRUE(data->add_bos);
    EXPECT_EQ(data->bos, TokenId(3));
    EXPECT_FALSE(convert(file, R"({"add_bos_token": false})")->add_bos);
}

TEST(HuggingFaceTokenizer, TakesFurtherEndsFromTheGenerationConfiguration) {
    const auto data = convert(smallFile(), R"({"eos_token": {"content": "<s>"}})",
                              R"({"eos_token_id": [3, 5, 900, "x"]})");
    ASSERT_TRUE(data.has_value());
    EXPECT_EQ(data->eos, TokenId(3));
    EXPECT_EQ(data->end_of_turn, std::vector<TokenId>{TokenId(5)});
}

TEST(HuggingFaceTokenizer, MetaspaceOfLaterFiles) {
    json file = smallFile();
    file["model"]["byte_fallback"] = true;
    file["pre_tokenizer"] = json::parse(
        R"({"type":"Metaspace","replacement":"▁","prepend_scheme":"first","split":false})");
    const auto data = convert(file);
    ASSERT_TRUE(data.has_value()) << data.error().message;
    EXPECT_TRUE(data->add_space_prefix && data->prefix_first_only && data->prefix_unless_space);
    file["pre_tokenizer"]["split"] = true;
    EXPECT_EQ(convert(file).error().code, ErrorCode::kUnsupported);
}

TEST(HuggingFaceTokenizer, RefusesByNameWhatItDoesNotKnow) {
    const auto message = [](const char* path, const json& value) {
        json file = smallFile();
        file[json::json_pointer(path)] = value;
        const auto data = convert(file);
        EXPECT_FALSE(data.has_value());
        return data ? "" : data.error().message;
    };
    EXPECT_THAT(message("/model/type", "Unigram"), HasSubstr("Unigram"));
    EXPECT_THAT(message("/normalizer", json::parse(R"({"type":"Lowercase"})")),
                HasSubstr("Lowercase"));
    EXPECT_THAT(message("/post_processor", json::parse(R"({"type":"BertProcessing"})")),
                HasSubstr("BertProcessing"));
    EXPECT_THAT(message("/added_tokens/0/lstrip", true), HasSubstr("lstrip"));
    EXPECT_THAT(message("/model/end_of_word_suffix", "</w>"), HasSubstr("end_of_word_suffix"));
}

TEST(HuggingFaceTokenizer, HostileIdsReserveNothing) {
    for (const json& id : {json(-1), json(2000000000), json(1e30), json("x"), json(nullptr)}) {
        json file = smallFile();
        file["model"]["vocab"]["a"] = id;
        const auto data = convert(file);
        ASSERT_FALSE(data.has_value());
        EXPECT_EQ(data.error().code, ErrorCode::kInvalidFile);
        EXPECT_THAT(data.error().message, HasSubstr("m/tokenizer.json"));
    }
}

TEST(HuggingFaceTokenizer, ChangedBytesNeverCrash) {
    const std::string text = smallFile().dump();
    std::mt19937 random(9);
    for (int round = 0; round < 5000; ++round) {
        std::string changed = text.substr(0, round % 3 == 0 ? random() % text.size() : text.size());
        for (int i = 0; i < 3 && !changed.empty(); ++i) {
            changed[random() % changed.size()] = "0-[]{}\",:aZ\xFF 9et"[random() % 18];
        }
        if (auto data = tokenizerFromHuggingFace(changed, "", changed, "t")) {
            (void)Tokenizer::create(*std::move(data));
        }
    }
}

TEST(HuggingFaceTokenizer, ReadsVocabAndMergesFiles) {
    const auto data = tokenizerFromVocabAndMerges(
        R"({"a": 0, "b": 1, "ab": 2, "</s>": 3})", "#version: 0.2\na b\r\n",
        R"({"bos_token": "</s>", "eos_token": "</s>", "add_bos_token": true})", "", "m/vocab.json");
    ASSERT_TRUE(data.has_value());
    const auto tokenizer = *Tokenizer::create(*data);
    EXPECT_EQ(tokenizer->encode("ab</s>", true),
              (std::vector<TokenId>{TokenId(3), TokenId(2), TokenId(3)}));
}

}  // namespace
}  // namespace glowworm
