// SPDX-License-Identifier: Apache-2.0
// The bundle's tokenizer.json.
#include "core/text/json_fields.h"
#include "core/text/tokenizer.h"

namespace glowworm {
namespace {

constexpr std::string_view kFormat = "glowworm-tokenizer";
constexpr int kVersion = 1;
constexpr int kTypeMax = static_cast<int>(TokenType::kByte);

Result<std::vector<TokenType>> readTypes(const Json& json, const std::string& path) {
    const Json& array = member(json, "types");
    std::vector<TokenType> types;
    if (!array.is_array()) {
        return fail(ErrorCode::kInvalidFile, path + ": \"types\" is not an array");
    }
    for (const Json& value : array) {
        const int32_t type = idOr(value, -1);
        if (type < 0 || type > kTypeMax) {
            return fail(ErrorCode::kInvalidFile, path + ": \"types\" has an unknown kind of token");
        }
        types.push_back(static_cast<TokenType>(type));
    }
    return types;
}

Result<std::vector<float>> readScores(const Json& json, const std::string& path) {
    const Json& array = member(json, "scores");
    std::vector<float> scores;
    if (array.is_null()) return scores;
    if (!array.is_array()) {
        return fail(ErrorCode::kInvalidFile, path + ": \"scores\" is not an array");
    }
    for (const Json& value : array) {
        if (!value.is_number()) {
            return fail(ErrorCode::kInvalidFile,
                        path + ": \"scores\" has something that is not a number");
        }
        scores.push_back(value.get<float>());
    }
    return scores;
}

TokenId readId(const Json& json, const char* name) { return TokenId(idOr(member(json, name), -1)); }

}  // namespace

std::string tokenizerToJson(const TokenizerData& data) {
    Json json;
    json["format"] = kFormat;
    json["version"] = kVersion;
    json["kind"] =
        data.kind == TokenizerKind::kByteLevelBpe ? "byte-level-bpe" : "sentencepiece-bpe";
    json["pre_rule"] = data.pre_rule;
    json["pieces"] = data.pieces;
    if (!data.scores.empty()) json["scores"] = data.scores;
    Json& types = json["types"] = Json::array();
    for (const TokenType type : data.types) types.push_back(static_cast<int>(type));
    json["merges"] = data.merges;
    json["bos"] = data.bos.value();
    json["eos"] = data.eos.value();
    json["unknown"] = data.unknown.value();
    json["pad"] = data.pad.value();
    Json& end_of_turn = json["end_of_turn"] = Json::array();
    for (const TokenId id : data.end_of_turn) end_of_turn.push_back(id.value());
    json["add_bos"] = data.add_bos;
    json["add_eos"] = data.add_eos;
    json["add_space_prefix"] = data.add_space_prefix;
    json["prefix_first_only"] = data.prefix_first_only;
    json["prefix_unless_space"] = data.prefix_unless_space;
    json["ignore_merges"] = data.ignore_merges;
    json["normalize_nfc"] = data.normalize_nfc;
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<TokenizerData> tokenizerFromJson(std::string_view text, const std::string& path) {
    ASSIGN_OR_RETURN(const Json json, parseJsonObject(text, path));
    if (stringOr(json, "format", "") != kFormat) {
        return fail(ErrorCode::kInvalidFile, path + " is not a tokenizer of a Glowworm bundle");
    }
    if (idOr(member(json, "version"), -1) != kVersion) {
        return fail(
            ErrorCode::kUnsupported,
            path + " was written by another version of this program; import the model again");
    }
    const std::string kind = stringOr(json, "kind", "");
    if (kind != "byte-level-bpe" && kind != "sentencepiece-bpe") {
        return fail(ErrorCode::kInvalidFile, path + ": unknown kind of tokenizer \"" + kind + "\"");
    }
    TokenizerData data;
    data.kind =
        kind == "byte-level-bpe" ? TokenizerKind::kByteLevelBpe : TokenizerKind::kSentencePieceBpe;
    data.pre_rule = stringOr(json, "pre_rule", "");
    ASSIGN_OR_RETURN(data.pieces, stringArray(json, "pieces", path));
    ASSIGN_OR_RETURN(data.scores, readScores(json, path));
    ASSIGN_OR_RETURN(data.types, readTypes(json, path));
    ASSIGN_OR_RETURN(data.merges, stringArray(json, "merges", path));
    data.bos = readId(json, "bos");
    data.eos = readId(json, "eos");
    data.unknown = readId(json, "unknown");
    data.pad = readId(json, "pad");
    if (const Json& ids = member(json, "end_of_turn"); ids.is_array()) {
        for (const Json& id : ids) data.end_of_turn.emplace_back(idOr(id, -1));
    }
    data.add_bos = boolOr(json, "add_bos", false);
    data.add_eos = boolOr(json, "add_eos", false);
    data.add_space_prefix = boolOr(json, "add_space_prefix", false);
    data.prefix_first_only = boolOr(json, "prefix_first_only", false);
    data.prefix_unless_space = boolOr(json, "prefix_unless_space", false);
    data.ignore_merges = boolOr(json, "ignore_merges", false);
    data.normalize_nfc = boolOr(json, "normalize_nfc", false);
    return data;
}

}  // namespace glowworm
