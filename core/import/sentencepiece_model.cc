// SPDX-License-Identifier: Apache-2.0
#include "core/import/sentencepiece_model.h"

#include <sentencepiece_processor.h>

#include <algorithm>
#include <map>

#include "core/bundle/json_text.h"
#include "core/text/end_of_turn.h"

namespace glowworm {

namespace {

using nlohmann::json;
using sentencepiece::SentencePieceProcessor;

TokenType typeOf(const SentencePieceProcessor& processor, int id) {
    if (processor.IsUnknown(id)) return TokenType::kUnknown;
    if (processor.IsControl(id)) return TokenType::kControl;
    if (processor.IsUnused(id)) return TokenType::kUnused;
    if (processor.IsByte(id)) return TokenType::kByte;
    return TokenType::kNormal;
}

// The library does not tell the algorithm, but n-best segmentation is unigram's alone.
bool isUnigram(const SentencePieceProcessor& processor) {
    std::vector<std::vector<std::string>> ways;
    return processor.NBestEncode("a", 2, &ways).ok();
}

bool addsSpacePrefix(const SentencePieceProcessor& processor) {
    std::vector<std::string> pieces;
    return processor.Encode("a", &pieces).ok() && !pieces.empty() &&
           pieces.front().starts_with("\xE2\x96\x81");
}

// Tokens that tokenizer_config.json adds behind the model's own ("added_tokens_decoder").
Status addTokens(const json& config, TokenizerData& data, const std::string& path) {
    const json added = config.value("added_tokens_decoder", json());
    if (!added.is_object()) return {};
    std::map<size_t, const json*> by_id;
    for (const auto& [id, token] : added.items()) {
        const bool digits = !id.empty() && id.size() < 9 &&
                            std::ranges::all_of(id, [](char c) { return c >= '0' && c <= '9'; });
        if (digits && token.is_object()) by_id[std::stoul(id)] = &token;
    }
    for (const auto& [id, token] : by_id) {
        const json content = token->value("content", json());
        if (id < data.pieces.size()) continue;
        if (id != data.pieces.size() || !content.is_string())
            return fail(ErrorCode::kInvalidFile,
                        path + ": the added token " + std::to_string(id) + " leaves a gap");
        data.pieces.push_back(content.get<std::string>());
        data.scores.push_back(0);
        data.types.push_back(token->value("special", json()) == true ? TokenType::kControl
                                                                     : TokenType::kUserDefined);
    }
    return {};
}

// A token named in the configuration: a text, or an object with "content".
TokenId named(const json& config, const char* key, const TokenizerData& data, TokenId otherwise) {
    json value = config.value(key, json());
    if (value.is_object()) value = value.value("content", json());
    if (!value.is_string()) return otherwise;
    const auto it = std::ranges::find(data.pieces, value.get<std::string>());
    return it == data.pieces.end() ? otherwise
                                   : TokenId(static_cast<int32_t>(it - data.pieces.begin()));
}

// An object, empty for no text.
Result<json> parseConfig(std::string_view text, const std::string& path) {
    if (text.empty()) return json::object();
    ASSIGN_OR_RETURN(json config, parseJson(text, path));
    return config.is_object() ? config : json::object();
}

// generation_config.json may name several ids that end an answer.
void addEndIds(const json& generation, TokenizerData& data) {
    const json ids = generation.value("eos_token_id", json());
    for (const json& id : ids.is_array() ? ids : json::array({ids})) {
        if (!id.is_number_unsigned() || id.get<uint64_t>() >= data.pieces.size()) continue;
        const TokenId token(id.get<int32_t>());
        if (token != data.eos && !std::ranges::contains(data.end_of_turn, token))
            data.end_of_turn.push_back(token);
    }
}

}  // namespace

Result<TokenizerData> tokenizerFromSentencePiece(std::string_view model,
                                                 std::string_view config_json,
                                                 std::string_view generation_json,
                                                 const std::string& path) {
    ASSIGN_OR_RETURN(const json config,
                     parseConfig(config_json, "tokenizer_config.json beside " + path));
    ASSIGN_OR_RETURN(const json generation,
                     parseConfig(generation_json, "generation_config.json beside " + path));
    SentencePieceProcessor processor;
    if (!processor.LoadFromSerializedProto({model.data(), model.size()}).ok())
        return fail(ErrorCode::kInvalidFile, path + " is no SentencePiece model (damaged?)");
    if (isUnigram(processor))
        return fail(ErrorCode::kUnsupported,
                    path + " is a unigram SentencePiece model; Glowworm knows the BPE kind");
    TokenizerData data;
    data.kind = TokenizerKind::kSentencePieceBpe;
    for (int id = 0; id < processor.GetPieceSize(); ++id) {
        data.pieces.push_back(processor.IdToPiece(id));
        data.scores.push_back(processor.GetScore(id));
        data.types.push_back(typeOf(processor, id));
    }
    RETURN_IF_ERROR(addTokens(config, data, path));
    data.unknown = TokenId(processor.unk_id());
    data.bos = named(config, "bos_token", data, TokenId(processor.bos_id()));
    data.eos = named(config, "eos_token", data, TokenId(processor.eos_id()));
    data.pad = named(config, "pad_token", data, TokenId(processor.pad_id()));
    data.add_bos = config.value("add_bos_token", json(true)) != false;
    data.add_eos = config.value("add_eos_token", json(false)) == true;
    data.add_space_prefix = addsSpacePrefix(processor);
    addEndIds(generation, data);
    addKnownEndOfTurn(data);
    return data;
}

}  // namespace glowworm
