// SPDX-License-Identifier: Apache-2.0
// Bundles of any size whose weights carry planted statistics: the shape of OPT, feed-forward rows
// that are a few planted directions plus noise, and biases that hold most neurons shut. They run
// through the same predictor, cache, reader and kernels as any model; no active set is drawn or
// replayed. What comes out is labelled synthetic, and figures from it planted.
#pragma once

#include <cstdint>
#include <string>

#include "core/base/controls.h"
#include "core/bundle/manifest.h"

namespace glowworm::bench {

struct SynthOptions {
    uint32_t layers = 16, hidden = 2048, ff_width = 8192, heads = 32;
    uint32_t vocabulary = 4096, context_max = 2048;
    Dtype dtype = Dtype::kF16;
    // The planted structure of an up row: `rank` shared directions, `used` of them in each row.
    uint32_t rank = 64, used = 8;
    float noise = 0.25F;         // of a row's power outside the directions
    float active_share = 0.04F;  // of the neurons, per token
    uint64_t seed = 1;
};

// Writes the bundle, its low-rank predictor (the planted directions) included. Real bytes
// everywhere: a hole would never touch the disk.
Result<Manifest> writeSynthetic(const std::string& folder, const SynthOptions& options,
                                const ProgressSink& progress, const StopFlag& stop);

}  // namespace glowworm::bench
