// SPDX-License-Identifier: Apache-2.0
// Weights as vectors of F32. Included once per SIMD target (Highway's foreach_target).
#if defined(GLOWWORM_DECODE_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef GLOWWORM_DECODE_INL_H
#undef GLOWWORM_DECODE_INL_H
#else
#define GLOWWORM_DECODE_INL_H
#endif

#include "core/kernels/blocks.h"
#include "core/kernels/dtype.h"
#include "core/kernels/half.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace glowworm::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using F32Tag = hn::ScalableTag<float>;
using F32Vec = hn::Vec<F32Tag>;
inline constexpr size_t kLanes = hn::MaxLanes(F32Tag());
inline constexpr size_t kVecsPerBlock = kBlock / kLanes;

constexpr bool isFloat(Dtype dtype) {
    return dtype == Dtype::kF32 || dtype == Dtype::kF16 || dtype == Dtype::kBF16;
}

// Bytes of one block, at compile time.
constexpr size_t bytesOf(Dtype dtype) {
    switch (dtype) {
        case Dtype::kF32: return 4;
        case Dtype::kF16:
        case Dtype::kBF16: return 2;
        case Dtype::kQ8_0: return kQ8Bytes;
        case Dtype::kQ4_0: return kQ4_0Bytes;
        case Dtype::kQ4_1: return kQ4_1Bytes;
        case Dtype::kQ6_K: return kQ6Bytes;
    }
    return 0;
}

// Where element c of a row lies, c a multiple of the dtype's block.
template <Dtype kType>
HWY_INLINE const std::byte* at(const std::byte* row, size_t c) {
    return isFloat(kType) ? row + c * bytesOf(kType) : row + c / kBlock * bytesOf(kType);
}

// F16, as bits, to F32. Highway's own form for processors without such an instruction does not know
// infinities: there the exponent is moved by a multiplication, which makes subnormals right too.
template <class D, class Bits = hn::Vec<hn::Rebind<uint16_t, D>>>
HWY_INLINE hn::Vec<D> f32FromHalves(D d, Bits bits) {
#if HWY_TARGET > HWY_AVX2 && HWY_ARCH_X86
    const hn::RebindToUnsigned<D> du;
    const auto wide = hn::PromoteTo(du, bits);
    const auto magnitude = hn::ShiftLeft<13>(hn::And(wide, hn::Set(du, 0x7fffU)));
    const auto sign = hn::ShiftLeft<16>(hn::And(wide, hn::Set(du, 0x8000U)));
    const auto moved = hn::Mul(hn::BitCast(d, magnitude), hn::Set(d, 0x1p112F));
    const auto special = hn::Ge(magnitude, hn::Set(du, 0x0f800000U));
    const auto exponent = hn::IfThenElseZero(special, hn::Set(du, 0x7f800000U));
    return hn::BitCast(d, hn::Or(hn::BitCast(du, moved), hn::Or(exponent, sign)));
#else
    return hn::PromoteTo(d, hn::BitCast(hn::Rebind<hwy::float16_t, D>(), bits));
#endif
}

// kLanes values of a float type from `from`.
template <Dtype kType>
HWY_INLINE F32Vec loadFloats(const std::byte* from) {
    const F32Tag d;
    if constexpr (kType == Dtype::kF32) {
        return hn::LoadU(d, reinterpret_cast<const float*>(from));
    } else if constexpr (kType == Dtype::kF16) {
        const hn::Rebind<uint16_t, F32Tag> du;
        return f32FromHalves(d, hn::LoadU(du, reinterpret_cast<const uint16_t*>(from)));
    } else {
        const hn::Rebind<hwy::bfloat16_t, F32Tag> dh;
        return hn::PromoteTo(d, hn::LoadU(dh, reinterpret_cast<const hwy::bfloat16_t*>(from)));
    }
}

