// SPDX-License-Identifier: Apache-2.0
#include "core/kernels/quantised_input.h"

#include "core/base/check.h"
#include "core/kernels/simd_targets.h"
#include "core/kernels/work.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/kernels/quantised_input.cc"
#include "hwy/foreach_target.h"

#include "core/kernels/decode-inl.h"

HWY_BEFORE_NAMESPACE();
namespace glowworm::HWY_NAMESPACE {

// One block: the largest magnitude becomes 127; nearest even otherwise.
HWY_INLINE void quantiseBlock(const F32Vec (&x)[kVecsPerBlock], const QuantisedInput& to,
                              size_t b) {
    const F32Tag df;
    const hn::RebindToSigned<F32Tag> di;
    const hn::Rebind<int8_t, F32Tag> d8;
    F32Vec largest = hn::Abs(x[0]);
    for (size_t i = 1; i < kVecsPerBlock; ++i) largest = hn::Max(largest, hn::Abs(x[i]));
    const float scale = hn::GetLane(hn::MaxOfLanes(df, largest)) / 127;
    const F32Vec inverse = hn::Set(df, scale > 0 ? 1 / scale : 0);
    auto sum = hn::Zero(di);
    for (size_t i = 0; i < kVecsPerBlock; ++i) {
        const auto q = hn::NearestInt(hn::Mul(x[i], inverse));
        sum = hn::Add(sum, q);
        hn::StoreU(hn::DemoteTo(d8, q), d8, to.q + b * kBlock + i * kLanes);
    }
    to.d[b] = scale;
    to.sum[b] = hn::GetLane(hn::SumOfLanes(di, sum));
    to.s[b] = scale * static_cast<float>(to.sum[b]);
}

void quantiseRow(const float* values, size_t cols, const QuantisedInput& to) {
    const F32Tag df;
    for (size_t b = 0; b < to.blocks; ++b) {
        const float* from = values + b * kBlock;
        F32Vec x[kVecsPerBlock];
        for (size_t i = 0; i < kVecsPerBlock; ++i) {
            const size_t c = b * kBlock + i * kLanes;
            x[i] = c + kLanes <= cols ? hn::LoadU(df, from + i * kLanes)
                   : c < cols         ? hn::LoadN(df, from + i * kLanes, cols - c)
                                      : hn::Zero(df);
        }
        quantiseBlock(x, to, b);
    }
}

}  // namespace glowworm::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace glowworm {
namespace {
HWY_EXPORT(quantiseRow);

constexpr size_t kBytesPerBlock = kBlock + 2 * sizeof(float) + sizeof(int32_t);

size_t blocksOf(size_t cols) { return (cols + kBlock - 1) / kBlock; }
}  // namespace

QuantisedInput quantisedInput(const InputRows& x) {
    const size_t blocks = blocksOf(x.cols);
    auto* d = reinterpret_cast<float*>(x.quantised);
    float* s = d + x.n_tokens * blocks;
    auto* sum = reinterpret_cast<int32_t*>(s + x.n_tokens * blocks);
    auto* q = reinterpret_cast<int8_t*>(sum + x.n_tokens * blocks);
    return {q, d, s, sum, blocks};
}

size_t InputRows::bytesNeeded(size_t n_tokens, size_t cols) {
    return n_tokens * blocksOf(cols) * kBytesPerBlock;
}

void InputRows::prepare(ThreadPool& pool) {
    CHECK(quantised != nullptr);
    CHECK(reinterpret_cast<uintptr_t>(quantised) % alignof(float) == 0);
    const QuantisedInput all = quantisedInput(*this);
    const auto quantise = HWY_DYNAMIC_POINTER(quantiseRow);
    forPieces(pool, n_tokens, 1, cols, [&](size_t begin, size_t end, size_t) {
        for (size_t t = begin; t < end; ++t) quantise(values + t * cols, cols, all.from(t));
    });
}

}  // namespace glowworm
#endif
