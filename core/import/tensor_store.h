// SPDX-License-Identifier: Apache-2.0
// The weights of a model as other programs store them: tensors by name in one file or several.
// Filled by the readers of GGUF and safetensors, which have checked that every tensor lies in its
// file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/io/file.h"
#include "core/kernels/dtype.h"

namespace glowworm {

struct StoredTensor {
    std::string name;
    size_t file = 0;                 // in TensorStore::files
    std::optional<Dtype> dtype;      // nothing: a type that we do not read, see type_name
    std::string type_name;           // as the file spells it
    std::vector<uint64_t> shape;     // row-major, the last is a row's elements; 1 or 2 sizes
    uint64_t offset = 0, bytes = 0;  // in the file

    [[nodiscard]] uint64_t rows() const { return shape.size() == 2 ? shape[0] : 1; }
    [[nodiscard]] uint64_t cols() const { return shape.empty() ? 1 : shape.back(); }
};

struct TensorStore {
    std::vector<InputFile> files;
    std::map<std::string, StoredTensor> tensors;

    [[nodiscard]] bool has(const std::string& name) const { return tensors.contains(name); }
    // kNotFound with the file's name; kUnsupported where its type is none that we read.
    [[nodiscard]] Result<const StoredTensor*> find(const std::string& name) const;
    // Fills `out` with `count` whole rows from row `first` on.
    Status readRows(const StoredTensor& tensor, uint64_t first, uint64_t count,
                    std::span<std::byte> out) const;
    [[nodiscard]] uint64_t bytes() const;  // of all files
};

}  // namespace glowworm
