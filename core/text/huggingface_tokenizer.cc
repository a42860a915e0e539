// SPDX-License-Identifier: Apache-2.0
#include "core/text/huggingface_tokenizer.h"

#include <algorithm>

#include "core/text/end_of_turn.h"
#include "core/text/huggingface_rules.h"
#include "core/text/json_fields.h"
#include "core/text/sentencepiece_bpe.h"

namespace glowworm {
namespace {

// Ids may leave holes, but no file may make us reserve what it does not fill.
constexpr size_t kHolesMax = 65536;

std::unexpected<Error> broken(const std::string& path, const std::string& what) {
    return fail(ErrorCode::kInvalidFile, path + ": " + what);
}

Status place(TokenizerData& data, const std::string& piece, const Json& id, TokenType type,
             size_t count_max, const std::string& path) {
    const int32_t value = idOr(id, -1);
    if (value < 0 || static_cast<size_t>(value) >= count_max) {
        return broken(path, "the token \"" + piece + "\" has an id that cannot be right");
    }
    const auto index = static_cast<size_t>(value);
    if (index >= data.pieces.size()) {
        data.pieces.resize(index + 1);
        data.types.resize(index + 1, TokenType::kUnused);
    }
    data.pieces[index] = piece;
    data.types[index] = type;
    return {};
}

Status readVocabulary(const Json& vocabulary, size_t count_max, TokenizerData& data,
                      const std::string& path) {
    if (!vocabulary.is_object() || vocabulary.empty()) {
        return broken(path, "it has no vocabulary (an object from pieces to ids)");
    }
    const bool characters = data.kind == TokenizerKind::kSentencePieceBpe;
    for (const auto& [piece, id] : vocabulary.items()) {
        const bool byte = characters && bytePiece(piece) >= 0;
        RETURN_IF_ERROR(
            place(data, piece, id, byte ? TokenType::kByte : TokenType::kNormal, count_max, path));
    }
    return {};
}

Status readMerges(const Json& merges, TokenizerData& data, const std::string& path) {
    if (!merges.is_array()) return broken(path, "it has no array of merges");
    data.merges.reserve(merges.size());
    for (const Json& merge : merges) {
        if (merge.is_string()) {
            data.merges.push_back(merge.get_ref<const std::string&>());
            continue;
        }
        const bool pair =
            merge.is_array() && merge.size() == 2 && merge[0].is_string() && merge[1].is_string();
        if (!pair) return broken(path, "a merge is neither \"a b\" nor [\"a\", \"b\"]");
        const auto& left = merge[0].get_ref<const std::string&>();
        const auto& right = merge[1].get_ref<const std::string&>();
        if (left.contains(' ') || right.contains(' ')) {
            return broken(path, "a merge of pieces with spaces in them is not supported");
        }
        data.merges.push_back(left + ' ' + right);
    }
    return {};
}

Status readAddedTokens(const Json& tokens, size_t count_max, TokenizerData& data,
                       const std::string& path) {
    for (const Json& token : tokens) {
        const std::string content = stringOr(token, "content", "");
        for (const char* flag : {"lstrip", "rstrip", "single_word"}) {
            if (!boolOr(token, flag, false)) continue;
            return fail(ErrorCode::kUnsupported, path + ": the added token \"" + content +
                                                     "\" has \"" + flag +
                                                     "\", which this program does not know");
        }
        const bool special = boolOr(token, "special", false);
        RETURN_IF_ERROR(place(data, content, member(token, "id"),
                              special ? TokenType::kControl : TokenType::kUserDefined, count_max,
                              path));
    }
    return {};
}

// A token named in a configuration, as a string or as {"content": ...}; -1 where there is none.
TokenId namedToken(const Json& config, const char* name, const TokenizerData& data) {
    const Json& value = member(config, name);
    const std::string text =
        value.is_object() ? stringOr(value, "content", "") : stringOr(config, name, "");
    if (text.empty()) return TokenId(-1);
    const auto piece = std::ranges::find(data.pieces, text);
    if (piece == data.pieces.end()) return TokenId(-1);
    return TokenId(static_cast<int32_t>(piece - data.pieces.begin()));
}

void readConfig(const Json& config, TokenizerData& data) {
    const auto take = [&](const char* name, TokenId& id) {
        const TokenId named = namedToken(config, name, data);
        if (named.value() >= 0) id = named;
    };
    take("bos_token", data.bos);
    take("eos_token", data.eos);
    take("unk_token", data.unknown);
    take("pad_token", data.pad);
    data.add_bos = boolOr(config, "add_bos_token", data.add_bos);
    data.add_eos = boolOr(config, "add_eos_token", data.add_eos);
}

void readGenerationConfig(const Json& config, TokenizerData& data) {
    const Json& eos = member(config, "eos_token_id");
    const std::vector<Json> ids =
        eos.is_array() ? std::vector<Json>(eos.begin(), eos.end()) : std::vector<Json>{eos};
    for (const Json& id : ids) {
        const TokenId token(idOr(id, -1));
        if (token.value() < 0 || static_cast<size_t>(token.value()) >= data.pieces.size()) continue;
        if (data.eos.value() < 0) data.eos = token;
        if (token != data.eos &&
            std::ranges::find(data.end_of_turn, token) == data.end_of_turn.end()) {
            data.end_of_turn.push_back(token);
        }
    }
    addKnownEndOfTurn(data);
}

Status checkModel(const Json& model, const std::string& path) {
    const std::string type = stringOr(model, "type", "BPE");
    if (type != "BPE") {
        return fail(ErrorCode::kUnsupported, path + ": a tokenizer of the kind \"" + type +
                                                 "\" is not supported (only BPE is)");
    }
    for (const char* field : {"continuing_subword_prefix", "end_of_word_suffix"}) {
        if (stringOr(model, field, "").empty()) continue;
        return fail(ErrorCode::kUnsupported,
                    path + ": BPE with \"" + field + "\" is not supported");
    }
    return {};
}

Result<Json> parseOptional(std::string_view text, const std::string& path) {
    if (text.empty()) return Json::object();
    return parseJsonObject(text, path);
}

std::string beside(const std::string& path, const std::string& name) {
    const size_t slash = path.rfind('/');
    return slash == std::string::npos ? name : path.substr(0, slash + 1) + name;
}

Status readConfigs(std::string_view tokenizer_config, std::string_view generation_config,
                   TokenizerData& data, const std::string& path) {
    ASSIGN_OR_RETURN(const Json config,
                     parseOptional(tokenizer_config, beside(path, "tokenizer_config.json")));
    ASSIGN_OR_RETURN(const Json generation,
                     parseOptional(generation_config, beside(path, "generation_config.json")));
    readConfig(config, data);
    readGenerationConfig(generation, data);
    return {};
}

}  // namespace

Result<TokenizerData> tokenizerFromHuggingFace(std::string_view tokenizer_json,
                                               std::string_view tokenizer_config_json,
                                               std::string_view generation_config_json,
                                               const std::string& path) {
    ASSIGN_OR_RETURN(const Json root, parseJsonObject(tokenizer_json, path));
    const Json& model = member(root, "model");
    const Json& added = member(root, "added_tokens");
    RETURN_IF_ERROR(checkModel(model, path));
    TokenizerData data;
    data.kind = boolOr(model, "byte_fallback", false) ? TokenizerKind::kSentencePieceBpe
                                                      : TokenizerKind::kByteLevelBpe;
    const Json& vocabulary = member(model, "vocab");
    const size_t count_max = vocabulary.size() + added.size() + kHolesMax;
    RETURN_IF_ERROR(readVocabulary(vocabulary, count_max, data, path));
    if (added.is_array()) RETURN_IF_ERROR(readAddedTokens(added, count_max, data, path));
    RETURN_IF_ERROR(readMerges(member(model, "merges"), data, path));
    data.ignore_merges = boolOr(model, "ignore_merges", false);
    RETURN_IF_ERROR(readNormalizer(member(root, "normalizer"), data, path));
    RETURN_IF_ERROR(readPreTokenizer(member(root, "pre_tokenizer"), data, path));
    RETURN_IF_ERROR(readPostProcessor(member(root, "post_processor"), data, path));
    data.unknown = namedToken(model, "unk_token", data);
    RETURN_IF_ERROR(readConfigs(tokenizer_config_json, generation_config_json, data, path));
    if (data.kind == TokenizerKind::kSentencePieceBpe && data.unknown.value() >= 0) {
        data.types[static_cast<size_t>(data.unknown.value())] = TokenType::kUnknown;
    }
    return data;
}

Result<TokenizerData> tokenizerFromVocabAndMerges(std::string_view vocab_json,
                                                  std::string_view merges_txt,
                                                  std::string_view tokenizer_config_json,
                                                  std::string_view generation_config_json,
                                                  const std::string& path) {
    ASSIGN_OR_RETURN(const Json vocabulary, parseJsonObject(vocab_json, path));
    TokenizerData data;
    data.pre_rule = "gpt-2";
    RETURN_IF_ERROR(readVocabulary(vocabulary, vocabulary.size() + kHolesMax, data, path));
    while (!merges_txt.empty()) {
        const size_t end = merges_txt.find('\n');
        std::string_view line = merges_txt.substr(0, end);
        merges_txt.remove_prefix(end == std::string_view::npos ? merges_txt.size() : end + 1);
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (!line.empty() && !line.starts_with("#version")) data.merges.emplace_back(line);
    }
    RETURN_IF_ERROR(readConfigs(tokenizer_config_json, generation_config_json, data, path));
    for (const TokenId id : {data.bos, data.eos, data.unknown, data.pad}) {
        if (id.value() >= 0) data.types[static_cast<size_t>(id.value())] = TokenType::kControl;
    }
    return data;
}

}  // namespace glowworm
