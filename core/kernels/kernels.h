// SPDX-License-Identifier: Apache-2.0
// The arithmetic, in Highway with run-time dispatch. No SIMD type appears here; every compiled
// target equals the scalar reference within the tolerance stated in kernels_test.cc.
//
// Determinism: a result depends on the inputs and the SIMD target alone, never on the number of
// threads, on how tokens are grouped into calls, or on the order in which reads arrive. For one
// (row, token) pair matmul gives the same bits whatever n_tokens is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "core/base/thread_pool.h"
#include "core/kernels/dtype.h"

namespace glowworm {

// A matrix that somebody else owns: rows of `cols` elements, each rowBytes(dtype, cols) long and
// `row_stride_bytes` apart. Rows are output features (y = W x).
struct MatrixView {
    const std::byte* data = nullptr;
    Dtype dtype = Dtype::kF32;
    size_t rows = 0;
    size_t cols = 0;
    size_t row_stride_bytes = 0;
    [[nodiscard]] const std::byte* row(size_t r) const { return data + r * row_stride_bytes; }
};

// Block inputs as the kernels want them: F32, and beside it the 8-bit form that quantised weights
// are multiplied with (32-element blocks: scale and sum of each). Memory is the caller's, made
// once: `bytesNeeded(tokens, cols)` of scratch. prepare() must run before the values are used by a
// quantised matrix; F32, F16 and BF16 weights read `values` directly. `quantised` is aligned as a
// float is.
struct InputRows {
    const float* values = nullptr;  // [n_tokens, cols]
    size_t n_tokens = 0;
    size_t cols = 0;
    std::byte* quantised = nullptr;  // scratch, filled by prepare(); null: quantised weights are
                                     // decoded and multiplied in F32 (slower, more exact)
    static size_t bytesNeeded(size_t n_tokens, size_t cols);
    void prepare(ThreadPool& pool);
};

// y[n_tokens, w.rows] = x * W^T (+ bias[w.rows] unless null).
void matmul(const MatrixView& w, const float* bias, const InputRows& x, float* y, ThreadPool& pool);

// out[i] = row_i . x for `count` rows that lie anywhere (neuron records in cache slots, or resident
// rows by index), for one token. `rows[i]` points at row i's first byte.
void gatherDot(std::span<const std::byte* const> rows, Dtype dtype, const InputRows& x,
               size_t token, float* out, ThreadPool& pool);

// y[cols] += sum over i of scales[i] * column_i, neurons added in ascending i for every output
// element (each thread owns a slice of the output), so the result repeats bit for bit however a sum
// is cut into consecutive calls. `columns[i]` points at the stored down column of neuron i.
// A neuron whose scale is exactly 0 is skipped without touching its memory.
void accumulateColumns(std::span<const std::byte* const> columns, Dtype dtype, size_t cols,
                       const float* scales, float* y, ThreadPool& pool);

// The same for n tokens at once (prefill): y[n_tokens, cols] += scales[n_tokens, count] * columns.
// For each token the same bits as accumulateColumns.
void accumulateColumnsBatch(std::span<const std::byte* const> columns, Dtype dtype, size_t cols,
                            const float* scales, size_t n_tokens, float* y, ThreadPool& pool);

// out[r] = sqrt(sum_c w[r,c]^2): norms of rows or stored columns (for contributions).
void rowNorms(const MatrixView& w, float* out, ThreadPool& pool);

// y = x / rms(x) * weight, rms over cols with `epsilon`. Per token; in place allowed.
void rmsNorm(const float* x, const float* weight, float epsilon, size_t n_tokens, size_t cols,
             float* y);
// y = (x - mean) / sqrt(var + epsilon) * weight + bias (bias may be null).
void layerNorm(const float* x, const float* weight, const float* bias, float epsilon,
               size_t n_tokens, size_t cols, float* y);

// Rotary embedding (RoPE, arXiv 2104.09864, eq. 34) of `heads` heads of head_dim, in place, for one
// token. cos_sin[head_dim/2][2] is that position's table row. `halves`: pairs are (i, i + d/2), the
// Hugging Face and NeoX order; otherwise neighbours (2i, 2i+1), the order of GGUF llama files.
void rope(float* x, size_t heads, size_t head_dim, const float* cos_sin, bool halves);

// KV rows stored as F16 or F32.
enum class KvDtype : uint8_t { kF32, kF16 };
void storeKv(const float* values, size_t count, KvDtype dtype, std::byte* out);

// Attention of `n_tokens` queries over `n_keys` cached rows.
//   q   [n_tokens, heads * head_dim]
//   k,v [n_keys, kv_heads * head_dim], rows kv_stride_bytes apart
//   out [n_tokens, heads * head_dim]
// Query t sees key j when visible(t, j): j < visible_prefix[t], or, for the last `n_tree` keys when
// `tree_mask` is not null, tree_mask[t * n_tree + (j - (n_keys - n_tree))] != 0.
struct AttentionArgs {
    const float* q = nullptr;
    const std::byte* k = nullptr;
    const std::byte* v = nullptr;
    KvDtype kv_dtype = KvDtype::kF16;
    size_t kv_stride_bytes = 0;
    size_t n_tokens = 0, n_keys = 0, heads = 0, kv_heads = 0, head_dim = 0;
    const uint32_t* visible_prefix = nullptr;  // [n_tokens]
    const uint8_t* tree_mask = nullptr;        // [n_tokens, n_tree] or null
    size_t n_tree = 0;
    float scale = 0;             // 1/sqrt(head_dim) as a rule
    float* scores = nullptr;     // scratch, scoresNeeded(...) floats
    float* out = nullptr;
};
// In floats. Keys are taken in chunks, so that their number does not count at present.
size_t attentionScoresNeeded(size_t n_keys_max, size_t threads);
void attention(const AttentionArgs& args, ThreadPool& pool);

// Gated activation over neurons, in place on gate: gate = act(gate) * up (up null: not gated).
enum class ActivationKind : uint8_t { kRelu, kSilu, kGelu };
void activate(ActivationKind kind, float* gate, const float* up, size_t count);

void addInPlace(float* y, const float* x, size_t count);

// The name of the SIMD target in use ("AVX3_ZEN4", "AVX2", ...), for benchmarks and bug reports.
const char* simdTargetName();

}  // namespace glowworm
