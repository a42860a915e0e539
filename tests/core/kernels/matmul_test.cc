// SPDX-License-Identifier: Apache-2.0
// Products of rows against double precision. Tolerances: F32 sums 1e-6 of the sum of magnitudes;
// with 8-bit inputs 1/127 of the largest input, times the weights' magnitudes, as an upper bound.
#include <cstring>

#include "tests/core/kernels/kernels_support.h"

namespace glowworm {
namespace {

// The largest error that rounding one row of inputs to 8 bits can cause in a product with `w`.
double roundingBound(const float* w, const float* x, size_t cols) {
    double bound = 0;
    for (size_t b = 0; b < cols; b += 32) {
        double largest = 0;
        double weights = 0;
        for (size_t i = b; i < b + 32; ++i) {
            largest = std::max(largest, std::abs(static_cast<double>(x[i])));
            weights += std::abs(static_cast<double>(w[i]));
        }
        bound += largest / 127 * 0.5 * weights;
    }
    return bound;
}

double tolerance(const TestMatrix& w, size_t r, const InputRows& x, size_t t) {
    const float* row = w.values.data() + r * w.cols;
    const float* in = x.values + t * x.cols;
    const double sums = 1e-6 * magnitude(row, in, w.cols);
    const bool rounded = hasBlocks(w.dtype) && x.quantised != nullptr;
    return rounded ? sums * 10 + roundingBound(row, in, w.cols) : sums;
}

void expectProduct(const TestMatrix& w, const InputRows& x, const std::vector<float>& y,
                   const float* bias = nullptr) {
    for (size_t t = 0; t < x.n_tokens; ++t) {
        for (size_t r = 0; r < w.rows; ++r) {
            const float* row = w.values.data() + r * w.cols;
            const double want = dot(row, x.values + t * x.cols, w.cols) +
                                (bias != nullptr ? static_cast<double>(bias[r]) : 0);
            ASSERT_NEAR(y[t * w.rows + r], want, tolerance(w, r, x, t) + 1e-7)
                << dtypeName(w.dtype) << " row " << r << " of " << w.rows << ", token " << t
                << ", cols " << w.cols;
        }
    }
}

std::vector<float> product(const TestMatrix& w, const InputRows& x, ThreadPool& pool) {
    std::vector<float> y(x.n_tokens * w.rows, -1);
    matmul(w.view(), nullptr, x, y.data(), pool);
    return y;
}

TEST(Matmul, EqualsTheScalarFormOnEachTarget) {
    forEachTarget([] {
        ThreadPool pool(2);
        for (const Dtype dtype : kComputed) {
            for (const size_t cols : {32U, 64U, 576U, 1120U}) {
                for (const size_t rows : {1U, 3U, 17U, 70U}) {
                    const TestMatrix w(dtype, rows, cols, rows);
                    for (const size_t tokens : {1U, 2U, 5U, 13U}) {
                        const TestInput x(tokens, cols, tokens, pool);
                        expectProduct(w, x.rows, product(w, x.rows, pool));
                    }
                }
            }
        }
    });
}

TEST(Matmul, FloatRowsOfAnyLength) {
    forEachTarget([] {
        ThreadPool pool(2);
        for (const Dtype dtype : {Dtype::kF32, Dtype::kF16, Dtype::kBF16}) {
            for (const size_t cols : {1U, 7U, 33U, 80U, 100U}) {
                const TestMatrix w(dtype, 9, cols, cols);
                const TestInput x(3, cols, 5, pool);
                expectProduct(w, x.rows, product(w, x.rows, pool));
            }
        }
    });
}

TEST(Matmul, WithoutAnEightBitFormTheProductIsExact) {
    forEachTarget([] {
        ThreadPool pool(2);
        for (const Dtype dtype : {Dtype::kQ8_0, Dtype::kQ4_0, Dtype::kQ4_1, Dtype::kS4,
                                  Dtype::kS3, Dtype::kS2}) {
            const TestMatrix w(dtype, 19, 576, 3);
            const TestInput x(3, 576, 5, pool, true);
            expectProduct(w, x.rows, product(w, x.rows, pool));
        }
    });
}

TEST(Matmul, AddsTheBias) {
    ThreadPool pool(2);
    for (const Dtype dtype : {Dtype::kF32, Dtype::kQ4_1}) {
        const TestMatrix w(dtype, 50, 64, 3);
        const TestInput x(5, 64, 5, pool);
        const std::vector<float> bias = someValues(50, 11);
        std::vector<float> y(5 * 50);
        matmul(w.view(), bias.data(), x.rows, y.data(), pool);
        expectProduct(w, x.rows, y, bias.data());
    }
}

TEST(Matmul, LargeWeightsAndInputsDoNotOverflow) {
    forEachTarget([] {
        ThreadPool pool(1);
        for (const Dtype dtype : {Dtype::kQ8_0, Dtype::kQ4_0, Dtype::kQ4_1, Dtype::kS4,
                                  Dtype::kS3, Dtype::kS2}) {
            for (const float sign : {1.0F, -1.0F}) {
                const std::vector<float> ones(1024, sign);
                TestMatrix w(dtype, 8, 1024, 1);
                for (size_t r = 0; r < 8; ++r) {
                    encodeRow(dtype, ones.data(), 1024, w.bytes.data() + r * w.stride);
                    decodeRow(dtype, w.bytes.data() + r * w.stride, 1024,
                              w.values.data() + r * 1024);
                }
                TestInput x(1, 1024, 1, pool);
                std::fill(x.values.begin(), x.values.end(), 1.0F);
                x.rows.prepare(pool);
                expectProduct(w, x.rows, product(w, x.rows, pool));
            }
        }
    });
}

// The promise of kernels.h: one (row, token) pair has the same bits however it is computed.
TEST(Matmul, BitsDoNotDependOnTokensThreadsOrRows) {
    forEachTarget([] {
        ThreadPool one(1);
        for (const Dtype dtype : kComputed) {
            constexpr size_t kTokens = 64;
            constexpr size_t kRows = 150;
            constexpr size_t kCols = 1120;  // more blocks than a panel holds
            const TestMatrix w(dtype, kRows, kCols, 1);
            const TestInput all(kTokens, kCols, 2, one);
            const std::vector<float> whole = product(w, all.rows, one);
            for (const size_t threads : {2U, 3U}) {
                ThreadPool pool(threads);
                EXPECT_EQ(whole, product(w, all.rows, pool)) << dtypeName(dtype);
            }
            for (const size_t tokens : {1U, 3U, 7U}) {
                TestInput some(tokens, kCols, 2, one);  // the same first values
                const std::vector<float> part = product(w, some.rows, one);
                EXPECT_EQ(std::memcmp(part.data(), whole.data(), part.size() * sizeof(float)), 0)
                    << dtypeName(dtype) << ' ' << tokens;
            }
            const auto pointers = w.rowPointers();
            for (const size_t token : {0U, 63U}) {
                std::vector<float> gathered(37);
                gatherDot(std::span(pointers).subspan(5, 37), dtype, all.rows, token,
                          gathered.data(), one);
                const float* want = whole.data() + token * kRows + 5;
                EXPECT_EQ(std::memcmp(gathered.data(), want, 37 * sizeof(float)), 0)
                    << dtypeName(dtype);
            }
        }
    });
}

TEST(GatherDot, TakesRowsInAnyOrderAndNoneAtAll) {
    ThreadPool pool(2);
    for (const Dtype dtype : kComputed) {
        const TestMatrix w(dtype, 40, 64, 1);
        const TestInput x(2, 64, 2, pool);
        auto pointers = w.rowPointers();
        std::swap(pointers[0], pointers[31]);
        pointers[2] = pointers[3];
        std::vector<float> out(40);
        gatherDot(pointers, dtype, x.rows, 1, out.data(), pool);
        const std::vector<float> y = product(w, x.rows, pool);
        EXPECT_EQ(out[0], y[40 + 31]);
        EXPECT_EQ(out[31], y[40]);
        EXPECT_EQ(out[2], y[40 + 3]);
        gatherDot({}, dtype, x.rows, 1, out.data(), pool);
    }
}

}  // namespace
}  // namespace glowworm
