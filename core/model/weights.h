// SPDX-License-Identifier: Apache-2.0
// The resident weights of an open model: views into one block of memory that holds resident.bin.
// Immutable after load. A view with data == nullptr is a tensor that this model does not have, or
// one that lies in the neuron records on flash.
#pragma once

#include <cstdint>
#include <vector>

#include "core/base/controls.h"
#include "core/base/error.h"
#include "core/base/reserved_memory.h"
#include "core/bundle/bundle_reader.h"
#include "core/kernels/kernels.h"

namespace glowworm {

struct Norm {
    const float* weight = nullptr;  // [hidden]
    const float* bias = nullptr;    // [hidden], LayerNorm only
};

// A projection y = W x + b.
struct Linear {
    MatrixView weight;            // [out, in]
    const float* bias = nullptr;  // [out] or null
};

struct LayerWeights {
    Norm attention_norm, ffn_norm;  // ffn_norm.weight null: the block has one norm (Falcon 7B)
    Linear q, k, v, o;
    const float* up_bias = nullptr;    // [ff_width]
    const float* down_bias = nullptr;  // [hidden]
    MatrixView up, gate;               // [ff_width, hidden]; data null: in the record
    const float* down_norm = nullptr;  // [ff_width]
};

struct Weights {
    MatrixView embedding;  // [vocabulary, hidden]
    MatrixView positions;  // [context_max + position_offset, hidden], learned positions
    MatrixView head;       // [vocabulary, hidden]; the embedding when tied
    Norm final_norm;
    std::vector<LayerWeights> layers;
    ResidentTensors tensors;  // the same by name, for record checksums and orders
    ReservedMemory memory;    // what all the views point into
};

// Reads resident.bin whole, compares its checksum and finds every tensor the config asks for.
Result<Weights> loadWeights(const Bundle& bundle, const ProgressSink& progress,
                            const StopFlag& stop);

}  // namespace glowworm
