// SPDX-License-Identifier: Apache-2.0
// A model as people have it, opened: where its weights lie, what it is, its tokenizer. One struct
// for both formats, so that everything behind it is told once.
#pragma once

#include <string>

#include "core/base/error.h"
#include "core/bundle/manifest.h"
#include "core/import/importer.h"
#include "core/import/tensor_names.h"
#include "core/import/tensor_store.h"
#include "core/text/tokenizer.h"

namespace glowworm {

struct Source {
    SourceFormat format = SourceFormat::kHuggingFace;
    std::string name, license, license_link;
    std::string chat_template;  // Jinja text, "" for none
    ModelConfig config;
    TensorStore store;
};

// Opens a folder with config.json or a .gguf file and reads all but the weights.
Result<Source> openSource(const std::string& path);
// Its tokenizer; a separate step, as it takes a second for a large vocabulary.
Result<TokenizerData> readTokenizer(const std::string& path);

}  // namespace glowworm
