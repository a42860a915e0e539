// SPDX-License-Identifier: Apache-2.0
// Sums of scaled columns against double precision (tolerance 1e-6 of the magnitudes), and the rule
// that neurons are added one by one in ascending order.
#include <limits>

#include "tests/core/kernels/kernels_support.h"

namespace glowworm {
namespace {

std::vector<float> sparseScales(size_t count, uint64_t seed) {
    std::vector<float> scales = someValues(count, seed);
    for (size_t i = 0; i < count; ++i) {
        if (i % 3 == 1) scales[i] = i % 2 == 0 ? 0.0F : -0.0F;
    }
    return scales;
}

TEST(AccumulateColumns, EqualsTheScalarFormOnEachTarget) {
    forEachTarget([] {
        ThreadPool pool(2);
        for (const Dtype dtype : kComputed) {
            for (const size_t cols : {32U, 576U, 1120U}) {
                const TestMatrix w(dtype, 45, cols, 1);
                const std::vector<float> scales = sparseScales(45, 2);
                std::vector<float> y = someValues(cols, 3);
                const std::vector<float> before = y;
                accumulateColumns(w.rowPointers(), dtype, cols, scales.data(), y.data(), pool);
                for (size_t c = 0; c < cols; ++c) {
                    double want = static_cast<double>(before[c]);
                    double magnitudes = std::abs(want);
                    for (size_t i = 0; i < 45; ++i) {
                        const double term = static_cast<double>(scales[i]) *
                                            static_cast<double>(w.values[i * cols + c]);
                        want += term;
                        magnitudes += std::abs(term);
                    }
                    ASSERT_NEAR(y[c], want, 1e-6 * magnitudes) << dtypeName(dtype) << ' ' << c;
                }
            }
        }
    });
}

TEST(AccumulateColumns, FloatColumnsOfAnyLength) {
    forEachTarget([] {
        ThreadPool pool(3);
        for (const Dtype dtype : {Dtype::kF32, Dtype::kF16, Dtype::kBF16}) {
            for (const size_t cols : {1U, 33U, 100U}) {
                const TestMatrix w(dtype, 1, cols, 1);
                const float scale = 2;  // doubling is exact
                std::vector<float> y(cols, 0.0F);
                accumulateColumns(w.rowPointers(), dtype, cols, &scale, y.data(), pool);
                for (size_t c = 0; c < cols; ++c) ASSERT_EQ(y[c], 2 * w.values[c]);
            }
        }
    });
}

TEST(AccumulateColumns, AZeroScaleNeverTouchesItsColumn) {
    ThreadPool pool(2);
    const TestMatrix w(Dtype::kF16, 3, 64, 1);
    std::vector<const std::byte*> columns = w.rowPointers();
    columns[0] = nullptr;
    columns[2] = nullptr;
    const float scales[] = {0.0F, 1.0F, -0.0F, 0.0F, 2.0F, 0.0F};
    std::vector<float> y(2 * 64, 0.0F);
    accumulateColumns(columns, Dtype::kF16, 64, scales, y.data(), pool);
    EXPECT_EQ(y[5], w.values[64 + 5]);
    accumulateColumnsBatch(columns, Dtype::kF16, 64, scales, 2, y.data(), pool);
    EXPECT_EQ(y[5], 2 * w.values[64 + 5]);
    EXPECT_EQ(y[64 + 5], 2 * w.values[64 + 5]);
}

TEST(AccumulateColumns, BitsDoNotDependOnCutsThreadsOrTokens) {
    forEachTarget([] {
        ThreadPool one(1);
        for (const Dtype dtype : kComputed) {
            constexpr size_t kCols = 1120;
            constexpr size_t kNeurons = 101;
            constexpr size_t kTokens = 5;
            const TestMatrix w(dtype, kNeurons, kCols, 1);
            const auto columns = w.rowPointers();
            const std::vector<float> scales = sparseScales(kTokens * kNeurons, 2);
            const std::vector<float> start = someValues(kTokens * kCols, 3);
            std::vector<float> batch = start;
            accumulateColumnsBatch(columns, dtype, kCols, scales.data(), kTokens, batch.data(),
                                   one);

            for (const size_t threads : {1U, 2U, 3U}) {
                ThreadPool pool(threads);
                std::vector<float> again = start;
                accumulateColumnsBatch(columns, dtype, kCols, scales.data(), kTokens, again.data(),
                                       pool);
                EXPECT_EQ(batch, again) << dtypeName(dtype);
                std::vector<float> singly = start;
                for (size_t t = 0; t < kTokens; ++t) {
                    const float* token_scales = scales.data() + t * kNeurons;
                    float* y = singly.data() + t * kCols;
                    const std::span all(columns);
                    for (const auto& [begin, end] : {std::pair{0U, 1U}, {1U, 40U}, {40U, 101U}}) {
                        accumulateColumns(all.subspan(begin, end - begin), dtype, kCols,
                                          token_scales + begin, y, pool);
                    }
                }
                EXPECT_EQ(batch, singly) << dtypeName(dtype) << ' ' << threads;
            }
        }
    });
}

TEST(RowNorms, EqualTheScalarForm) {
    forEachTarget([] {
        ThreadPool pool(2);
        for (const Dtype dtype : kComputed) {
            const size_t cols = hasBlocks(dtype) ? 576 : 579;
            const TestMatrix w(dtype, 33, cols, 1);
            std::vector<float> norms(33);
            rowNorms(w.view(), norms.data(), pool);
            for (size_t r = 0; r < 33; ++r) {
                const float* row = w.values.data() + r * cols;
                ASSERT_NEAR(norms[r], std::sqrt(dot(row, row, cols)), 1e-5) << dtypeName(dtype);
            }
        }
    });
}

}  // namespace
}  // namespace glowworm
