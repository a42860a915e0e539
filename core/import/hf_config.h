// SPDX-License-Identifier: Apache-2.0
// config.json of a Hugging Face folder as our ModelConfig: OPT, Falcon, Llama and Mistral, as old
// and new versions of transformers write them.
#pragma once

#include <string>
#include <string_view>

#include "core/base/error.h"
#include "core/bundle/manifest.h"

namespace glowworm {

// kUnsupported, by name, for another architecture, activation or position scheme; kInvalidFile for
// numbers that are missing or impossible. The result has passed checkConfig.
Result<ModelConfig> configFromHuggingFace(std::string_view config_json, const std::string& path);

}  // namespace glowworm
