// SPDX-License-Identifier: Apache-2.0
// A vocabulary of any size for models that were never trained: control tokens, the 256 bytes, then
// made-up words.
#pragma once

#include <cstdint>

#include "core/text/tokenizer.h"

namespace glowworm {

inline constexpr uint32_t kFirstSyntheticWord = 3 + 256;

// `vocabulary` is more than kFirstSyntheticWord.
[[nodiscard]] TokenizerData syntheticTokenizer(uint32_t vocabulary);

}  // namespace glowworm
