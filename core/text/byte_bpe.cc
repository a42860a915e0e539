// SPDX-License-Identifier: Apache-2.0
#include "core/text/byte_bpe.h"

#include <array>

#include "core/text/bpe_tokenizer.h"
#include "core/text/byte_alphabet.h"
#include "core/text/pre_tokenizer.h"
#include "core/text/utf8.h"

namespace glowworm {
namespace {

class ByteBpe : public BpeTokenizer {
  public:
    ByteBpe(TokenizerData data, PreTokenizer pre, MergeTable merges)
        : BpeTokenizer(std::move(data)), pre_(std::move(pre)), merges_(std::move(merges)) {
        bytes_.fill(-1);
        const auto count = static_cast<int32_t>(vocabulary());
        for (int32_t id = count - 1; id >= 0; --id) {
            const TokenType kind = type(TokenId(id));
            if (kind != TokenType::kNormal && kind != TokenType::kByte) continue;
            std::string text = pieceBytes(TokenId(id));
            if (text.size() == 1) bytes_[static_cast<uint8_t>(text[0])] = id;
            if (this->data().ignore_merges) words_.insert_or_assign(std::move(text), id);
        }
    }

    [[nodiscard]] std::string decodeAll(std::span<const TokenId> tokens) const override {
        std::string out;
        for (const TokenId token : tokens) out += decode(token, false);
        return out;
    }

  protected:
    void encodeText(std::string_view text, std::vector<TokenId>& out) const override {
        std::vector<std::string_view> words;
        pre_.split(text, words);
        BpeScratch scratch;
        for (const std::string_view word : words) encodeWord(word, scratch, out);
    }

    [[nodiscard]] std::string pieceBytes(TokenId token) const override {
        return pieceToBytes(piece(token)).value_or(piece(token));
    }

  private:
    void encodeWord(std::string_view word, BpeScratch& scratch, std::vector<TokenId>& out) const {
        if (data().ignore_merges) {
            if (const auto found = words_.find(std::string(word)); found != words_.end()) {
                return out.push_back(TokenId(found->second));
            }
        }
        scratch.symbols.clear();
        if (!setSymbols(word, scratch)) {
            scratch.symbols.clear();
            setSymbols(withReplacements(word), scratch);
        }
        mergeSymbols(scratch, [this](const BpeSymbol& left, const BpeSymbol& right) {
            return merges_.find(left.id, right.id);
        });
        for (const BpeSymbol& symbol : scratch.symbols) {
            // A byte without a piece says nothing, as in llama.cpp and Hugging Face.
            if (symbol.length > 0 && symbol.id >= 0) out.push_back(TokenId(symbol.id));
        }
    }

    // False where the vocabulary lacks a byte of the word.
    bool setSymbols(std::string_view word, BpeScratch& scratch) const {
        bool complete = true;
        for (size_t i = 0; i < word.size(); ++i) {
            const int32_t id = bytes_[static_cast<uint8_t>(word[i])];
            scratch.symbols.push_back({.begin = i, .length = 1, .id = id});
            complete = complete && id >= 0;
        }
        return complete;
    }

    // Ill-formed bytes that the vocabulary lacks become U+FFFD.
    [[nodiscard]] std::string withReplacements(std::string_view word) const {
        std::string out;
        while (!word.empty()) {
            const Utf8Sequence next = firstUtf8Sequence(word);
            const bool known = bytes_[static_cast<uint8_t>(word[0])] >= 0;
            const bool keep = next.kind == Utf8Kind::kValid || known;
            const size_t length = next.kind == Utf8Kind::kValid ? next.length : 1;
            out += keep ? word.substr(0, length) : kReplacementCharacter;
            word.remove_prefix(length);
        }
        return out;
    }

    PreTokenizer pre_;
    MergeTable merges_;
    std::array<int32_t, 256> bytes_;
    std::unordered_map<std::string, int32_t> words_;  // ignore_merges only
};

}  // namespace

Result<std::shared_ptr<const Tokenizer>> createByteBpe(TokenizerData data) {
    ASSIGN_OR_RETURN(PreTokenizer pre, PreTokenizer::create(data.pre_rule));
    ASSIGN_OR_RETURN(MergeTable merges, MergeTable::create(data));
    return std::make_shared<const ByteBpe>(std::move(data), std::move(pre), std::move(merges));
}

}  // namespace glowworm
