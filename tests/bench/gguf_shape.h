// SPDX-License-Identifier: Apache-2.0
// A GGUF file of a synthetic Llama shape, for the rival: the same sizes and bytes as our bundle,
// filled with noise. What it computes is nothing; how fast does not depend on it.
#pragma once

#include <string>

#include "core/import/synthetic_shapes.h"

namespace glowworm::bench {

// `dtype`: kF16, kQ8_0 or kQ4_0, of all matrices.
Status writeGgufShape(const std::string& path, const SyntheticShape& shape, Dtype dtype);

}  // namespace glowworm::bench
