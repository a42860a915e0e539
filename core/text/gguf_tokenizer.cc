// SPDX-License-Identifier: Apache-2.0
#include "core/text/gguf_tokenizer.h"

#include "core/text/end_of_turn.h"
#include "core/text/pre_tokenizer.h"

namespace glowworm {
namespace {

Result<TokenType> tokenType(int32_t value, const std::string& path) {
    switch (value) {
        case 1: return TokenType::kNormal;
        case 2: return TokenType::kUnknown;
        case 3: return TokenType::kControl;
        case 4: return TokenType::kUserDefined;
        case 5: return TokenType::kUnused;
        case 6: return TokenType::kByte;
        default: break;
    }
    return fail(ErrorCode::kInvalidFile,
                path + ": tokenizer.ggml.token_type has the unknown type " + std::to_string(value));
}

Result<TokenId> tokenId(std::optional<uint32_t> id, size_t count, const char* name,
                        const std::string& path) {
    // "None" is written as the largest number by some converters.
    if (!id || *id == UINT32_MAX) return TokenId(-1);
    if (*id >= count) {
        return fail(ErrorCode::kInvalidFile, path + ": the " + name + " token is " +
                                                 std::to_string(*id) + ", but there are only " +
                                                 std::to_string(count) + " tokens");
    }
    return TokenId(static_cast<int32_t>(*id));
}

Status setKind(const GgufTokenizer& source, TokenizerData& data, const std::string& path) {
    if (source.model == "llama") {
        data.kind = TokenizerKind::kSentencePieceBpe;
        data.add_bos = source.add_bos.value_or(true);
        data.add_space_prefix = source.add_space_prefix.value_or(true);
        return {};
    }
    if (source.model != "gpt2") {
        return fail(ErrorCode::kUnsupported, path + ": a tokenizer of the kind \"" + source.model +
                                                 "\" is not supported (only gpt2 and llama are)");
    }
    data.kind = TokenizerKind::kByteLevelBpe;
    data.pre_rule = source.pre.empty() ? "default" : source.pre;
    if (const auto pre = PreTokenizer::create(data.pre_rule); !pre) {
        return fail(pre.error().code, path + ": " + pre.error().message);
    }
    const bool llama3 =
        data.pre_rule == "llama-bpe" || data.pre_rule == "llama3" || data.pre_rule == "llama-v3";
    data.ignore_merges = llama3 || data.pre_rule == "tekken";
    data.add_bos = source.add_bos.value_or(llama3 || data.pre_rule == "tekken");
    data.add_space_prefix = source.add_space_prefix.value_or(false);
    return {};
}

}  // namespace

Result<TokenizerData> tokenizerFromGguf(GgufTokenizer source, const std::string& path) {
    TokenizerData data;
    RETURN_IF_ERROR(setKind(source, data, path));
    const size_t count = source.tokens.size();
    if (source.token_types.empty()) source.token_types.assign(count, 1);
    if (source.token_types.size() != count) {
        return fail(ErrorCode::kInvalidFile, path + ": " + std::to_string(count) + " tokens but " +
                                                 std::to_string(source.token_types.size()) +
                                                 " token types");
    }
    for (const int32_t value : source.token_types) {
        ASSIGN_OR_RETURN(const TokenType type, tokenType(value, path));
        data.types.push_back(type);
    }
    ASSIGN_OR_RETURN(data.bos, tokenId(source.bos, count, "bos", path));
    ASSIGN_OR_RETURN(data.eos, tokenId(source.eos, count, "eos", path));
    ASSIGN_OR_RETURN(data.unknown, tokenId(source.unknown, count, "unknown", path));
    ASSIGN_OR_RETURN(data.pad, tokenId(source.padding, count, "padding", path));
    ASSIGN_OR_RETURN(const TokenId eot, tokenId(source.end_of_turn, count, "end-of-turn", path));
    if (eot.value() >= 0 && eot != data.eos) data.end_of_turn.push_back(eot);
    data.add_eos = source.add_eos.value_or(false);
    data.pieces = std::move(source.tokens);
    if (data.kind == TokenizerKind::kSentencePieceBpe) {
        data.scores = std::move(source.scores);
    } else {
        data.merges = std::move(source.merges);
    }
    addKnownEndOfTurn(data);
    return data;
}

}  // namespace glowworm
