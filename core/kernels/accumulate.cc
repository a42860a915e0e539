// SPDX-License-Identifier: Apache-2.0
// Sums of scaled columns. Each output element adds its neurons one by one in ascending order,
// y = fma(scale, w, y), whoever computes it and however many tokens there are.
#include "core/base/check.h"
#include "core/kernels/for_dtype.h"
#include "core/kernels/kernels.h"
#include "core/kernels/simd_targets.h"
#include "core/kernels/work.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/kernels/accumulate.cc"
#include "hwy/foreach_target.h"

#include "core/kernels/decode-inl.h"
#include "core/kernels/lines_ahead.h"

#ifndef GLOWWORM_ACCUMULATE_TASK
#define GLOWWORM_ACCUMULATE_TASK
namespace glowworm {
struct AccumulateTask {
    std::span<const std::byte* const> columns;
    Dtype dtype = Dtype::kF32;
    size_t cols = 0;
    const float* scales = nullptr;  // [n_tokens, columns.size()]
    size_t n_tokens = 0;
    float* y = nullptr;  // [n_tokens, cols]
};
}  // namespace glowworm
#endif

HWY_BEFORE_NAMESPACE();
namespace glowworm::HWY_NAMESPACE {

inline constexpr size_t kTogether = 8;  // neurons added between one load and store of y

// Bytes of 32 elements.
constexpr size_t bytesOfBlock(Dtype dtype) {
    return isFloat(dtype) ? kBlock * bytesOf(dtype) : bytesOf(dtype);
}

// y[begin, end) += scale times column of n neurons; asks for the columns ahead meanwhile.
template <Dtype kType>
HWY_INLINE void addColumns(const std::byte* const* columns, const float* scales, size_t n,
                           LinesAhead ahead, size_t begin, size_t end, float* y) {
    const F32Tag d;
    constexpr size_t kLines = (kTogether * bytesOfBlock(kType) + 63) / 64;  // that a step uses
    size_t c = begin;
    for (; c + kBlock <= end; c += kBlock) {
        ahead.ask(kLines);
        F32Vec sum[kVecsPerBlock];
        for (size_t i = 0; i < kVecsPerBlock; ++i) sum[i] = hn::LoadU(d, y + c + i * kLanes);
        for (size_t k = 0; k < n; ++k) {
            F32Vec w[kVecsPerBlock];
            decode32<kType>(at<kType>(columns[k], c), w);
            const F32Vec scale = hn::Set(d, scales[k]);
            for (size_t i = 0; i < kVecsPerBlock; ++i) sum[i] = hn::MulAdd(scale, w[i], sum[i]);
        }
        for (size_t i = 0; i < kVecsPerBlock; ++i) hn::StoreU(sum[i], d, y + c + i * kLanes);
    }
    if constexpr (isFloat(kType)) {
        for (; c < end; c += kLanes) {
            const size_t left = HWY_MIN(kLanes, end - c);
            F32Vec sum = hn::LoadN(d, y + c, left);
            for (size_t k = 0; k < n; ++k) {
                const F32Vec w = loadFloatsN<kType>(at<kType>(columns[k], c), left);
                sum = hn::MulAdd(hn::Set(d, scales[k]), w, sum);
            }
            hn::StoreN(sum, d, y + c, left);
        }
    }
}

// Up to kTogether neurons whose scale is not zero, from `i` on; moves `i` behind them.
struct Neurons {
    const std::byte* columns[kTogether];
    float scales[kTogether];
    size_t n = 0;

