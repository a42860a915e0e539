// SPDX-License-Identifier: Apache-2.0
// What the kernels' tests share: numbers that repeat, each compiled SIMD target in turn, and plain
// scalar forms in double precision to compare with.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "core/kernels/kernels.h"
#include "gtest/gtest.h"

namespace glowworm {

inline constexpr Dtype kComputed[] = {Dtype::kF32,  Dtype::kF16,  Dtype::kBF16,
                                      Dtype::kQ8_0, Dtype::kQ4_0, Dtype::kQ4_1,
                                      Dtype::kS4,   Dtype::kS3,   Dtype::kS2};

[[nodiscard]] bool hasBlocks(Dtype dtype);

// Runs `body` once for each SIMD target that this processor has, all other tests with the best one.
void forEachTarget(const std::function<void()>& body);

// Values in [-1, 1), the same for the same seed everywhere.
[[nodiscard]] std::vector<float> someValues(size_t count, uint64_t seed);

// A matrix of random values, as stored and as the doubles it stands for.
struct TestMatrix {
    TestMatrix(Dtype type, size_t n_rows, size_t n_cols, uint64_t seed);
    [[nodiscard]] MatrixView view() const;
    [[nodiscard]] std::vector<const std::byte*> rowPointers() const;

    Dtype dtype;
    size_t rows;
    size_t cols;
    size_t stride;
    std::vector<std::byte> bytes;
    std::vector<float> values;  // decoded
};

// Inputs with their 8-bit form; `exact` leaves it out.
struct TestInput {
    TestInput(size_t n_tokens, size_t cols, uint64_t seed, ThreadPool& pool, bool exact = false);
    InputRows rows;
    std::vector<float> values;
    std::vector<std::byte> scratch;
};

[[nodiscard]] double dot(const float* a, const float* b, size_t count);
[[nodiscard]] double magnitude(const float* a, const float* b, size_t count);  // sum of |a b|

}  // namespace glowworm
