// SPDX-License-Identifier: Apache-2.0
// Rotary embedding, activations, sums and KV stores: one value or one pair at a time.
#include "core/base/check.h"
#include "core/kernels/kernels.h"
#include "core/kernels/simd_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/kernels/elementwise.cc"
#include "hwy/foreach_target.h"

#include "core/kernels/decode-inl.h"
#include "hwy/contrib/math/math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace glowworm::HWY_NAMESPACE {

// Pairs (i, i + half).
template <class D>
HWY_INLINE void turnHalves(D d, float* x, size_t i, size_t half, const float* cos_sin) {
    hn::Vec<D> cosine;
    hn::Vec<D> sine;
    hn::LoadInterleaved2(d, cos_sin + 2 * i, cosine, sine);
    const auto a = hn::LoadU(d, x + i);
    const auto b = hn::LoadU(d, x + i + half);
    hn::StoreU(hn::Sub(hn::Mul(a, cosine), hn::Mul(b, sine)), d, x + i);
    hn::StoreU(hn::Add(hn::Mul(a, sine), hn::Mul(b, cosine)), d, x + i + half);
}

// Pairs (2 i, 2 i + 1).
template <class D>
HWY_INLINE void turnNeighbours(D d, float* x, size_t i, const float* cos_sin) {
    hn::Vec<D> cosine;
    hn::Vec<D> sine;
    hn::Vec<D> a;
    hn::Vec<D> b;
    hn::LoadInterleaved2(d, cos_sin + 2 * i, cosine, sine);
    hn::LoadInterleaved2(d, x + 2 * i, a, b);
    const auto first = hn::Sub(hn::Mul(a, cosine), hn::Mul(b, sine));
    const auto second = hn::Add(hn::Mul(a, sine), hn::Mul(b, cosine));
    hn::StoreInterleaved2(first, second, d, x + 2 * i);
}

void ropeHead(float* x, size_t half, const float* cos_sin, bool halves) {
    const F32Tag d;
    const hn::CappedTag<float, 1> d1;
    size_t i = 0;
    for (; i + kLanes <= half; i += kLanes) {
        halves ? turnHalves(d, x, i, half, cos_sin) : turnNeighbours(d, x, i, cos_sin);
    }
    for (; i < half; ++i) {
        halves ? turnHalves(d1, x, i, half, cos_sin) : turnNeighbours(d1, x, i, cos_sin);
    }
}

HWY_INLINE F32Vec silu(F32Vec x) {
    const F32Tag d;
    // Below -87 e^-x overflows and the true value is below 1e-36: x / inf is as good.
    const F32Vec one = hn::Set(d, 1);
    return hn::Div(x, hn::Add(one, hn::Exp(d, hn::Min(hn::Neg(x), hn::Set(d, 88)))));
}

// x * Phi(x), exact (not the tanh form): Phi(x) = erfc(-x / sqrt 2) / 2. The rational Chebyshev
// form of erfc, fractional error below 1.2e-7 everywhere: Press et al., Numerical Recipes in
// C, 6.2.
HWY_INLINE F32Vec gelu(F32Vec x) {
    const F32Tag d;
    constexpr float kTerms[] = {0.17087277F, -0.82215223F, 1.48851587F, -1.13520398F,
                                0.27886807F, -0.18628806F, 0.09678418F, 0.37409196F,
                                1.00002368F, -1.26551223F};
    const F32Vec z = hn::Mul(hn::Abs(x), hn::Set(d, 0.70710678118654752F));
    const F32Vec one = hn::Set(d, 1);
    const F32Vec t = hn::Div(one, hn::MulAdd(z, hn::Set(d, 0.5F), one));
    F32Vec poly = hn::Set(d, kTerms[0]);
    for (size_t i = 1; i < 10; ++i) poly = hn::MulAdd(poly, t, hn::Set(d, kTerms[i]));
    const F32Vec upper = hn::Mul(t, hn::Exp(d, hn::NegMulAdd(z, z, poly)));  // erfc(z), z >= 0
    const F32Vec half = hn::Mul(upper, hn::Set(d, 0.5F));
    return hn::Mul(x, hn::IfThenElse(hn::Lt(x, hn::Zero(d)), half, hn::Sub(one, half)));
}

template <ActivationKind kKind>
HWY_INLINE F32Vec act(F32Vec x) {
    const F32Tag d;
    if constexpr (kKind == ActivationKind::kSilu) return silu(x);
    if constexpr (kKind == ActivationKind::kGelu) return gelu(x);
    return hn::IfThenElseZero(hn::Gt(x, hn::Zero(d)), x);
}

template <ActivationKind kKind>
void activateAll(float* gate, const float* up, size_t count) {
    const F32Tag d;
    for (size_t i = 0; i < count; i += kLanes) {
        const size_t n = HWY_MIN(kLanes, count - i);
        F32Vec v = act<kKind>(hn::LoadN(d, gate + i, n));
        if (up != nullptr) v = hn::Mul(v, hn::LoadN(d, up + i, n));
        hn::StoreN(v, d, gate + i, n);
    }
}

void activateTarget(ActivationKind kind, float* gate, const float* up, size_t count) {
    switch (kind) {
        case ActivationKind::kRelu: return activateAll<ActivationKind::kRelu>(gate, up, count);
        case ActivationKind::kSilu: return activateAll<ActivationKind::kSilu>(gate, up, count);
        case ActivationKind::kGelu: return activateAll<ActivationKind::kGelu>(gate, up, count);
    }
}

void addTarget(float* y, const float* x, size_t count) {
    const F32Tag d;
    for (size_t i = 0; i < count; i += kLanes) {
        const size_t n = HWY_MIN(kLanes, count - i);
        hn::StoreN(hn::Add(hn::LoadN(d, y + i, n), hn::LoadN(d, x + i, n)), d, y + i, n);
    }
}

void toF16(const float* values, size_t count, std::byte* out) {
    const F32Tag d;
    const hn::Rebind<hwy::float16_t, F32Tag> dh;
    const hn::Rebind<uint16_t, F32Tag> du;
    auto* to = reinterpret_cast<uint16_t*>(out);
    for (size_t i = 0; i < count; i += kLanes) {
        const size_t n = HWY_MIN(kLanes, count - i);
        const auto half = hn::DemoteTo(dh, hn::LoadN(d, values + i, n));
        hn::StoreN(hn::BitCast(du, half), du, to + i, n);
    }
}

}  // namespace glowworm::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace glowworm {
namespace {
HWY_EXPORT(ropeHead);
HWY_EXPORT(activateTarget);
HWY_EXPORT(addTarget);
HWY_EXPORT(toF16);
}  // namespace

void rope(float* x, size_t heads, size_t head_dim, const float* cos_sin, bool halves) {
    CHECK(head_dim % 2 == 0);
    const auto turn = HWY_DYNAMIC_POINTER(ropeHead);
    for (size_t h = 0; h < heads; ++h) turn(x + h * head_dim, head_dim / 2, cos_sin, halves);
}

void activate(ActivationKind kind, float* gate, const float* up, size_t count) {
    HWY_DYNAMIC_DISPATCH(activateTarget)(kind, gate, up, count);
}

void addInPlace(float* y, const float* x, size_t count) {
    HWY_DYNAMIC_DISPATCH(addTarget)(y, x, count);
}

void storeKv(const float* values, size_t count, KvDtype dtype, std::byte* out) {
    if (dtype == KvDtype::kF32) {
        std::memcpy(out, values, count * sizeof(float));
    } else {
        HWY_DYNAMIC_DISPATCH(toF16)(values, count, out);
    }
}

}  // namespace glowworm
#endif
