// SPDX-License-Identifier: Apache-2.0
#include "core/text/tokenizer.h"

#include <algorithm>
#include <cmath>

#include "core/text/byte_bpe.h"
#include "core/text/sentencepiece_bpe.h"
#include "core/text/utf8.h"

namespace glowworm {
namespace {

constexpr size_t kVocabularyMax = size_t{1} << 22;
constexpr size_t kMergesMax = size_t{1} << 23;

std::unexpected<Error> broken(const std::string& what) {
    return fail(ErrorCode::kInvalidFile, "the tokenizer's data do not agree: " + what);
}

Status checkId(TokenId id, const TokenizerData& data, const std::string& name) {
    if (id.value() < -1 || id.value() >= static_cast<int64_t>(data.pieces.size())) {
        return broken("the " + name + " token is " + std::to_string(id.value()) +
                      ", but the vocabulary has " + std::to_string(data.pieces.size()) + " pieces");
    }
    return {};
}

Status checkPieces(const TokenizerData& data) {
    for (size_t i = 0; i < data.pieces.size(); ++i) {
        if (!isValidUtf8(data.pieces[i])) {
            return broken("piece " + std::to_string(i) + " is not UTF-8");
        }
        if (data.kind == TokenizerKind::kSentencePieceBpe && data.types[i] == TokenType::kByte &&
            bytePiece(data.pieces[i]) < 0) {
            return broken("piece " + std::to_string(i) +
                          " is marked as a byte but not written <0xNN>");
        }
    }
    return {};
}

Status check(const TokenizerData& data) {
    const size_t count = data.pieces.size();
    if (count == 0) return broken("the vocabulary is empty");
    if (count > kVocabularyMax || data.merges.size() > kMergesMax) {
        return broken("the vocabulary or the merges are too many to be real");
    }
    if (data.types.size() != count) {
        return broken(std::to_string(count) + " pieces but " + std::to_string(data.types.size()) +
                      " types");
    }
    const bool by_score = data.kind == TokenizerKind::kSentencePieceBpe && data.merges.empty();
    if (by_score && data.scores.size() != count) {
        return broken(std::to_string(count) + " pieces but " + std::to_string(data.scores.size()) +
                      " scores");
    }
    if (!std::ranges::all_of(data.scores, [](float score) { return std::isfinite(score); })) {
        return broken("a score is not a number");
    }
    RETURN_IF_ERROR(checkPieces(data));
    RETURN_IF_ERROR(checkId(data.bos, data, "beginning-of-text"));
    RETURN_IF_ERROR(checkId(data.eos, data, "end-of-text"));
    RETURN_IF_ERROR(checkId(data.unknown, data, "unknown"));
    RETURN_IF_ERROR(checkId(data.pad, data, "padding"));
    for (const TokenId id : data.end_of_turn) RETURN_IF_ERROR(checkId(id, data, "end-of-turn"));
    return {};
}

}  // namespace

Result<std::shared_ptr<const Tokenizer>> Tokenizer::create(TokenizerData data) {
    RETURN_IF_ERROR(check(data));
    return data.kind == TokenizerKind::kByteLevelBpe ? createByteBpe(std::move(data))
                                                     : createSentencePieceBpe(std::move(data));
}

bool Tokenizer::endsAnswer(TokenId token) const {
    if (token.value() < 0) return false;
    return token == data().eos ||
           std::ranges::find(data().end_of_turn, token) != data().end_of_turn.end();
}

}  // namespace glowworm
