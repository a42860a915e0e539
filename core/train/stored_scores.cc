// SPDX-License-Identifier: Apache-2.0
#include "core/train/stored_scores.h"

namespace glowworm {

void projectStored(Dtype dtype, const float* w, size_t rows, size_t cols, const float* bias,
                   const float* x, uint32_t tokens, std::vector<float>& y, ThreadPool& pool) {
    const size_t row_bytes = rowBytes(dtype, cols);
    std::vector<std::byte> stored(rows * row_bytes);
    for (size_t r = 0; r < rows; ++r) {
        encodeRow(dtype, w + r * cols, cols, stored.data() + r * row_bytes);
    }
    std::vector<std::byte> scratch(InputRows::bytesNeeded(tokens, cols));
    InputRows in{x, tokens, cols, scratch.data()};
    in.prepare(pool);
    y.resize(size_t{tokens} * rows);
    matmul({stored.data(), dtype, rows, cols, row_bytes}, bias, in, y.data(), pool);
}

void lowRankScores(const LowRankFactors& factors, Dtype dtype, const float* bias, const float* x,
                   uint32_t tokens, uint32_t hidden, std::vector<float>& scores,
                   ThreadPool& pool) {
    std::vector<float> reduced;
    projectStored(dtype, factors.reduce.data(), factors.rank, hidden, nullptr, x, tokens, reduced,
                  pool);
    projectStored(dtype, factors.expand.data(), factors.expand.size() / factors.rank, factors.rank,
                  bias, reduced.data(), tokens, scores, pool);
}

}  // namespace glowworm
