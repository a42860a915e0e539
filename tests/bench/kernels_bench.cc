// SPDX-License-Identifier: Apache-2.0
// How near the kernels come to the memory. Pieces of a matrix far larger than the caches are read
// plainly and multiplied in turn, never the same piece twice in a row, and a low quantile of many
// short turns counts: so ratios hold where other programs run too.
//
//   kernels_bench [THREADS]
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <numeric>
#include <span>
#include <string>
#include <vector>

#include "core/kernels/kernels.h"
#include "tests/bench/plain_read.h"

namespace glowworm {
namespace {

using Clock = std::chrono::steady_clock;

constexpr size_t kMatrixBytes = size_t{256} << 20;  // far more than any cache
constexpr size_t kPieces = 128;                     // 2 MiB: a piece takes less than a time slice
constexpr int kTurns = 12;

template <typename Body>
double secondsOf(const Body& body) {
    const auto start = Clock::now();
    body();
    return std::chrono::duration<double>(Clock::now() - start).count();
}

// The time that one in twenty turns stays below.
double lowQuantile(std::vector<double> seconds) {
    std::ranges::sort(seconds);
    return seconds[seconds.size() / 20];
}

std::vector<float> ramp(size_t count) {
    std::vector<float> values(count);
    for (size_t i = 0; i < count; ++i) {
        values[i] = static_cast<float>(static_cast<int>(i * 7919 % 2001) - 1000) * 1e-3F;
    }
    return values;
}

struct Weights {
    Weights(Dtype dtype, size_t cols, size_t bytes_wanted) : view{nullptr, dtype, 0, cols, 0} {
        view.row_stride_bytes = rowBytes(dtype, cols);
        view.rows = bytes_wanted / view.row_stride_bytes;
        bytes.resize(view.rows * view.row_stride_bytes / 8 * 8 + 8);
        std::vector<float> values = ramp(cols);
        for (size_t r = 0; r < view.rows; ++r) {
            std::byte* row = bytes.data() + r * view.row_stride_bytes;
            if (r < 64) {
                std::rotate(values.begin(), values.begin() + 1, values.end());
                encodeRow(dtype, values.data(), cols, row);
            } else {
                std::copy_n(bytes.data() + r % 64 * view.row_stride_bytes, view.row_stride_bytes,
                            row);
            }
        }
        view.data = bytes.data();
    }
    std::vector<std::byte> bytes;
    MatrixView view;
};

struct Inputs {
    Inputs(size_t tokens, size_t cols, ThreadPool& pool)
        : values(ramp(tokens * cols)), scratch(InputRows::bytesNeeded(tokens, cols)) {
        rows = {values.data(), tokens, cols, scratch.data()};
        rows.prepare(pool);
    }
    std::vector<float> values;
    std::vector<std::byte> scratch;
    InputRows rows;
};

struct DecodeTimes {
    std::vector<double> read, product, gather, columns;
};

// Each piece of `w` is read, multiplied, gathered from and added up once, every time a piece that
// has not been touched for long.
DecodeTimes timeDecode(const Weights& w, ThreadPool& pool) {
    const size_t cols = w.view.cols;
    const size_t rows = w.view.rows / kPieces;
    const size_t bytes = rows * w.view.row_stride_bytes;
    const Inputs x(1, cols, pool);
    const std::vector<float> scales(rows, 0.5F);
    std::vector<float> y(rows);
    std::vector<float> sum(cols);
    std::vector<const std::byte*> anywhere(rows);  // scattered, as in a cache
    size_t step = 37;
    while (std::gcd(step, rows) != 1) ++step;
    DecodeTimes times;
    volatile uint64_t keep = 0;
    for (size_t i = 0; i < kPieces; ++i) {
        const auto pieceRow = [&](size_t quarter) {
            return (i + quarter * kPieces / 4) % kPieces * rows;
        };
        times.read.push_back(secondsOf([&] {
            keep = keep + bench::readPlainly(std::span(w.view.row(pieceRow(0)), bytes), pool);
        }));
        MatrixView piece = w.view;
        piece.data = w.view.row(pieceRow(1));
        piece.rows = rows;
        times.product.push_back(
            secondsOf([&] { matmul(piece, nullptr, x.rows, y.data(), pool); }));
        for (size_t r = 0; r < rows; ++r) anywhere[r] = w.view.row(pieceRow(2) + r * step % rows);
        times.gather.push_back(
            secondsOf([&] { gatherDot(anywhere, w.view.dtype, x.rows, 0, y.data(), pool); }));
        for (size_t r = 0; r < rows; ++r) anywhere[r] = w.view.row(pieceRow(3) + r * step % rows);
        times.columns.push_back(secondsOf([&] {
            accumulateColumns(anywhere, w.view.dtype, cols, scales.data(), sum.data(), pool);
        }));
    }
    return times;
}

void decodeTable(ThreadPool& pool) {
    std::printf("\none token: GB/s of weights, and the share of a plain read in the same run\n");
    std::printf("%-6s %6s %8s %8s %7s %8s %7s %8s %7s\n", "dtype", "cols", "read", "matmul",
                "share", "gather", "share", "columns", "share");
    for (const Dtype dtype : {Dtype::kF32, Dtype::kF16, Dtype::kBF16, Dtype::kQ8_0, Dtype::kQ4_0,
                              Dtype::kQ4_1, Dtype::kS4, Dtype::kS3, Dtype::kS2}) {
        for (const size_t cols : {576U, 4096U}) {
            const Weights w(dtype, cols, kMatrixBytes);
            const DecodeTimes times = timeDecode(w, pool);
            const double gb = static_cast<double>(w.view.rows / kPieces * w.view.row_stride_bytes) *
                              1e-9;
            const double read = gb / lowQuantile(times.read);
            std::printf("%-6s %6zu %8.2f", std::string(dtypeName(dtype)).c_str(), cols, read);
            for (const auto* seconds : {&times.product, &times.gather, &times.columns}) {
                const double speed = gb / lowQuantile(*seconds);
                std::printf(" %8.2f %6.0f%%", speed, 100 * speed / read);
            }
            std::printf("\n");
        }
    }
}

void promptTable(ThreadPool& pool) {
    std::printf("\nmany tokens: 1e9 multiplications a second\n%-6s %6s %7s %9s %9s\n", "dtype",
                "cols", "tokens", "matmul", "columns");
    for (const Dtype dtype : {Dtype::kF32, Dtype::kF16, Dtype::kQ8_0, Dtype::kQ4_0, Dtype::kQ4_1}) {
        for (const size_t cols : {576U, 4096U}) {
            for (const size_t tokens : {4U, 16U, 64U, 128U}) {
                const Weights w(dtype, cols, size_t{4} << 20);
                const Inputs x(tokens, cols, pool);
                std::vector<float> y(tokens * w.view.rows);
                const std::vector<float> scales = ramp(tokens * w.view.rows);
                std::vector<float> sum(tokens * cols);
                std::vector<const std::byte*> pointers;
                for (size_t r = 0; r < w.view.rows; ++r) pointers.push_back(w.view.row(r));
                double product = 1e9, columns = 1e9;
                for (int turn = 0; turn < 4; ++turn) {
                    product = std::min(product, secondsOf([&] {
                        matmul(w.view, nullptr, x.rows, y.data(), pool);
                    }));
                    columns = std::min(columns, secondsOf([&] {
                        accumulateColumnsBatch(pointers, dtype, cols, scales.data(), tokens,
                                               sum.data(), pool);
                    }));
                }
                const double giga = static_cast<double>(w.view.rows * cols * tokens) * 1e-9;
                std::printf("%-6s %6zu %7zu %9.1f %9.1f\n", std::string(dtypeName(dtype)).c_str(),
                            cols, tokens, giga / product, giga / columns);
            }
        }
    }
}

// The same without what tokens share.
void oneByOne(const AttentionArgs& args, ThreadPool& pool) {
    for (size_t t = 0; t < args.n_tokens; ++t) {
        AttentionArgs one = args;
        one.n_tokens = 1;
        one.q += t * args.heads * args.head_dim;
        one.out += t * args.heads * args.head_dim;
        one.visible_prefix += t;
        attention(one, pool);
    }
}

void attentionTable(ThreadPool& pool) {
    std::printf("\nattention, F16, head_dim 64: microseconds a token; GB/s of keys and values\n");
    constexpr size_t kDim = 64;
    for (const auto& [heads, kv_heads] : {std::pair<size_t, size_t>{9, 3}, {32, 8}, {32, 32}}) {
        for (const auto& [tokens, keys] :
             {std::pair<size_t, size_t>{1, 512}, {1, 8192}, {64, 512}}) {
            const size_t stride = kv_heads * kDim * 2;
            std::vector<std::byte> k(keys * stride);
            std::vector<std::byte> v(keys * stride);
            storeKv(ramp(keys * kv_heads * kDim).data(), keys * kv_heads * kDim, KvDtype::kF16,
                    k.data());
            v = k;
            const std::vector<float> q = ramp(tokens * heads * kDim);
            std::vector<float> out(q.size());
            std::vector<float> scores(attentionScoresNeeded(keys, pool.threads()));
            std::vector<uint32_t> prefix(tokens);
            for (size_t t = 0; t < tokens; ++t) {
                prefix[t] = static_cast<uint32_t>(keys - tokens + t + 1);
            }
            const AttentionArgs args{
                .q = q.data(), .k = k.data(), .v = v.data(), .kv_dtype = KvDtype::kF16,
                .kv_stride_bytes = stride, .n_tokens = tokens, .n_keys = keys, .heads = heads,
                .kv_heads = kv_heads, .head_dim = kDim, .visible_prefix = prefix.data(),
                .tree_mask = nullptr, .n_tree = 0, .scale = 0.125F, .scores = scores.data(),
                .out = out.data()};
            double best = 1e9, alone = 1e9;
            for (int turn = 0; turn < kTurns; ++turn) {
                best = std::min(best, secondsOf([&] { attention(args, pool); }));
                alone = std::min(alone, secondsOf([&] { oneByOne(args, pool); }));
            }
            const auto count = static_cast<double>(tokens);
            std::printf("heads %2zu/%-2zu tokens %3zu keys %5zu: %9.1f us %7.2f GB/s, one by one "
                        "%9.1f us\n",
                        heads, kv_heads, tokens, keys, best * 1e6 / count,
                        static_cast<double>(2 * k.size()) * count * 1e-9 / best,
                        alone * 1e6 / count);
        }
    }
}

}  // namespace
}  // namespace glowworm

int main(int argc, char** argv) {
    const size_t threads = argc > 1 ? static_cast<size_t>(std::atoi(argv[1])) : 2;
    if (threads < 1 || threads > 256) return 2;
    glowworm::ThreadPool pool(threads);
    std::printf("target %s, %zu threads\n", glowworm::simdTargetName(), threads);
    glowworm::decodeTable(pool);
    glowworm::promptTable(pool);
    glowworm::attentionTable(pool);
    return 0;
}
