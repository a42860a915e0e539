// SPDX-License-Identifier: Apache-2.0
// The tokenizer that a GGUF file carries in its metadata (keys tokenizer.ggml.*). The importer
// reads the file and fills the struct; this gives it its meaning, with llama.cpp's defaults.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/text/tokenizer.h"

namespace glowworm {

struct GgufTokenizer {
    std::string model;                 // tokenizer.ggml.model: "gpt2" or "llama"
    std::string pre;                   // tokenizer.ggml.pre; "" where the file has none
    std::vector<std::string> tokens;   // tokenizer.ggml.tokens
    std::vector<float> scores;         // tokenizer.ggml.scores
    std::vector<int32_t> token_types;  // tokenizer.ggml.token_type
    std::vector<std::string> merges;   // tokenizer.ggml.merges
    // tokenizer.ggml.bos_token_id and so on, as far as the file has them
    std::optional<uint32_t> bos, eos, unknown, padding, end_of_turn;
    std::optional<bool> add_bos, add_eos, add_space_prefix;
};

// kUnsupported for a model or pre rule that we lack (named), kInvalidFile for arrays that do not
// agree. `path` only names the file. The result is ready for Tokenizer::create.
Result<TokenizerData> tokenizerFromGguf(GgufTokenizer source, const std::string& path);

}  // namespace glowworm
