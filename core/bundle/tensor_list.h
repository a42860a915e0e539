// SPDX-License-Identifier: Apache-2.0
// Which tensors a bundle of a given config must have in resident.bin, with their shapes: names.md
// as code. The writer, the reader's checks and the importer all ask this one list.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/bundle/manifest.h"

namespace glowworm {

enum class TensorRole : uint8_t {
    kMatrix,  // any dtype that is computed with; rows are output features
    kVector,  // norms and biases: F32
    kWords,   // 32-bit words that are no numbers for arithmetic (dtype f32 in the entry)
};

struct TensorSpec {
    std::string name;
    TensorRole role = TensorRole::kMatrix;
    std::vector<uint64_t> shape;
    bool required = true;
};

// Every tensor of resident.bin, those outside layers first. `record` says which of up, gate and
// down are resident instead of in the record (bytes == 0). Tensors with required == false may be
// absent. `config` must have been checked (checkConfig).
[[nodiscard]] std::vector<TensorSpec> expectedTensors(const ModelConfig& config,
                                                      const RecordLayout& record);

// "layers.3.q"
[[nodiscard]] std::string layerTensorName(uint32_t layer, std::string_view part);

}  // namespace glowworm
