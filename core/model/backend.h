// SPDX-License-Identifier: Apache-2.0
// Where the arithmetic happens: one interface between the forward pass and the kernels, so that a
// GPU can stand in for the processor. The contracts are those of core/kernels/kernels.h.
// Engine thread only.
#pragma once

#include <memory>
#include <span>

#include "core/kernels/kernels.h"

namespace glowworm {

class Backend {
  public:
    virtual ~Backend() = default;

    // Makes the 8-bit form of `x` for quantised weights; call once after its values are written.
    virtual void prepare(InputRows& x) = 0;
    virtual void matmul(const MatrixView& w, const float* bias, const InputRows& x, float* y) = 0;
    virtual void gatherDot(std::span<const std::byte* const> rows, Dtype dtype, const InputRows& x,
                           size_t token, float* out) = 0;
    virtual void accumulateColumns(std::span<const std::byte* const> columns, Dtype dtype,
                                   size_t cols, const float* scales, size_t n_tokens,
                                   float* y) = 0;
    virtual void attention(const AttentionArgs& args) = 0;
    // The threads that predictors and norms may use.
    [[nodiscard]] virtual ThreadPool& pool() = 0;
};

// The processor's own: Highway kernels on `pool`, which must outlive it.
std::unique_ptr<Backend> makeCpuBackend(ThreadPool& pool);

}  // namespace glowworm
