// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "core/base/check.h"
#include "core/kernels/for_dtype.h"
#include "core/kernels/kernels.h"
#include "core/kernels/simd_targets.h"
#include "core/kernels/work.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/kernels/norms.cc"
#include "hwy/foreach_target.h"

#include "core/kernels/decode-inl.h"

HWY_BEFORE_NAMESPACE();
namespace glowworm::HWY_NAMESPACE {

// Sum over i of f(vector at i), the last vector filled with `f`'s view of n values.
template <typename F>
HWY_INLINE float sumOver(size_t cols, const F& f) {
    const F32Tag d;
    F32Vec sum = hn::Zero(d);
    for (size_t c = 0; c < cols; c += kLanes) sum = f(c, HWY_MIN(kLanes, cols - c), sum);
    return hn::ReduceSum(d, sum);
}

void rmsNormRow(const float* x, const float* weight, float epsilon, size_t cols, float* y) {
    const F32Tag d;
    const float squares = sumOver(cols, [&](size_t c, size_t n, F32Vec sum) HWY_ATTR {
        const F32Vec v = hn::LoadN(d, x + c, n);
        return hn::MulAdd(v, v, sum);
    });
    const F32Vec inverse = hn::Set(d, 1 / std::sqrt(squares / static_cast<float>(cols) + epsilon));
    for (size_t c = 0; c < cols; c += kLanes) {
        const size_t n = HWY_MIN(kLanes, cols - c);
        const F32Vec v = hn::Mul(hn::LoadN(d, x + c, n), inverse);
        hn::StoreN(hn::Mul(v, hn::LoadN(d, weight + c, n)), d, y + c, n);
    }
}

void layerNormRow(const float* x, const float* weight, const float* bias, float epsilon,
                  size_t cols, float* y) {
    const F32Tag d;
    const auto count = static_cast<float>(cols);
    const float mean = sumOver(cols, [&](size_t c, size_t n, F32Vec sum) HWY_ATTR {
        return hn::Add(sum, hn::LoadN(d, x + c, n));
    }) / count;
    const F32Vec middle = hn::Set(d, mean);
    const float squares = sumOver(cols, [&](size_t c, size_t n, F32Vec sum) HWY_ATTR {
        const F32Vec off = hn::Sub(hn::LoadN(d, x + c, n), middle);
        const F32Vec v = hn::IfThenElseZero(hn::FirstN(d, n), off);
        return hn::MulAdd(v, v, sum);
    });
    const F32Vec inverse = hn::Set(d, 1 / std::sqrt(squares / count + epsilon));
    for (size_t c = 0; c < cols; c += kLanes) {
        const size_t n = HWY_MIN(kLanes, cols - c);
        const F32Vec v = hn::Mul(hn::Sub(hn::LoadN(d, x + c, n), middle), inverse);
        const F32Vec w = hn::LoadN(d, weight + c, n);
        const F32Vec b = bias != nullptr ? hn::LoadN(d, bias + c, n) : hn::Zero(d);
        hn::StoreN(hn::MulAdd(v, w, b), d, y + c, n);
    }
}

template <Dtype kType>
HWY_INLINE float rowNorm(const std::byte* row, size_t cols) {
    const F32Tag d;
    F32Vec sum = hn::Zero(d);
    size_t c = 0;
    for (; c + kBlock <= cols; c += kBlock) {
        F32Vec values[kVecsPerBlock];
        decode32<kType>(at<kType>(row, c), values);
        for (const F32Vec& v : values) sum = hn::MulAdd(v, v, sum);
    }
    if constexpr (isFloat(kType)) {
        for (; c < cols; c += kLanes) {
            const F32Vec v = loadFloatsN<kType>(at<kType>(row, c), HWY_MIN(kLanes, cols - c));
            sum = hn::MulAdd(v, v, sum);
        }
    }
    return std::sqrt(hn::ReduceSum(d, sum));
}

void rowNormsSlice(const MatrixView& w, size_t begin, size_t end, float* out) {
    forDtype(w.dtype, [&]<Dtype kType>() HWY_ATTR {
        for (size_t r = begin; r < end; ++r) out[r] = rowNorm<kType>(w.row(r), w.cols);
    });
}

}  // namespace glowworm::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace glowworm {
namespace {
HWY_EXPORT(rmsNormRow);
HWY_EXPORT(layerNormRow);
HWY_EXPORT(rowNormsSlice);
}  // namespace

void rmsNorm(const float* x, const float* weight, float epsilon, size_t n_tokens, size_t cols,
             float* y) {
    const auto norm = HWY_DYNAMIC_POINTER(rmsNormRow);
    for (size_t t = 0; t < n_tokens; ++t) norm(x + t * cols, weight, epsilon, cols, y + t * cols);
}

void layerNorm(const float* x, const float* weight, const float* bias, float epsilon,
               size_t n_tokens, size_t cols, float* y) {
    const auto norm = HWY_DYNAMIC_POINTER(layerNormRow);
    for (size_t t = 0; t < n_tokens; ++t) {
        norm(x + t * cols, weight, bias, epsilon, cols, y + t * cols);
    }
}

void rowNorms(const MatrixView& w, float* out, ThreadPool& pool) {
    CHECK(w.cols % blockElements(w.dtype) == 0);
    const auto norms = HWY_DYNAMIC_POINTER(rowNormsSlice);
    forPieces(pool, w.rows, 1, w.cols,
              [&](size_t begin, size_t end, size_t) { norms(w, begin, end, out); });
}

}  // namespace glowworm
#endif
