// SPDX-License-Identifier: Apache-2.0
// What a bundle will hold, decided before a byte is written: which dtype each matrix gets and what
// lies in the neuron record.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/bundle/manifest.h"
#include "core/bundle/tensor_list.h"
#include "core/import/importer.h"
#include "core/import/source.h"

namespace glowworm {

// One tensor of resident.bin and where it comes from.
struct PlannedTensor {
    TensorSpec spec;
    TensorOrigin origin;
    Dtype dtype = Dtype::kF32;
};

struct ImportPlan {
    RecordLayout record;
    std::vector<PlannedTensor> tensors;  // all but what the writer adds itself
    uint64_t bytes = 0;                  // of the bundle, about
};

// Checks that every tensor is there, of a type that is read and of the shape that the config says.
// kUnsupported, naming the tensor, where rows cannot be cut into blocks of the wanted dtype.
Result<ImportPlan> planImport(const Source& source, std::optional<Dtype> dtype,
                              StreamChoice stream);

}  // namespace glowworm
