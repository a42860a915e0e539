// SPDX-License-Identifier: Apache-2.0
// Norms, rotary embedding, activations, sums and KV stores against double precision.
#include <bit>
#include <cstring>
#include <limits>

#include "core/kernels/half.h"
#include "tests/core/kernels/kernels_support.h"

namespace glowworm {
namespace {

constexpr size_t kSizes[] = {1, 2, 7, 16, 33, 64, 576, 579};

TEST(Norms, RmsNormEqualsTheScalarForm) {
    forEachTarget([] {
        for (const size_t cols : kSizes) {
            std::vector<float> x = someValues(3 * cols, 1);
            const std::vector<float> before = x;
            const std::vector<float> weight = someValues(cols, 2);
            rmsNorm(x.data(), weight.data(), 1e-5F, 3, cols, x.data());  // in place
            for (size_t t = 0; t < 3; ++t) {
                const float* row = before.data() + t * cols;
                const double mean = dot(row, row, cols) / static_cast<double>(cols);
                const double rms = std::sqrt(mean + 1e-5);
                for (size_t c = 0; c < cols; ++c) {
                    const double want = static_cast<double>(row[c]) / rms * weight[c];
                    ASSERT_NEAR(x[t * cols + c], want, 2e-6);
                }
            }
        }
    });
}

TEST(Norms, LayerNormEqualsTheScalarForm) {
    forEachTarget([] {
        for (const size_t cols : kSizes) {
            std::vector<float> x = someValues(2 * cols, 1);
            for (float& value : x) value += 3;  // a mean far from zero
            const std::vector<float> weight = someValues(cols, 2);
            const std::vector<float> bias = someValues(cols, 3);
            const std::vector<float> ones(cols, 1.0F);
            for (const float* b : {bias.data(), static_cast<const float*>(nullptr)}) {
                std::vector<float> y(2 * cols);
                layerNorm(x.data(), weight.data(), b, 1e-5F, 2, cols, y.data());
                for (size_t t = 0; t < 2; ++t) {
                    const float* row = x.data() + t * cols;
                    const double mean = dot(row, ones.data(), cols) / static_cast<double>(cols);
                    double variance = 0;
                    for (size_t c = 0; c < cols; ++c) variance += std::pow(row[c] - mean, 2);
                    const double sd = std::sqrt(variance / static_cast<double>(cols) + 1e-5);
                    for (size_t c = 0; c < cols; ++c) {
                        const double want =
                            (row[c] - mean) / sd * weight[c] + (b != nullptr ? b[c] : 0);
                        ASSERT_NEAR(y[t * cols + c], want, cols < 3 ? 1e-3 : 1e-5);
                    }
                }
            }
        }
    });
}

TEST(Rope, TurnsPairsByTheirAngle) {
    forEachTarget([] {
        for (const size_t dim : {2U, 6U, 32U, 64U, 80U}) {
            for (const bool halves : {true, false}) {
                const size_t half = dim / 2;
                std::vector<float> table(dim);
                for (size_t i = 0; i < half; ++i) {
                    table[2 * i] = std::cos(0.1F * static_cast<float>(i + 1));
                    table[2 * i + 1] = std::sin(0.1F * static_cast<float>(i + 1));
                }
                std::vector<float> x = someValues(3 * dim, 1);
                const std::vector<float> before = x;
                rope(x.data(), 3, dim, table.data(), halves);
                for (size_t h = 0; h < 3; ++h) {
                    for (size_t i = 0; i < half; ++i) {
                        const size_t a = h * dim + (halves ? i : 2 * i);
                        const size_t b = h * dim + (halves ? i + half : 2 * i + 1);
                        const float c = table[2 * i];
                        const float s = table[2 * i + 1];
                        ASSERT_NEAR(x[a], before[a] * c - before[b] * s, 3e-7);
                        ASSERT_NEAR(x[b], before[a] * s + before[b] * c, 3e-7);
                    }
                }
            }
        }
    });
}

double exactActivation(ActivationKind kind, double x) {
    switch (kind) {
        case ActivationKind::kRelu: return x > 0 ? x : 0;
        case ActivationKind::kSilu: return x / (1 + std::exp(-x));
        case ActivationKind::kGelu: return x * 0.5 * std::erfc(-x / std::sqrt(2.0));
    }
    return 0;
}

TEST(Activate, ErrorsAreSmallOverTheWholeRange) {
    forEachTarget([] {
        for (const ActivationKind kind :
             {ActivationKind::kRelu, ActivationKind::kSilu, ActivationKind::kGelu}) {
            std::vector<float> x;
            for (float v = -80; v < 80; v += 0.013F) x.push_back(v);
            std::vector<float> y = x;
            activate(kind, y.data(), nullptr, y.size());
            // GELU's tail is e^-z^2 / z: half an ulp of z^2 shows there. Below 1e-30 nothing
            // matters.
            for (size_t i = 0; i < x.size(); ++i) {
                const double want = exactActivation(kind, static_cast<double>(x[i]));
                const double relative = kind == ActivationKind::kGelu && x[i] < -2 ? 2e-5 : 1e-6;
                ASSERT_NEAR(y[i], want, relative * std::abs(want) + 1e-30) << x[i];
            }
        }
    });
}

TEST(Activate, FarValuesStayFinite) {
    forEachTarget([] {
        std::vector<float> x = {-1e30F, -1000, -100, 0, 100, 1000, 1e30F};
        for (const ActivationKind kind : {ActivationKind::kSilu, ActivationKind::kGelu}) {
            std::vector<float> y = x;
            activate(kind, y.data(), nullptr, y.size());
            for (size_t i = 4; i < 7; ++i) EXPECT_EQ(y[i], x[i]);
            EXPECT_EQ(y[3], 0.0F);
            for (size_t i = 1; i < 3; ++i) EXPECT_NEAR(y[i], 0.0F, 1e-30F);
        }
    });
}

TEST(Activate, ReluIsExactlyZeroAndTheGateMultiplies) {
    forEachTarget([] {
        for (const size_t count : kSizes) {
            std::vector<float> gate = someValues(count, 1);
            const std::vector<float> before = gate;
            const std::vector<float> up = someValues(count, 2);
            activate(ActivationKind::kRelu, gate.data(), up.data(), count);
            for (size_t i = 0; i < count; ++i) {
                ASSERT_EQ(gate[i], before[i] > 0 ? before[i] * up[i] : 0.0F);
            }
        }
    });
}

TEST(AddInPlace, AddsEachValueOnce) {
    forEachTarget([] {
        for (const size_t count : kSizes) {
            std::vector<float> y = someValues(count + 1, 1);
            const std::vector<float> before = y;
            const std::vector<float> x = someValues(count, 2);
            addInPlace(y.data(), x.data(), count);
            for (size_t i = 0; i < count; ++i) ASSERT_EQ(y[i], before[i] + x[i]);
            ASSERT_EQ(y[count], before[count]);
        }
    });
}

TEST(StoreKv, StoresHalvesRoundedToEvenAndNothingBeyond) {
    forEachTarget([] {
        for (const size_t count : kSizes) {
            std::vector<float> values = someValues(count, 1);
            values[0] = -std::numeric_limits<float>::infinity();
            std::vector<std::byte> out(2 * count + 2, std::byte{0x5a});
            storeKv(values.data(), count, KvDtype::kF16, out.data());
            for (size_t i = 0; i < count; ++i) {
                ASSERT_EQ(loadAs<uint16_t>(out.data() + 2 * i), f16FromF32(values[i]));
            }
            EXPECT_EQ(out.back(), std::byte{0x5a});
        }
    });
    const std::vector<float> values = someValues(5, 1);
    std::vector<float> out(5);
    storeKv(values.data(), 5, KvDtype::kF32, reinterpret_cast<std::byte*>(out.data()));
    EXPECT_EQ(out, values);
}

TEST(InputRows, TheEightBitFormLosesAtMostHalfAStep) {
    ThreadPool pool(2);
    for (const size_t cols : {32U, 576U}) {
        const TestInput x(3, cols, 1, pool);
        EXPECT_EQ(InputRows::bytesNeeded(3, cols), x.scratch.size());
        // A row of ones sums the inputs: each may be off by half a step of 1/127.
        std::vector<float> ones(cols, 1.0F);
        std::vector<std::byte> row(rowBytes(Dtype::kQ8_0, cols));
        encodeRow(Dtype::kQ8_0, ones.data(), cols, row.data());
        std::vector<float> y(3);
        matmul({row.data(), Dtype::kQ8_0, 1, cols, row.size()}, nullptr, x.rows, y.data(), pool);
        for (size_t t = 0; t < 3; ++t) {
            const double want = dot(x.values.data() + t * cols, ones.data(), cols);
            EXPECT_NEAR(y[t], want, static_cast<double>(cols) * 0.5 / 127);
        }
    }
}

}  // namespace
}  // namespace glowworm
