// SPDX-License-Identifier: Apache-2.0
// The tokens that end an answer go by a few well-known names; sources often tell only one of them.
#pragma once

#include "core/text/tokenizer.h"

namespace glowworm {

// Adds to data.end_of_turn the special tokens of the vocabulary that are known to end a turn
// (<|im_end|>, <|eot_id|>, ...), eos left out, each once.
void addKnownEndOfTurn(TokenizerData& data);

}  // namespace glowworm
