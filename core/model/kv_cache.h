// SPDX-License-Identifier: Apache-2.0
// Keys and values of one conversation, for all layers, reserved once for the whole context. Rows
// are appended by forward(), dropped from the end (a prompt that goes another way), or packed (the
// accepted path of a drafted tree). Engine thread only.
#pragma once

#include <cstdint>
#include <span>

#include "core/base/error.h"
#include "core/base/ids.h"
#include "core/base/reserved_memory.h"
#include "core/bundle/manifest.h"
#include "core/kernels/kernels.h"

namespace glowworm {

class KvCache {
  public:
    // For `context_tokens` rows in each layer.
    static Result<KvCache> create(const ModelConfig& config, uint32_t context_tokens,
                                  KvDtype dtype);
    // Bytes create() reserves; counted in full from the start, though pages are touched by use.
    static uint64_t bytesNeeded(const ModelConfig& config, uint32_t context_tokens, KvDtype dtype);

    [[nodiscard]] uint32_t rows() const { return rows_; }
    [[nodiscard]] uint32_t capacity() const { return capacity_; }
    [[nodiscard]] uint64_t bytes() const { return memory_.size(); }
    [[nodiscard]] KvDtype dtype() const { return dtype_; }
    [[nodiscard]] size_t strideBytes() const { return stride_bytes_; }

    // First row of a layer; rows are strideBytes() apart: [capacity, kv_heads * head_dim].
    [[nodiscard]] std::byte* keys(LayerId layer) const;
    [[nodiscard]] std::byte* values(LayerId layer) const;

    // Writes keys and values [n, kv_heads * head_dim] of one layer at rows first, first+1, ...
    void store(LayerId layer, uint32_t first, uint32_t n, const float* k, const float* v);

    // After all layers have stored their rows (or to drop rows from the end).
    void setRows(uint32_t rows);
    // Keeps, of the rows from `first` on, only those listed (ascending, relative to `first`), moved
    // together: dynamic tree attention keeps one path of a drafted tree.
    void pack(uint32_t first, std::span<const uint32_t> kept);

  private:
    ReservedMemory memory_;
    KvDtype dtype_ = KvDtype::kF16;
    uint32_t layers_ = 0, capacity_ = 0, rows_ = 0;
    size_t row_values_ = 0, stride_bytes_ = 0;
};

}  // namespace glowworm
