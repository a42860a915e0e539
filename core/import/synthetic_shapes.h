// SPDX-License-Identifier: Apache-2.0
// The shapes that synthetic models come in: published models of 1 to 30 billion parameters, with
// the sparsity that is published for them. Nothing here is trained; only sizes and figures.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/bundle/manifest.h"

namespace glowworm {

struct SyntheticShape {
    std::string name;  // "opt-6.7b"
    ModelConfig config;
    // Share of activations that are zero, mean over layers; with SiLU, of those that are small.
    float zero_share = 0;
    float drift_correlation = 0;  // of the planted directions from one token to the next
    float spread = 0;  // of the neurons' own offsets: how much some are hotter than others
    // Share of a pre-activation's power that no predictor sees: so much that a threshold which
    // finds 95 % of what fires reads 7 % of what does not (LLM in a Flash, section 3.1).
    float noise = 0.19F;
};

// "opt-6.7b", "opt-1.3b", "falcon-7b", "relu-llama-7b", "silu-llama-30b", ...
[[nodiscard]] std::vector<std::string> syntheticShapeNames();
// kInvalidArgument with the list for a name that is not in it.
Result<SyntheticShape> syntheticShape(std::string_view name);

}  // namespace glowworm
