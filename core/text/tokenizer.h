// SPDX-License-Identifier: Apache-2.0
// Text to token ids and back. Two kinds: byte-level BPE (GPT-2 and its kin, with the model's own
// pre-tokenizer rule) and SentencePiece-style BPE with byte fallback (Llama 2, Mistral). Immutable
// after load; safe to use from several threads.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/base/ids.h"

namespace glowworm {

enum class TokenizerKind { kByteLevelBpe, kSentencePieceBpe };
enum class TokenType : uint8_t { kNormal, kUnknown, kControl, kUserDefined, kUnused, kByte };

// Everything that defines a tokenizer, whatever file it came from; the bundle keeps it as JSON
// (tokenizer.json, our own form). Made by the readers of import/, checked by Tokenizer::create.
struct TokenizerData {
    TokenizerKind kind = TokenizerKind::kByteLevelBpe;
    std::string pre_rule;             // "gpt-2", "llama-bpe", "smollm", ...: pre_tokenizer.h
    std::vector<std::string> pieces;  // [vocabulary]; byte-level pieces in GPT-2's byte alphabet
    std::vector<float> scores;        // [vocabulary], SentencePiece without merges
    std::vector<TokenType> types;     // [vocabulary]
    std::vector<std::string> merges;  // "left right", by rank; byte level always, else optional
    TokenId bos{-1}, eos{-1}, unknown{-1}, pad{-1};
    std::vector<TokenId> end_of_turn;  // further ids that end an answer (<|im_end|>, <|eot_id|>)
    bool add_bos = false, add_eos = false;
    bool add_space_prefix = false;     // a space before each stretch between special tokens
    bool prefix_first_only = false;    // that space only where the text begins
    bool prefix_unless_space = false;  // and not where a space is there already
    bool ignore_merges = false;        // a whole pre-token that is a piece is taken as it is
    bool normalize_nfc = false;
};

// The bundle's form of it. Pieces must be UTF-8 (create's own check); what is not is replaced.
std::string tokenizerToJson(const TokenizerData& data);
// kInvalidFile for anything that is not that form; `path` only names the file in messages. What the
// fields say together is checked by Tokenizer::create.
Result<TokenizerData> tokenizerFromJson(std::string_view json, const std::string& path);

class Tokenizer {
  public:
    // kUnsupported for an unknown pre-tokenizer rule (named), kInvalidFile for data that disagree.
    static Result<std::shared_ptr<const Tokenizer>> create(TokenizerData data);
    virtual ~Tokenizer() = default;

    // `special`: spellings of special tokens become their ids and the model's own BOS/EOS are
    // added; otherwise they are text and nothing is added (decisions.md 17). Invalid UTF-8 is kept
    // byte by byte where the vocabulary has bytes, else replaced by U+FFFD.
    [[nodiscard]] virtual std::vector<TokenId> encode(std::string_view text,
                                                      bool special) const = 0;
    // Special tokens parsed, nothing added: what chat templates render to.
    [[nodiscard]] virtual std::vector<TokenId> encodeTemplate(std::string_view text) const = 0;
    // The bytes of one token (may end inside a UTF-8 character; see utf8_stream.h). Control tokens
    // give nothing unless `special`.
    [[nodiscard]] virtual std::string decode(TokenId token, bool special) const = 0;
    [[nodiscard]] virtual std::string decodeAll(std::span<const TokenId> tokens) const = 0;
    [[nodiscard]] virtual const TokenizerData& data() const = 0;
    [[nodiscard]] bool endsAnswer(TokenId token) const;
    [[nodiscard]] size_t vocabulary() const { return data().pieces.size(); }
};

}  // namespace glowworm
