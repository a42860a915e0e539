// SPDX-License-Identifier: Apache-2.0
// A layer's low-bit gate and up rows, and the contribution |act(gate . x) * (up . x)| * norm(down
// column) that they foretell for each neuron (design.md, idea 3): what a sketch and a shadow share.
#pragma once

#include "core/base/error.h"
#include "core/base/thread_pool.h"
#include "core/bundle/manifest.h"
#include "core/bundle/resident_tensors.h"
#include "core/kernels/kernels.h"
#include "core/sparsity/predictor_file.h"

namespace glowworm {

// Views into the predictor's file and the resident tensors, which outlive it.
struct ContributionRows {
    MatrixView gate, up;               // [ff_width, hidden]; gate.data null: not gated
    const float* up_bias = nullptr;    // [ff_width] or null
    const float* down_norm = nullptr;  // [ff_width]

    static Result<ContributionRows> open(const ModelConfig& config, LayerId layer,
                                         const PredictorFile& file,
                                         const ResidentTensors& resident);

    // For one token: the activations [ff_width] into `values`, the scores [ff_width] into `scores`,
    // which may be the same place. `up_scratch` [ff_width].
    void score(const ModelConfig& config, const InputRows& x, float* up_scratch, float* values,
               float* scores, ThreadPool& pool) const;
};

}  // namespace glowworm
