// SPDX-License-Identifier: Apache-2.0
#include "core/text/bpe_tokenizer.h"

#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>

#include "core/base/check.h"
#include "core/text/utf8.h"

namespace glowworm {
namespace {

// Ill-formed bytes stay as they are; where the system has no Unicode data, all of it does.
std::string toNfc(std::string_view text) {
    UErrorCode status = U_ZERO_ERROR;
    const icu::Normalizer2* nfc = icu::Normalizer2::getNFCInstance(status);
    std::string out;
    while (!text.empty()) {
        const size_t valid = validUtf8Prefix(text);
        const std::string_view good = text.substr(0, valid);
        if (U_SUCCESS(status) && valid <= INT32_MAX) {
            icu::StringByteSink<std::string> sink(&out);
            nfc->normalizeUTF8(0, icu::StringPiece(good.data(), static_cast<int32_t>(valid)), sink,
                               nullptr, status);
        } else {
            out += good;
        }
        text.remove_prefix(valid);
        if (text.empty()) break;
        const size_t bad = firstUtf8Sequence(text).length;
        out += text.substr(0, bad);
        text.remove_prefix(bad);
    }
    return out;
}

uint64_t pairKey(int32_t left, int32_t right) {
    return static_cast<uint64_t>(static_cast<uint32_t>(left)) << 32 | static_cast<uint32_t>(right);
}

}  // namespace

BpeTokenizer::BpeTokenizer(TokenizerData data) : data_(std::move(data)) {
    for (size_t i = 0; i < data_.pieces.size(); ++i) {
        const TokenId id(static_cast<int32_t>(i));
        const TokenType kind = data_.types[i];
        if (kind == TokenType::kUserDefined) user_only_.add(data_.pieces[i], id);
        if (kind == TokenType::kUserDefined || kind == TokenType::kControl ||
            kind == TokenType::kUnknown) {
            control_and_user_.add(data_.pieces[i], id);
        }
    }
}

std::vector<TokenId> BpeTokenizer::encode(std::string_view text, bool special) const {
    std::vector<TokenId> out;
    if (special && data_.add_bos && data_.bos.value() >= 0) out.push_back(data_.bos);
    encodeSections(text, special, out);
    if (special && data_.add_eos && data_.eos.value() >= 0) out.push_back(data_.eos);
    return out;
}

std::vector<TokenId> BpeTokenizer::encodeTemplate(std::string_view text) const {
    std::vector<TokenId> out;
    encodeSections(text, true, out);
    return out;
}

void BpeTokenizer::encodeSections(std::string_view text, bool special,
                                  std::vector<TokenId>& out) const {
    const SpecialTokens& tokens = special ? control_and_user_ : user_only_;
    size_t done = 0;
    while (done < text.size()) {
        const SpecialTokens::Match match = tokens.find(text, done);
        if (match.begin > done)
            encodeSection(text.substr(done, match.begin - done), done == 0, out);
        if (match.length > 0) out.push_back(match.id);
        done = match.begin + match.length;
    }
}

void BpeTokenizer::encodeSection(std::string_view text, bool begins_text,
                                 std::vector<TokenId>& out) const {
    const bool prefix = data_.add_space_prefix && (begins_text || !data_.prefix_first_only) &&
                        !(data_.prefix_unless_space && text.starts_with(' '));
    if (!prefix && !data_.normalize_nfc) return encodeText(text, out);
    std::string changed = data_.normalize_nfc ? toNfc(text) : std::string(text);
    if (prefix) changed.insert(0, 1, ' ');
    encodeText(changed, out);
}

std::string BpeTokenizer::decode(TokenId token, bool special) const {
    if (token.value() < 0 || static_cast<size_t>(token.value()) >= data_.pieces.size()) return "";
    switch (type(token)) {
        case TokenType::kNormal:
        case TokenType::kByte: return pieceBytes(token);
        case TokenType::kUserDefined: return piece(token);
        case TokenType::kUnknown:
        case TokenType::kControl:
        case TokenType::kUnused: break;
    }
    return special ? piece(token) : "";
}

Result<MergeTable> MergeTable::create(const TokenizerData& data) {
    std::unordered_map<std::string_view, int32_t> ids;
    ids.reserve(data.pieces.size());
    for (size_t i = 0; i < data.pieces.size(); ++i) {
        ids.try_emplace(data.pieces[i], static_cast<int32_t>(i));
    }
    MergeTable table;
    table.merges_.reserve(data.merges.size());
    std::string merged;
    for (size_t rank = 0; rank < data.merges.size(); ++rank) {
        const std::string_view merge = data.merges[rank];
        const size_t space = merge.find(' ', 1);
        if (space == std::string_view::npos || space + 1 == merge.size()) {
            return fail(ErrorCode::kInvalidFile,
                        "the tokenizer's merge " + std::to_string(rank) + " is not two pieces");
        }
        merged.assign(merge.substr(0, space)).append(merge.substr(space + 1));
        const auto left = ids.find(merge.substr(0, space));
        const auto right = ids.find(merge.substr(space + 1));
        const auto both = ids.find(merged);
        if (left == ids.end() || right == ids.end() || both == ids.end()) {
            return fail(ErrorCode::kInvalidFile, "the tokenizer's merge " + std::to_string(rank) +
                                                     " (" + std::string(merge) +
                                                     ") names a piece that its vocabulary lacks");
        }
        table.merges_.try_emplace(pairKey(left->second, right->second),
                                  BpeMerge{static_cast<double>(rank), both->second});
    }
    return table;
}

std::optional<BpeMerge> MergeTable::find(int32_t left, int32_t right) const {
    const auto found = merges_.find(pairKey(left, right));
    if (found == merges_.end()) return std::nullopt;
    return found->second;
}

}  // namespace glowworm
