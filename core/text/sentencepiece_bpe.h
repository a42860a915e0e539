// SPDX-License-Identifier: Apache-2.0
// SentencePiece-style BPE (Llama 2, Mistral, TinyLlama): spaces are written "▁", characters merge
// by the score of the piece they give (or by merge rank where the source has merges), and a
// character that no piece has is written as its bytes, <0x00> to <0xFF>. (Kudo and Richardson
// 2018.)
#pragma once

#include "core/text/tokenizer.h"

namespace glowworm {

// `data` was checked by Tokenizer::create, which is the only caller.
Result<std::shared_ptr<const Tokenizer>> createSentencePieceBpe(TokenizerData data);

// The byte that a piece like "<0x0A>" stands for, or -1.
[[nodiscard]] int bytePiece(std::string_view piece);

}  // namespace glowworm