// The first n < kLanes values; zero in the other lanes.
template <Dtype kType>
HWY_INLINE F32Vec loadFloatsN(const std::byte* from, size_t n) {
    const F32Tag d;
    if constexpr (kType == Dtype::kF32) {
        return hn::LoadN(d, reinterpret_cast<const float*>(from), n);
    } else {
        const hn::Rebind<uint16_t, F32Tag> du;
        const auto bits = hn::LoadN(du, reinterpret_cast<const uint16_t*>(from), n);
        if constexpr (kType == Dtype::kF16) {
            return f32FromHalves(d, bits);
        } else {
            return hn::PromoteTo(d, hn::BitCast(hn::Rebind<hwy::bfloat16_t, F32Tag>(), bits));
        }
    }
}

// A block's f16 factor in every lane.
HWY_INLINE F32Vec scaleAt(const std::byte* from) {
    const F32Tag d;
    const hn::Rebind<uint16_t, F32Tag> du;
    return f32FromHalves(d, hn::Set(du, loadAs<uint16_t>(from)));
}

// 32 values from `from`, a whole block if the dtype has blocks.
template <Dtype kType>
HWY_INLINE void decode32(const std::byte* from, F32Vec (&out)[kVecsPerBlock]) {
    const F32Tag d;
    const hn::RebindToSigned<F32Tag> di;
    if constexpr (isFloat(kType)) {
        for (size_t i = 0; i < kVecsPerBlock; ++i) {
            out[i] = loadFloats<kType>(from + i * kLanes * bytesOf(kType));
        }
    } else if constexpr (kType == Dtype::kQ8_0) {
        const hn::Rebind<int8_t, F32Tag> d8;
        const F32Vec scale = scaleAt(from);
        const auto* q = reinterpret_cast<const int8_t*>(from + kQ8Quants);
        for (size_t i = 0; i < kVecsPerBlock; ++i) {
            const auto wide = hn::PromoteTo(di, hn::LoadU(d8, q + i * kLanes));
            out[i] = hn::Mul(hn::ConvertTo(d, wide), scale);
        }
    } else {
        const hn::Rebind<uint8_t, F32Tag> d8;
        const bool has_minimum = kType == Dtype::kQ4_1;
        const F32Vec scale = scaleAt(from);
        const auto* q =
            reinterpret_cast<const uint8_t*>(from + (has_minimum ? kQ4_1Quants : kQ4_0Quants));
        constexpr size_t kHalf = kVecsPerBlock / 2;
        for (size_t i = 0; i < kHalf; ++i) {
            const auto both = hn::PromoteTo(di, hn::LoadU(d8, q + i * kLanes));
            auto low = hn::And(both, hn::Set(di, 15));
            auto high = hn::ShiftRight<4>(both);
            if constexpr (has_minimum) {
                const F32Vec minimum = scaleAt(from + kQ4_1Minimum);
                out[i] = hn::Add(hn::Mul(hn::ConvertTo(d, low), scale), minimum);
                out[i + kHalf] = hn::Add(hn::Mul(hn::ConvertTo(d, high), scale), minimum);
            } else {
                low = hn::Sub(low, hn::Set(di, 8));
                high = hn::Sub(high, hn::Set(di, 8));
                out[i] = hn::Mul(hn::ConvertTo(d, low), scale);
                out[i + kHalf] = hn::Mul(hn::ConvertTo(d, high), scale);
            }
        }
    }
}

// A row of `cols` values (not Q6_K) into `out`.
template <Dtype kType>
HWY_INLINE void decodeValues(const std::byte* row, size_t cols, float* HWY_RESTRICT out) {
    const F32Tag d;
    size_t c = 0;
    for (; c + kBlock <= cols; c += kBlock) {
        F32Vec values[kVecsPerBlock];
        decode32<kType>(at<kType>(row, c), values);
        for (size_t i = 0; i < kVecsPerBlock; ++i) hn::StoreU(values[i], d, out + c + i * kLanes);
    }
    if constexpr (isFloat(kType)) {
        for (; c < cols; c += kLanes) {
            const size_t n = HWY_MIN(kLanes, cols - c);
            hn::StoreN(loadFloatsN<kType>(at<kType>(row, c), n), d, out + c, n);
        }
    }
}

}  // namespace glowworm::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif  // once per target
