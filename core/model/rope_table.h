// SPDX-License-Identifier: Apache-2.0
// Rotary position angles (RoPE, arXiv 2104.09864, section 3.2.2) for every position of the context.
#pragma once

#include <cstdint>
#include <vector>

#include "core/bundle/manifest.h"

namespace glowworm {

// [positions, head_dim / 2, 2]: cosine and sine of position * base^(-2i / head_dim), with the
// config's scaling: linear, or Llama 3's by wavelength.
std::vector<float> ropeTable(const ModelConfig& config, uint32_t positions);

}  // namespace glowworm
