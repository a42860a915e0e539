// SPDX-License-Identifier: Apache-2.0
#include "core/import/synthetic_tokenizer.h"

#include <format>
#include <string>

#include "core/base/check.h"

namespace glowworm {

namespace {

// "▁ba", "▁be", ..., "▁zuba": consonant and vowel in turn, a different word for each number.
std::string madeUpWord(uint32_t number) {
    static constexpr std::string_view kConsonants = "bdfgklmnprstvz", kVowels = "aeiou";
    const auto syllables = static_cast<uint32_t>(kConsonants.size() * kVowels.size());
    std::string word = "\u2581";
    for (uint32_t rest = number + 1; rest > 0; rest = (rest - 1) / syllables) {
        const uint32_t syllable = (rest - 1) % syllables;
        word += kConsonants[syllable / kVowels.size()];
        word += kVowels[syllable % kVowels.size()];
    }
    return word;
}

}  // namespace

TokenizerData syntheticTokenizer(uint32_t vocabulary) {
    CHECK(vocabulary > kFirstSyntheticWord);
    TokenizerData data;
    data.kind = TokenizerKind::kSentencePieceBpe;
    data.pieces = {"<unk>", "<s>", "</s>"};
    data.types = {TokenType::kUnknown, TokenType::kControl, TokenType::kControl};
    for (uint32_t byte = 0; byte < 256; ++byte) {
        data.pieces.push_back(std::format("<0x{:02X}>", byte));
        data.types.push_back(TokenType::kByte);
    }
    for (uint32_t word = 0; data.pieces.size() < vocabulary; ++word) {
        data.pieces.push_back(madeUpWord(word));
        data.types.push_back(TokenType::kNormal);
    }
    data.scores.assign(data.pieces.size(), 0.0F);
    data.unknown = TokenId(0);
    data.bos = TokenId(1);
    data.eos = TokenId(2);
    data.add_bos = true;
    return data;
}

}  // namespace glowworm
