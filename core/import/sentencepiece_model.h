// SPDX-License-Identifier: Apache-2.0
// tokenizer.model of a Hugging Face folder, where that is all there is.
#pragma once

#include <string>
#include <string_view>

#include "core/base/error.h"
#include "core/text/tokenizer.h"

namespace glowworm {

// `model` is the file's content, `config_json` that of tokenizer_config.json and `generation_json`
// that of generation_config.json ("" for none), which say whether BOS is added and which tokens end
// an answer. kUnsupported for a unigram model.
Result<TokenizerData> tokenizerFromSentencePiece(std::string_view model,
                                                 std::string_view config_json,
                                                 std::string_view generation_json,
                                                 const std::string& path);

}  // namespace glowworm