    void take(const AccumulateTask& task, size_t& i) {
        n = 0;
        for (; i < task.columns.size() && n < kTogether; ++i) {
            if (task.scales[i] == 0) continue;
            columns[n] = task.columns[i];
            scales[n++] = task.scales[i];
        }
    }
};

// Columns are asked for about this many bytes before they are used.
inline constexpr size_t kAheadBytes = 8192;

template <Dtype kType>
void accumulateOne(const AccumulateTask& task, size_t begin, size_t end) {
    constexpr size_t kRing = 8;
    const size_t slice_begin = begin / kBlock * bytesOfBlock(kType);
    const size_t slice_bytes = (end - begin + kBlock - 1) / kBlock * bytesOfBlock(kType);
    const size_t distance = HWY_MIN(kRing - 1, 1 + kAheadBytes / (slice_bytes * kTogether + 1));
    Neurons ring[kRing];
    size_t i = 0;
    for (size_t g = 0; g < distance; ++g) ring[g].take(task, i);
    for (size_t g = 0; ring[g % kRing].n > 0; ++g) {
        const Neurons& now = ring[g % kRing];
        Neurons& next = ring[(g + distance) % kRing];
        next.take(task, i);
        const Neurons& later = next.n > 0 ? next : now;
        const LinesAhead ahead(later.columns, later.n, slice_begin, slice_bytes);
        addColumns<kType>(now.columns, now.scales, now.n, ahead, begin, end, task.y);
    }
}

inline constexpr size_t kChunkNeurons = 32;  // decoded at a time for all tokens
inline constexpr size_t kChunkCols = 128;    // 16 KiB of F32: half an L1 cache

// One token's share of a decoded chunk; `values` is [kChunkNeurons][kChunkCols].
HWY_INLINE void addDecoded(const float (*values)[kChunkCols], const float* scales, size_t n,
                           size_t width, float* y) {
    const F32Tag d;
    constexpr size_t kVecs = 8 * kLanes <= kChunkCols ? 8 : kChunkCols / kLanes;
    size_t c = 0;
    for (; c + kVecs * kLanes <= width; c += kVecs * kLanes) {
        F32Vec sum[kVecs];
        for (size_t v = 0; v < kVecs; ++v) sum[v] = hn::LoadU(d, y + c + v * kLanes);
        for (size_t k = 0; k < n; ++k) {
            if (scales[k] == 0) continue;
            const F32Vec scale = hn::Set(d, scales[k]);
            for (size_t v = 0; v < kVecs; ++v) {
                sum[v] = hn::MulAdd(scale, hn::Load(d, values[k] + c + v * kLanes), sum[v]);
            }
        }
        for (size_t v = 0; v < kVecs; ++v) hn::StoreU(sum[v], d, y + c + v * kLanes);
    }
    for (; c < width; c += kLanes) {
        const size_t left = HWY_MIN(kLanes, width - c);
        F32Vec sum = hn::LoadN(d, y + c, left);
        for (size_t k = 0; k < n; ++k) {
            if (scales[k] == 0) continue;
            sum = hn::MulAdd(hn::Set(d, scales[k]), hn::Load(d, values[k] + c), sum);
        }
        hn::StoreN(sum, d, y + c, left);
    }
}

// Neurons [first, first + n) that some token wants, decoded; the others' rows are left as they are,
// since nobody reads them.
template <Dtype kType>
HWY_INLINE void decodeChunk(const AccumulateTask& task, size_t first, size_t n, size_t c,
                            size_t width, float (*values)[kChunkCols]) {
    const size_t count = task.columns.size();
    for (size_t k = 0; k < n; ++k) {
        bool wanted = false;
        for (size_t t = 0; t < task.n_tokens && !wanted; ++t) {
            wanted = task.scales[t * count + first + k] != 0;
        }
        if (wanted) decodeValues<kType>(at<kType>(task.columns[first + k], c), width, values[k]);
    }
}

template <Dtype kType>
void accumulateMany(const AccumulateTask& task, size_t begin, size_t end) {
    alignas(64) float values[kChunkNeurons][kChunkCols];
    const size_t count = task.columns.size();
    for (size_t c = begin; c < end; c += kChunkCols) {
        const size_t width = HWY_MIN(kChunkCols, end - c);
        for (size_t first = 0; first < count; first += kChunkNeurons) {
            const size_t n = HWY_MIN(kChunkNeurons, count - first);
            decodeChunk<kType>(task, first, n, c, width, values);
            for (size_t t = 0; t < task.n_tokens; ++t) {
                addDecoded(values, task.scales + t * count + first, n, width,
                           task.y + t * task.cols + c);
            }
        }
    }
}

// Columns [begin, end) of the outputs.
void accumulateSlice(const AccumulateTask& task, size_t begin, size_t end) {
    forDtype(task.dtype, [&]<Dtype kType>() HWY_ATTR {
        if (task.n_tokens == 1) {
            accumulateOne<kType>(task, begin, end);
        } else {
            accumulateMany<kType>(task, begin, end);
        }
    });
}

}  // namespace glowworm::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace glowworm {
namespace {
HWY_EXPORT(accumulateSlice);
}

void accumulateColumnsBatch(std::span<const std::byte* const> columns, Dtype dtype, size_t cols,
                            const float* scales, size_t n_tokens, float* y, ThreadPool& pool) {
    CHECK(cols % blockElements(dtype) == 0);
    if (columns.empty() || n_tokens == 0) return;
    const AccumulateTask task{columns, dtype, cols, scales, n_tokens, y};
    const auto accumulate = HWY_DYNAMIC_POINTER(accumulateSlice);
    // One token: a slice a thread, so that columns are read in few pieces. Many: as the chunks are.
    const size_t threads = pool.threads();
    const size_t grain = n_tokens == 1 ? (cols + threads - 1) / threads : 128;
    const size_t whole_blocks = (grain + kBlock - 1) / kBlock * kBlock;
    forPieces(pool, cols, whole_blocks, columns.size() * n_tokens,
              [&](size_t begin, size_t end, size_t) { accumulate(task, begin, end); });
}

void accumulateColumns(std::span<const std::byte* const> columns, Dtype dtype, size_t cols,
                       const float* scales, float* y, ThreadPool& pool) {
    accumulateColumnsBatch(columns, dtype, cols, scales, 1, y, pool);
}

}  // namespace glowworm
#endif
