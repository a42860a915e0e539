// SPDX-License-Identifier: Apache-2.0
#include "core/train/low_rank_fit.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <span>

#include "core/kernels/kernels.h"

namespace glowworm {

namespace {

constexpr uint32_t kIterations = 4;
constexpr float kRidge = 0.01F;

// A row-major F32 matrix and the two products that subspace iteration needs.
struct Dense {
    const float* values;
    size_t rows, cols;

    // y[n, rows] = z[n, cols] * M^T
    void times(const std::vector<float>& z, size_t n, std::vector<float>& y,
               ThreadPool& pool) const {
        const MatrixView view{reinterpret_cast<const std::byte*>(values), Dtype::kF32, rows, cols,
                              cols * sizeof(float)};
        y.resize(n * rows);
        matmul(view, nullptr, InputRows{z.data(), n, cols, nullptr}, y.data(), pool);
    }

    // y[n, cols] = z[n, rows] * M
    void transposedTimes(const std::vector<float>& z, size_t n, std::vector<float>& y,
                         ThreadPool& pool) const {
        std::vector<const std::byte*> pointers(rows);
        for (size_t r = 0; r < rows; ++r) {
            pointers[r] = reinterpret_cast<const std::byte*>(values + r * cols);
        }
        y.assign(n * cols, 0.0F);
        accumulateColumnsBatch(pointers, Dtype::kF32, cols, z.data(), n, y.data(), pool);
    }
};

double dot(const float* a, const float* b, size_t n) {
    double sum = 0;
    for (size_t i = 0; i < n; ++i) sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
    return sum;
}

// Makes the n rows of `q` [n, cols] orthonormal, in order (modified Gram-Schmidt). A row that is a
// combination of those before it becomes zero.
void orthonormalise(std::vector<float>& q, size_t n, size_t cols) {
    for (size_t i = 0; i < n; ++i) {
        float* row = q.data() + i * cols;
        const double before = dot(row, row, cols);
        for (size_t j = 0; j < i; ++j) {
            const float* other = q.data() + j * cols;
            const auto along = static_cast<float>(dot(row, other, cols));
            for (size_t c = 0; c < cols; ++c) row[c] -= along * other[c];
        }
        const double norm = dot(row, row, cols);
        const bool gone = norm <= 1e-10 * before || norm == 0;
        const float scale = gone ? 0.0F : static_cast<float>(1.0 / std::sqrt(norm));
        for (size_t c = 0; c < cols; ++c) row[c] *= scale;
    }
}

}  // namespace

LowRankFactors truncated(const LowRankFactors& factors, uint32_t rank) {
    const size_t hidden = factors.reduce.size() / factors.rank;
    const size_t neurons = factors.expand.size() / factors.rank;
    LowRankFactors cut;
    cut.rank = std::min(rank, factors.rank);
    cut.reduce.assign(factors.reduce.begin(),
                      factors.reduce.begin() + static_cast<ptrdiff_t>(cut.rank * hidden));
    cut.expand.reserve(neurons * cut.rank);
    for (size_t n = 0; n < neurons; ++n) {
        const auto row = factors.expand.begin() + static_cast<ptrdiff_t>(n * factors.rank);
        cut.expand.insert(cut.expand.end(), row, row + cut.rank);
    }
    return cut;
}

LowRankFactors fitLowRank(const float* w, uint32_t ff_width, uint32_t hidden, const float* x,
                          uint32_t tokens, uint32_t rank, ThreadPool& pool) {
    const Dense weights{w, ff_width, hidden};
    const Dense inputs{x, tokens, hidden};
    const size_t seen_values = size_t{tokens} * hidden;
    const double power = dot(x, x, seen_values) / static_cast<double>(seen_values);
    const float ridge = kRidge * static_cast<float>(power);

    std::mt19937 random(20240116);
    std::normal_distribution<float> normal;
    std::vector<float> basis(size_t{rank} * ff_width);  // rows: directions of the output
    std::ranges::generate(basis, [&] { return normal(random); });
    std::vector<float> z, seen, back;
    for (uint32_t i = 0; i < kIterations; ++i) {
        orthonormalise(basis, rank, ff_width);
        weights.transposedTimes(basis, rank, z, pool);      // z = basis W
        inputs.times(z, rank, seen, pool);                  // z X^T
        inputs.transposedTimes(seen, rank, back, pool);     // z X^T X
        for (size_t k = 0; k < z.size(); ++k) {
            z[k] = back[k] / static_cast<float>(tokens) + ridge * z[k];
        }
        weights.times(z, rank, basis, pool);                // ... W^T
    }
    orthonormalise(basis, rank, ff_width);

    LowRankFactors factors;
    factors.rank = rank;
    weights.transposedTimes(basis, rank, factors.reduce, pool);
    factors.expand.resize(basis.size());
    for (size_t r = 0; r < rank; ++r) {
        for (size_t n = 0; n < ff_width; ++n) {
            factors.expand[n * rank + r] = basis[r * ff_width + n];
        }
    }
    return factors;
}

}  // namespace glowworm
