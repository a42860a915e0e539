// SPDX-License-Identifier: Apache-2.0
#include "core/model/backend.h"

namespace glowworm {

namespace {

class CpuBackend final : public Backend {
  public:
    explicit CpuBackend(ThreadPool& pool) : pool_(pool) {}

    void prepare(InputRows& x) override { x.prepare(pool_); }

    void matmul(const MatrixView& w, const float* bias, const InputRows& x, float* y) override {
        glowworm::matmul(w, bias, x, y, pool_);
    }

    void gatherDot(std::span<const std::byte* const> rows, Dtype dtype, const InputRows& x,
                   size_t token, float* out) override {
        glowworm::gatherDot(rows, dtype, x, token, out, pool_);
    }

    void accumulateColumns(std::span<const std::byte* const> columns, Dtype dtype, size_t cols,
                           const float* scales, size_t n_tokens, float* y) override {
        if (n_tokens == 1) {
            glowworm::accumulateColumns(columns, dtype, cols, scales, y, pool_);
        } else {
            accumulateColumnsBatch(columns, dtype, cols, scales, n_tokens, y, pool_);
        }
    }

    void attention(const AttentionArgs& args) override { glowworm::attention(args, pool_); }

    ThreadPool& pool() override { return pool_; }

  private:
    ThreadPool& pool_;
};

}  // namespace

std::unique_ptr<Backend> makeCpuBackend(ThreadPool& pool) {
    return std::make_unique<CpuBackend>(pool);
}

}  // namespace glowworm
