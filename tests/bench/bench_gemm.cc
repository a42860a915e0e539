// SPDX-License-Identifier: Apache-2.0
// bench gemm: the matrix products of a 7B model's prompt by our kernels, by OpenBLAS and by oneDNN,
// in turns. Theirs want the weights as F32, BF16 or F16 matrices: what a quantised or bundled row
// would have to be decoded into first, which is counted for F16 by OpenBLAS.
#include <algorithm>
#include <chrono>
#include <thread>
#include <vector>

#include "core/base/clock.h"
#include "core/import/synthetic_noise.h"
#include "core/kernels/kernels.h"
#include "tests/bench/gemm_rivals.h"
#include "tests/bench/options.h"
#include "tests/bench/table.h"
#include "tests/bench/tables.h"

namespace glowworm::bench {

namespace {

constexpr size_t kTokens = 512;
constexpr int kTurns = 3;

struct Problem {
    size_t rows, cols;
    std::vector<float> x, w, y;
    std::vector<std::byte> bf16, f16, q8_0, q4_0;
    std::vector<std::byte> scratch;

    Problem(const NoisePool& noise, size_t n, size_t k)
        : rows(n), cols(k), x(kTokens * k), w(n * k), y(kTokens * n),
          scratch(InputRows::bytesNeeded(kTokens, k)) {
        CounterRandom random(1, n, k);
        for (size_t t = 0; t < kTokens; ++t) {
            noise.addTo(std::span(x).subspan(t * k, k), 1, random);
        }
        for (size_t r = 0; r < n; ++r) {
            noise.addTo(std::span(w).subspan(r * k, k), 0.02F, random);
        }
        const auto encode = [&](Dtype dtype, std::vector<std::byte>& out) {
            out.resize(n * rowBytes(dtype, k));
            encodeRow(dtype, w.data(), w.size(), out.data());
        };
        encode(Dtype::kBF16, bf16);
        encode(Dtype::kF16, f16);
        encode(Dtype::kQ8_0, q8_0);
        encode(Dtype::kQ4_0, q4_0);
    }

    void ours(Dtype dtype, const std::vector<std::byte>& weights, ThreadPool& pool) {
        InputRows input{x.data(), kTokens, cols, scratch.data()};
        input.prepare(pool);
        const MatrixView view{weights.data(), dtype, rows, cols, rowBytes(dtype, cols)};
        matmul(view, nullptr, input, y.data(), pool);
    }
};

// GFLOP/s of the best turn; 0 where the library is not here.
template <typename Product>
std::string speedOf(const Problem& p, const Product& product) {
    double best = 0;
    for (int turn = 0; turn < kTurns; ++turn) {
        const auto begin = steadyClock().now();
        if (!product()) return "-";
        const double seconds =
            std::chrono::duration<double>(steadyClock().now() - begin).count();
        best = std::max(best, 2e-9 * kTokens * static_cast<double>(p.rows * p.cols) / seconds);
    }
    return number(best, 0);
}

void shapeRow(const NoisePool& noise, size_t rows, size_t cols, ThreadPool& pool, Table& table) {
    Problem p(noise, rows, cols);
    const auto own = [&](Dtype dtype, const std::vector<std::byte>& weights) {
        return speedOf(p, [&] {
            p.ours(dtype, weights, pool);
            return true;
        });
    };
    const auto dnn = [&](OneDnnType type, const void* weights) {
        return speedOf(p, [&] {
            return oneDnnProduct(p.x.data(), weights, type, p.y.data(), kTokens, rows, cols);
        });
    };
    const auto blas = [&](bool decode) {
        return speedOf(p, [&] {
            if (decode) {
                pool.forSlices(rows, 1, [&](size_t begin, size_t end, size_t) {
                    for (size_t r = begin; r < end; ++r) {
                        decodeRow(Dtype::kF16, p.f16.data() + r * cols * 2, cols,
                                  p.w.data() + r * cols);
                    }
                });
            }
            return openblasProduct(p.x.data(), p.w.data(), p.y.data(), kTokens, rows, cols);
        });
    };
    table.row({std::to_string(rows) + " x " + std::to_string(cols), own(Dtype::kF16, p.f16),
               own(Dtype::kQ8_0, p.q8_0), own(Dtype::kQ4_0, p.q4_0), blas(false), blas(true),
               dnn(OneDnnType::kF32, p.w.data()), dnn(OneDnnType::kBf16, p.bf16.data()),
               dnn(OneDnnType::kF16, p.f16.data())});
}

}  // namespace

int benchGemm(std::span<const std::string> args) {
    ThreadPool pool(std::max(1U, std::thread::hardware_concurrency()));
    const NoisePool noise(1);
    Table table("Products of a 7B model's prompt of 512 tokens: GFLOP/s (best of " +
                    std::to_string(kTurns) + ")",
                {"weights", "ours F16", "ours Q8_0", "ours Q4_0", "OpenBLAS F32",
                 "OpenBLAS F16 decoded", "oneDNN F32", "oneDNN BF16", "oneDNN F16"});
    shapeRow(noise, 4096, 4096, pool, table);
    shapeRow(noise, 11008, 4096, pool, table);
    shapeRow(noise, 4096, 11008, pool, table);
    table.print(has(args, "--json"));
    return 0;
}

}  // namespace glowworm::bench
