// SPDX-License-Identifier: Apache-2.0
// Byte-level BPE (GPT-2): text is cut into words by the pre-tokenizer rule, each word's bytes are
// merged by rank. Every byte string is representable as long as the vocabulary has all 256 bytes;
// what it lacks is dropped, and an ill-formed byte that it lacks becomes U+FFFD.
#pragma once

#include "core/text/tokenizer.h"

namespace glowworm {

// `data` was checked by Tokenizer::create, which is the only caller.
Result<std::shared_ptr<const Tokenizer>> createByteBpe(TokenizerData data);

}  // namespace glowworm
