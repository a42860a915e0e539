// SPDX-License-Identifier: Apache-2.0
// Bundles of a published model's full size whose weights are not trained but planted: low rank plus
// noise, gates that mostly stay shut, an input that drifts from token to token. Run like any model
// (the same predictor, cache, reader and kernels; no active set is drawn or replayed) they show
// about the sparsity and locality that is published for the model whose shape they have. What they
// say is no language. Figures from them are to be labelled planted; manifest.synthetic says so.
#pragma once

#include <cstdint>
#include <string>

#include "core/base/controls.h"
#include "core/bundle/manifest.h"
#include "core/import/synthetic_shapes.h"

namespace glowworm {

struct SyntheticOptions {
    Dtype dtype = Dtype::kF16;  // of all matrices: kF16, kQ8_0, kQ4_0 or any other that is computed
    size_t threads = 2;
    uint64_t seed = 1;
    // Models without ReLU: 0 for a 4-bit sketch, else the bits of a shadow (2, 3 or 4), rounded
    // plainly: there is no text to fit it to.
    uint32_t shadow_bits = 0;
};

// Bytes that the bundle will have on disk, within a few thousandths.
[[nodiscard]] uint64_t syntheticBytes(const SyntheticShape& shape, Dtype dtype,
                                      uint32_t shadow_bits = 0);

// Writes the bundle and its predictor (low-rank: the planted directions; with SiLU a sketch or a
// shadow) to `folder`, which must not exist, with real bytes everywhere: a hole would never touch
// the disk. kNoSpace before anything is written where the disk is too full. Same options, same
// bytes.
Result<Manifest> writeSynthetic(const std::string& folder, const SyntheticShape& shape,
                                const SyntheticOptions& options, const ProgressSink& progress,
                                const StopFlag& stop);

}  // namespace glowworm
