// SPDX-License-Identifier: Apache-2.0
// The tensors of a loaded resident.bin, found by name. The one place where type and shape are
// checked against what the caller expects. Does not own the bytes; a value, cheap to copy.
// Immutable; any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "core/base/error.h"
#include "core/bundle/manifest.h"
#include "core/kernels/kernels.h"

namespace glowworm {

class ResidentTensors {
  public:
    ResidentTensors() = default;
    // `base` holds the manifest's resident_bytes bytes, 64-byte aligned, and outlives this.
    ResidentTensors(std::shared_ptr<const Manifest> manifest, const std::byte* base);

    [[nodiscard]] bool has(std::string_view name) const;

    // A matrix [rows, cols] of whatever dtype it has. kNotFound when it is not there, kInvalidFile
    // when its shape is another; the message names the tensor and both shapes.
    [[nodiscard]] Result<MatrixView> matrix(std::string_view name, uint64_t rows,
                                            uint64_t cols) const;
    // The same, of this dtype and no other.
    [[nodiscard]] Result<MatrixView> matrix(std::string_view name, Dtype dtype, uint64_t rows,
                                            uint64_t cols) const;
    // A norm, bias or norm table: F32 [size].
    [[nodiscard]] Result<std::span<const float>> vector(std::string_view name, uint64_t size) const;
    // 32-bit words [size]: checksums, orders.
    [[nodiscard]] Result<std::span<const uint32_t>> words(std::string_view name,
                                                          uint64_t size) const;

  private:
    [[nodiscard]] Result<const TensorEntry*> find(std::string_view name,
                                                  std::span<const uint64_t> shape) const;
    [[nodiscard]] Result<const std::byte*> fourByteValues(std::string_view name,
                                                          uint64_t size) const;
    std::shared_ptr<const Manifest> manifest_;
    const std::byte* base_ = nullptr;
};

}  // namespace glowworm
