// SPDX-License-Identifier: Apache-2.0
// What the "normalizer", "pre_tokenizer" and "post_processor" of a tokenizer.json mean to us.
#pragma once

#include <string>

#include "core/text/json_fields.h"
#include "core/text/tokenizer.h"

namespace glowworm {

// Each sets its part of `data` (kind is set already) or is kUnsupported, naming what it met.
Status readNormalizer(const Json& normalizer, TokenizerData& data, const std::string& path);
Status readPreTokenizer(const Json& pre_tokenizer, TokenizerData& data, const std::string& path);
Status readPostProcessor(const Json& post_processor, TokenizerData& data, const std::string& path);

}  // namespace glowworm
