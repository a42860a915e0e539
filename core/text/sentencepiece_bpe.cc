// SPDX-License-Identifier: Apache-2.0
#include "core/text/sentencepiece_bpe.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "core/text/bpe_tokenizer.h"
#include "core/text/utf8.h"

namespace glowworm {
namespace {

constexpr std::string_view kSpace = "\xE2\x96\x81";  // ▁

std::string replaceAll(std::string_view text, std::string_view from, std::string_view to) {
    std::string out;
    for (size_t at = 0;;) {
        const size_t next = text.find(from, at);
        out += text.substr(at, next - at);
        if (next == std::string_view::npos) return out;
        out += to;
        at = next + from.size();
    }
}

// Where a ▁ follows something else.
size_t wordBoundary(std::string_view text) {
    for (size_t at = text.find(kSpace, 1); at != std::string_view::npos;
         at = text.find(kSpace, at + kSpace.size())) {
        if (!text.substr(0, at).ends_with(kSpace)) return at;
    }
    return text.size();
}

class SentencePieceBpe : public BpeTokenizer {
  public:
    SentencePieceBpe(TokenizerData data, MergeTable merges)
        : BpeTokenizer(std::move(data)), merges_(std::move(merges)) {
        bytes_.fill(-1);
        for (size_t i = 0; i < vocabulary(); ++i) {
            const auto id = static_cast<int32_t>(i);
            const std::string& text = piece(TokenId(id));
            if (type(TokenId(id)) == TokenType::kByte) {
                bytes_[static_cast<size_t>(bytePiece(text))] = id;
            } else if (type(TokenId(id)) != TokenType::kControl) {
                if (type(TokenId(id)) == TokenType::kNormal) ids_.try_emplace(text, id);
                longest_ = std::max(longest_, text.size());
                words_apart_ = words_apart_ && wordBoundary(text) == text.size();
            }
        }
        has_bytes_ = std::ranges::find(bytes_, -1) == bytes_.end();
    }

    [[nodiscard]] std::string decodeAll(std::span<const TokenId> tokens) const override {
        std::string out;
        for (const TokenId token : tokens) out += decode(token, false);
        if (data().add_space_prefix && out.starts_with(' ')) out.erase(0, 1);
        return out;
    }

  protected:
    void encodeText(std::string_view text, std::vector<TokenId>& out) const override {
        const std::string spaced = replaceAll(text, " ", kSpace);
        std::string_view rest = spaced;
        BpeScratch scratch;
        while (!rest.empty()) {
            // No piece reaches over a word's beginning, so words can be encoded one by one.
            const size_t end = words_apart_ ? wordBoundary(rest) : rest.size();
            encodeWord(rest.substr(0, end), scratch, out);
            rest.remove_prefix(end);
        }
    }

    [[nodiscard]] std::string pieceBytes(TokenId token) const override {
        if (type(token) == TokenType::kByte) {
            return std::string(1, static_cast<char>(bytePiece(piece(token))));
        }
        return replaceAll(piece(token), kSpace, " ");
    }

  private:
    void encodeWord(std::string_view word, BpeScratch& scratch, std::vector<TokenId>& out) const {
        scratch.symbols.clear();
        for (size_t at = 0; at < word.size();) {
            const Utf8Sequence next = firstUtf8Sequence(word.substr(at));
            const size_t length = next.kind == Utf8Kind::kValid ? next.length : 1;
            scratch.symbols.push_back(
                {.begin = at, .length = length, .id = idOf(word.substr(at, length))});
            at += length;
        }
        mergeSymbols(scratch, [&](const BpeSymbol& left, const BpeSymbol& right) {
            return data().merges.empty() ? byScore(word, left, right)
                                         : merges_.find(left.id, right.id);
        });
        for (const BpeSymbol& symbol : scratch.symbols) {
            if (symbol.length > 0) append(word.substr(symbol.begin, symbol.length), symbol.id, out);
        }
    }

    [[nodiscard]] std::optional<BpeMerge> byScore(std::string_view word, const BpeSymbol& left,
                                                  const BpeSymbol& right) const {
        const size_t length = left.length + right.length;
        if (length > longest_) return std::nullopt;
        const int32_t id = idOf(word.substr(left.begin, length));
        if (id < 0) return std::nullopt;
        return BpeMerge{-static_cast<double>(data().scores[static_cast<size_t>(id)]), id};
    }

    [[nodiscard]] int32_t idOf(std::string_view text) const {
        const auto found = ids_.find(text);
        return found == ids_.end() ? -1 : found->second;
    }

    void append(std::string_view text, int32_t id, std::vector<TokenId>& out) const {
        if (id >= 0) return out.push_back(TokenId(id));
        if (has_bytes_) {
            for (const char c : text) out.push_back(TokenId(bytes_[static_cast<uint8_t>(c)]));
            return;
        }
        const int32_t replacement = isValidUtf8(text) ? -1 : idOf(kReplacementCharacter);
        const TokenId other = replacement >= 0 ? TokenId(replacement) : data().unknown;
        if (other.value() >= 0) out.push_back(other);
    }

    MergeTable merges_;
    std::unordered_map<std::string_view, int32_t> ids_;  // views into data().pieces
    std::array<int32_t, 256> bytes_;
    size_t longest_ = 0;  // bytes of the longest piece
    bool has_bytes_ = false;
    bool words_apart_ = true;
};

}  // namespace

int bytePiece(std::string_view piece) {
    if (piece.size() != 6 || !piece.starts_with("<0x") || !piece.ends_with('>')) return -1;
    int value = -1;
    const auto [end, error] = std::from_chars(piece.data() + 3, piece.data() + 5, value, 16);
    return error == std::errc() && end == piece.data() + 5 ? value : -1;
}

Result<std::shared_ptr<const Tokenizer>> createSentencePieceBpe(TokenizerData data) {
    ASSIGN_OR_RETURN(MergeTable merges, MergeTable::create(data));
    return std::make_shared<const SentencePieceBpe>(std::move(data), std::move(merges));
}

}  // namespace glowworm
