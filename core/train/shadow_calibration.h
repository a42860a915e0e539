// SPDX-License-Identifier: Apache-2.0
// Makes a model's shadow (core/sparsity/shadow_predictor.h) from a short text: runs the model
// densely over it, then goes through the layers, rounding gate, up and down to few bits so that
// their outputs on this text are right (error_feedback.h). The down matrix is fitted to the copy's
// own activations. Runs on a worker thread; needs the memory that the model needs at its smallest
// budget, and one layer's matrices in F32.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/controls.h"
#include "core/base/error.h"
#include "core/bundle/manifest.h"

namespace glowworm {

struct ShadowOptions {
    std::string text;
    size_t threads = 2;
    uint32_t tokens_max = 2048;  // of the text, at most
    // Share of the neurons, over all tokens, that the threshold lets be read: most of what reading
    // brings, for a tenth of the bytes (tests/bench/RESULTS.md).
    double read_share = 0.1;
};

// Whether a model can have one: whole records on flash, and widths of whole blocks.
[[nodiscard]] bool canHaveShadow(const Manifest& manifest);

struct MadeShadow {
    PredictorEntry entry;   // for the manifest, thresholds and measured quality by layer included
    double lost_share = 0;  // of the blocks' output power on the text, at `read_share`: the mean
                            // over layers of |exact - approximated|^2 / |exact|^2
};

// Writes one file for each of `bits` (2, 3, 4) into the bundle's folder; results in that order.
Result<std::vector<MadeShadow>> makeShadows(const std::string& bundle_folder,
                                                const std::vector<uint32_t>& bits,
                                                const ShadowOptions& options,
                                                const ProgressSink& progress,
                                                const StopFlag& stop);

}  // namespace glowworm
