// SPDX-License-Identifier: Apache-2.0
// What both kinds of tokenizer share: special tokens are cut out, the rest is normalised and given
// its space prefix, BOS and EOS are added. Made by Tokenizer::create only.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/text/bpe_merge.h"
#include "core/text/special_tokens.h"
#include "core/text/tokenizer.h"

namespace glowworm {

class BpeTokenizer : public Tokenizer {
  public:
    // `data` was checked by Tokenizer::create.
    explicit BpeTokenizer(TokenizerData data);

    [[nodiscard]] std::vector<TokenId> encode(std::string_view text, bool special) const override;
    [[nodiscard]] std::vector<TokenId> encodeTemplate(std::string_view text) const override;
    [[nodiscard]] std::string decode(TokenId token, bool special) const override;
    [[nodiscard]] const TokenizerData& data() const override { return data_; }

  protected:
    // Text without special tokens, normalised and prefixed.
    virtual void encodeText(std::string_view text, std::vector<TokenId>& out) const = 0;
    // The bytes that a normal piece stands for.
    [[nodiscard]] virtual std::string pieceBytes(TokenId token) const = 0;

    [[nodiscard]] const std::string& piece(TokenId token) const {
        return data_.pieces[static_cast<size_t>(token.value())];
    }
    [[nodiscard]] TokenType type(TokenId token) const {
        return data_.types[static_cast<size_t>(token.value())];
    }

  private:
    void encodeSections(std::string_view text, bool special, std::vector<TokenId>& out) const;
    void encodeSection(std::string_view text, bool begins_text, std::vector<TokenId>& out) const;

    TokenizerData data_;
    SpecialTokens control_and_user_;  // every special token
    SpecialTokens user_only_;  // those that plain text may name too (llama.cpp, Hugging Face)
};

// The merges of `data` as pairs of ids.
class MergeTable {
  public:
    // kInvalidFile where a merge names a piece that is not there.
    static Result<MergeTable> create(const TokenizerData& data);
    [[nodiscard]] std::optional<BpeMerge> find(int32_t left, int32_t right) const;

  private:
    std::unordered_map<uint64_t, BpeMerge> merges_;
};

}  // namespace glowworm
