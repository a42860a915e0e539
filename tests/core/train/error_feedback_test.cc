// SPDX-License-Identifier: Apache-2.0
// Rounding with feedback: nothing to feed back without correlation, and right outputs with it.
#include "core/train/error_feedback.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "core/kernels/dtype.h"

namespace glowworm {
namespace {

std::vector<float> normal(size_t count, uint32_t seed) {
    std::mt19937 random(seed);
    std::normal_distribution<float> distribution;
    std::vector<float> values(count);
    for (float& value : values) value = distribution(random);
    return values;
}

// Inputs that share a few directions: [tokens, cols].
std::vector<float> correlated(size_t tokens, size_t cols) {
    constexpr size_t kDirections = 8;
    const std::vector<float> directions = normal(kDirections * cols, 1);
    const std::vector<float> shares = normal(tokens * kDirections, 2);
    std::vector<float> x = normal(tokens * cols, 3);
    for (size_t t = 0; t < tokens; ++t) {
        for (size_t c = 0; c < cols; ++c) {
            x[t * cols + c] *= 0.2F;
            for (size_t k = 0; k < kDirections; ++k) {
                x[t * cols + c] += shares[t * kDirections + k] * directions[k * cols + c];
            }
        }
    }
    return x;
}

// Mean squared error of the outputs of rows `encoded` against those of `w`, as a share of these.
double outputError(const std::vector<float>& x, size_t cols, const std::vector<float>& w,
                   const std::vector<std::byte>& encoded, Dtype dtype) {
    const size_t rows = w.size() / cols;
    double error = 0, power = 0;
    std::vector<float> row(cols);
    for (size_t r = 0; r < rows; ++r) {
        decodeRow(dtype, encoded.data() + r * rowBytes(dtype, cols), cols, row.data());
        for (size_t t = 0; t < x.size() / cols; ++t) {
            double want = 0, got = 0;
            for (size_t c = 0; c < cols; ++c) {
                const auto in = static_cast<double>(x[t * cols + c]);
                want += in * static_cast<double>(w[r * cols + c]);
                got += in * static_cast<double>(row[c]);
            }
            error += (want - got) * (want - got);
            power += want * want;
        }
    }
    return error / power;
}

std::vector<std::byte> rounded(const std::vector<float>& w, size_t cols, Dtype dtype) {
    const size_t rows = w.size() / cols;
    std::vector<std::byte> out(rows * rowBytes(dtype, cols));
    for (size_t r = 0; r < rows; ++r) {
        encodeRow(dtype, w.data() + r * cols, cols, out.data() + r * rowBytes(dtype, cols));
    }
    return out;
}

TEST(ErrorFeedback, CorrelatedInputsGetOutputsSeveralTimesAsGood) {
    constexpr size_t kCols = 320, kRows = 24;  // more than one piece between updates
    ThreadPool pool(2);
    const std::vector<float> x = correlated(400, kCols);
    const std::vector<float> w = normal(kRows * kCols, 4);
    const ErrorFeedback feedback(x.data(), 400, kCols, pool);
    for (const Dtype dtype : {Dtype::kS4, Dtype::kS3, Dtype::kS2}) {
        std::vector<std::byte> encoded(kRows * rowBytes(dtype, kCols));
        feedback.encode(dtype, w.data(), kRows, encoded.data(), pool);
        EXPECT_LT(outputError(x, kCols, w, encoded, dtype),
                  outputError(x, kCols, w, rounded(w, kCols, dtype), dtype) / 3)
            << dtypeName(dtype);
    }
}

TEST(ErrorFeedback, InputsThatShareNothingAreRoundedPlainly) {
    constexpr size_t kCols = 64;
    ThreadPool pool(1);
    std::vector<float> x(kCols * kCols);
    for (size_t i = 0; i < kCols; ++i) x[i * kCols + i] = 1;
    const std::vector<float> w = normal(3 * kCols, 5);
    std::vector<std::byte> encoded(3 * rowBytes(Dtype::kS3, kCols));
    ErrorFeedback(x.data(), kCols, kCols, pool).encode(Dtype::kS3, w.data(), 3, encoded.data(),
                                                       pool);
    EXPECT_EQ(encoded, rounded(w, kCols, Dtype::kS3));
}

TEST(ErrorFeedback, ThreadsDoNotChangeTheBytes) {
    constexpr size_t kCols = 160;
    const std::vector<float> x = correlated(100, kCols);
    const std::vector<float> w = normal(7 * kCols, 6);
    std::vector<std::vector<std::byte>> all;
    for (const size_t threads : {1U, 3U}) {
        ThreadPool pool(threads);
        all.emplace_back(7 * rowBytes(Dtype::kS2, kCols));
        ErrorFeedback(x.data(), 100, kCols, pool)
            .encode(Dtype::kS2, w.data(), 7, all.back().data(), pool);
    }
    EXPECT_EQ(all[0], all[1]);
}

TEST(ErrorFeedback, InputsThatNeverOccurAreNoTrouble) {
    constexpr size_t kCols = 96;
    ThreadPool pool(1);
    for (const float value : {0.0F, 1.0F}) {
        std::vector<float> x(10 * kCols);
        for (size_t t = 0; t < 10; ++t) x[t * kCols + 5] = value;
        const std::vector<float> w = normal(2 * kCols, 7);
        std::vector<std::byte> encoded(2 * rowBytes(Dtype::kS4, kCols));
        ErrorFeedback(x.data(), 10, kCols, pool).encode(Dtype::kS4, w.data(), 2, encoded.data(),
                                                        pool);
        std::vector<float> row(kCols);
        decodeRow(Dtype::kS4, encoded.data(), kCols, row.data());
        for (const float decoded : row) EXPECT_TRUE(std::isfinite(decoded));
    }
}

}  // namespace
}  // namespace glowworm
