// SPDX-License-Identifier: Apache-2.0
// The tokenizer of a Hugging Face folder: tokenizer.json, with what tokenizer_config.json and
// generation_config.json add. Two families are known: byte-level BPE, and BPE over characters with
// byte fallback (as Llama 2 and Mistral have it). Anything else is refused by name.
#pragma once

#include <string>
#include <string_view>

#include "core/text/tokenizer.h"

namespace glowworm {

// The files' contents; "" for one of the two configurations that the folder lacks. `path` is the
// path of tokenizer.json, for messages only. The result is ready for Tokenizer::create.
Result<TokenizerData> tokenizerFromHuggingFace(std::string_view tokenizer_json,
                                               std::string_view tokenizer_config_json,
                                               std::string_view generation_config_json,
                                               const std::string& path);

// The older form, vocab.json and merges.txt, which only byte-level BPE has (OPT, GPT-2); the
// special tokens and add_bos_token come from tokenizer_config.json. `path` is the path of
// vocab.json.
Result<TokenizerData> tokenizerFromVocabAndMerges(std::string_view vocab_json,
                                                  std::string_view merges_txt,
                                                  std::string_view tokenizer_config_json,
                                                  std::string_view generation_config_json,
                                                  const std::string& path);

}  // namespace glowworm
