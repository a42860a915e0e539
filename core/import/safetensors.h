// SPDX-License-Identifier: Apache-2.0
// The weights of a Hugging Face folder: model.safetensors, or the shards that
// model.safetensors.index.json names. Headers are checked whole: no overlap, no hole, no tensor
// outside its file.
#pragma once

#include <string>

#include "core/base/error.h"
#include "core/import/tensor_store.h"

namespace glowworm {

// kNotFound where the folder has no safetensors (a folder with *.bin files is told so);
// kInvalidFile with the file and the tensor at fault.
Result<TensorStore> openSafetensorsFolder(const std::string& folder);

// One file, added to `store`.
Status addSafetensors(const std::string& path, TensorStore& store);

}  // namespace glowworm
