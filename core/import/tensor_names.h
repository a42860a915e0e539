// SPDX-License-Identifier: Apache-2.0
// Where each of our tensors (names.md) comes from in a Hugging Face checkpoint or a GGUF file.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/bundle/manifest.h"
#include "core/import/tensor_store.h"

namespace glowworm {

// Rows [first, first + count) of the source.
struct RowRange {
    uint64_t first = 0, count = 0;
    bool operator==(const RowRange&) const = default;
};

// A tensor of ours as rows of one of theirs. For a bias the "rows" are its elements.
struct TensorOrigin {
    std::string source;
    std::vector<RowRange> rows;  // empty: all, in order
};

enum class SourceFormat { kHuggingFace, kGguf };

// Finds origins by our names. A value; any thread.
class TensorNames {
  public:
    // `store` tells which prefix the names have ("model." or none).
    TensorNames(SourceFormat format, const ModelConfig& config, const TensorStore& store);

    // Of any name of expectedTensors() that the importer does not compute itself, and of
    // "layers.L.up", ".gate" and ".down"; down is theirs, [hidden, ff_width], so not transposed.
    [[nodiscard]] TensorOrigin origin(const std::string& name) const;

  private:
    [[nodiscard]] TensorOrigin layerOrigin(const std::string& layer, const std::string& part) const;
    // Falcon's query_key_value: by key-value head, its queries, then its key, then its value.
    [[nodiscard]] std::vector<RowRange> fusedRows(char which) const;

    SourceFormat format_;
    ModelConfig config_;
    std::string prefix_;
};

}  // namespace glowworm
