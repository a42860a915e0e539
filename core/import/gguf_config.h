// SPDX-License-Identifier: Apache-2.0
// The metadata of a GGUF file (architecture "llama") as our ModelConfig and tokenizer.
#pragma once

#include <string>

#include "core/base/error.h"
#include "core/bundle/manifest.h"
#include "core/import/gguf.h"
#include "core/text/tokenizer.h"

namespace glowworm {

// kUnsupported, by name, for another architecture or position scheme. Such files store Q and K rows
// for neighbouring pairs, so positions are kRopeNeighbours. The result has passed checkConfig.
Result<ModelConfig> configFromGguf(const Gguf& gguf);

Result<TokenizerData> tokenizerOfGguf(const Gguf& gguf);

}  // namespace glowworm
