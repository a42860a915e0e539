// SPDX-License-Identifier: Apache-2.0
// Weights as vectors of F32. Included once per SIMD target (Highway's foreach_target).
#if defined(GLOWWORM_DECODE_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef GLOWWORM_DECODE_INL_H
#undef GLOWWORM_DECODE_INL_H
#else
#define GLOWWORM_DECODE_INL_H
#endif

#include <array>
#include <bit>

#include "core/kernels/blocks.h"
#include "core/kernels/dtype.h"
#include "core/kernels/half.h"
#include "core/kernels/levels.h"
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
        case Dtype::kS4: return kS4Bytes;
        case Dtype::kS3: return kS3Bytes;
        case Dtype::kS2: return kS2Bytes;
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

// The first n < kLanes values; zero in the other lanes. By way of a buffer: single elements may not
// be loaded where they are not aligned.
template <Dtype kType>
HWY_INLINE F32Vec loadFloatsN(const std::byte* from, size_t n) {
    alignas(64) std::byte whole[kLanes * bytesOf(kType)] = {};
    std::memcpy(whole, from, n * bytesOf(kType));
    return loadFloats<kType>(whole);
}

// A block's f16 factor in every lane.
HWY_INLINE F32Vec scaleAt(const std::byte* from) {
    const F32Tag d;
    const hn::Rebind<uint16_t, F32Tag> du;
    return f32FromHalves(d, hn::Set(du, loadAs<uint16_t>(from)));
}

// The factor of a block of any type.
template <Dtype kType>
HWY_INLINE F32Vec blockScale(const std::byte* block) {
    if constexpr (isShadow(kType)) {
        return hn::Set(F32Tag(), kScaleOf[static_cast<uint8_t>(block[0])]);
    } else {
        return scaleAt(block);
    }
}

template <Dtype kType>
inline constexpr size_t kQuants = kType == Dtype::kQ4_1 ? kQ4_1Quants
                                  : isShadow(kType)     ? kSCodes
                                                        : size_t{2};

// Elements [first, first + Lanes(d8)) of a block of ours, 16 or 32 of them, as levels plus `bias`.
template <Dtype kType, class D8>
HWY_INLINE hn::Vec<D8> levelBytes(D8 d8, const std::byte* block, size_t first, uint8_t bias) {
    const hn::Repartition<uint32_t, D8> d32;
    const hn::Repartition<uint64_t, D8> d64;
    alignas(32) static constexpr uint64_t kPairs[4] = {0, 2, 4, 6};
    alignas(32) static constexpr uint32_t kBits[8] = {0, 1, 2, 3, 4, 5, 6, 7};
    alignas(32) static constexpr uint64_t kHalves[4] = {0, 0, 4, 4};
    const std::byte* q = block + kSCodes;
    hn::Vec<D8> codes;
    if constexpr (kType == Dtype::kS4) {
        const auto both = hn::LoadDup128(d8, reinterpret_cast<const uint8_t*>(q));
        const auto moved = hn::Shr(hn::BitCast(d64, both), hn::LoadU(d64, kHalves + first / 8));
        codes = hn::And(hn::BitCast(d8, moved), hn::Set(d8, uint8_t{15}));
    } else {
        const auto pairs = hn::Shr(hn::Set(d64, loadAs<uint64_t>(q)),
                                   hn::LoadU(d64, kPairs + first / 8));
        codes = hn::And(hn::BitCast(d8, pairs), hn::Set(d8, uint8_t{3}));
    }
    if constexpr (kType == Dtype::kS3) {
        const auto bits = hn::Shr(hn::Set(d32, loadAs<uint32_t>(block + kS3High)),
                                  hn::LoadU(d32, kBits + first / 4));
        const auto high = hn::And(hn::BitCast(d8, bits), hn::Set(d8, uint8_t{1}));
        codes = hn::Or(codes, hn::BitCast(d8, hn::ShiftLeft<2>(hn::BitCast(d32, high))));
    }
    alignas(16) static constexpr std::array<int8_t, 16> kLevels = levelsOf(kType);
    const hn::Repartition<int8_t, D8> di8;
    const auto table = hn::Add(hn::BitCast(d8, hn::LoadDup128(di8, kLevels.data())),
                               hn::Set(d8, bias));
    return hn::TableLookupBytes(table, codes);
}

// All 32 in memory, signed: what is promoted vector by vector.
template <Dtype kType>
HWY_INLINE void storeLevels(const std::byte* block, int8_t* out) {
    const hn::CappedTag<uint8_t, kBlock> d8;
    for (size_t first = 0; first < kBlock; first += hn::Lanes(d8)) {
        hn::StoreU(levelBytes<kType>(d8, block, first, 0), d8,
                   reinterpret_cast<uint8_t*>(out) + first);
    }
}

// 32 values of a 4-bit block at `q`: the low halves of the bytes, then the high ones, which stay
// where they are and have a sixteenth of the scale. Products are exact: 4 times 11 bits.
HWY_INLINE void decode4Bits(const uint8_t* q, F32Vec scale, F32Vec minimum,
                            F32Vec (&out)[kVecsPerBlock]) {
    const F32Tag d;
    const hn::RebindToSigned<F32Tag> di;
    const hn::Rebind<uint8_t, F32Tag> d8;
    const F32Vec scale_high = hn::Mul(scale, hn::Set(d, 1.0F / 16));
    constexpr size_t kHalf = kVecsPerBlock / 2;
    for (size_t i = 0; i < kHalf; ++i) {
        const auto both = hn::PromoteTo(di, hn::LoadU(d8, q + i * kLanes));
        const F32Vec low = hn::ConvertTo(d, hn::And(both, hn::Set(di, 0x0f)));
        const F32Vec high = hn::ConvertTo(d, hn::And(both, hn::Set(di, 0xf0)));
        out[i] = hn::MulAdd(low, scale, minimum);
        out[i + kHalf] = hn::MulAdd(high, scale_high, minimum);
    }
}

// What is added to a scaled 4-bit number: Q4_1's minimum, or Q4_0's -8 steps.
template <Dtype kType>
HWY_INLINE F32Vec minimumAt(const std::byte* block, F32Vec scale) {
    const F32Tag d;
    if constexpr (kType == Dtype::kQ4_1) return scaleAt(block + kQ4_1Minimum);
    return hn::Mul(scale, hn::Set(d, -8));
}

// 32 values of the block at `block`, whose factors are known (`minimum`: Q4_0 and Q4_1 alone).
template <Dtype kType>
HWY_INLINE void decodeQuants(const std::byte* block, F32Vec scale, F32Vec minimum,
                             F32Vec (&out)[kVecsPerBlock]) {
    const F32Tag d;
    if constexpr (kType == Dtype::kQ8_0 || isShadow(kType)) {
        const hn::RebindToSigned<F32Tag> di;
        const hn::Rebind<int8_t, F32Tag> d8;
        const auto* q = reinterpret_cast<const int8_t*>(block + kQuants<kType>);
        alignas(32) int8_t levels[kBlock];
        if constexpr (isShadow(kType)) {
            storeLevels<kType>(block, levels);
            q = levels;
        }
        for (size_t i = 0; i < kVecsPerBlock; ++i) {
            const auto wide = hn::PromoteTo(di, hn::LoadU(d8, q + i * kLanes));
            out[i] = hn::Mul(hn::ConvertTo(d, wide), scale);
        }
    } else {
        decode4Bits(reinterpret_cast<const uint8_t*>(block + kQuants<kType>), scale, minimum, out);
    }
}

// 32 values from `from`, a whole block if the dtype has blocks.
template <Dtype kType>
HWY_INLINE void decode32(const std::byte* from, F32Vec (&out)[kVecsPerBlock]) {
    if constexpr (isFloat(kType)) {
        for (size_t i = 0; i < kVecsPerBlock; ++i) {
            out[i] = loadFloats<kType>(from + i * kLanes * bytesOf(kType));
        }
    } else {
        const F32Vec scale = blockScale<kType>(from);
        decodeQuants<kType>(from, scale, minimumAt<kType>(from, scale), out);
    }
}

inline constexpr size_t kScaleChunk = 32;  // blocks whose factors are collected at a time

// The f16 factors of blocks [b, b + n) of kRows rows: of block i, those of row 0, row 1, ... side
// by side, as vectors want them. Plain loads and stores: they use units that the arithmetic leaves
// idle.
template <Dtype kType, size_t kRows>
struct BlockFactors {
    // d, and m in the upper half where there is one; of our own types the F32 scale's bits.
    uint32_t words[kScaleChunk][kRows];

    HWY_INLINE void collect(const std::byte* const* rows, size_t b, size_t n) {
        for (size_t r = 0; r < kRows; ++r) {
            const std::byte* block = rows[r] + b * bytesOf(kType);
            for (size_t i = 0; i < n; ++i, block += bytesOf(kType)) {
                if constexpr (isShadow(kType)) {
                    words[i][r] = std::bit_cast<uint32_t>(kScaleOf[static_cast<uint8_t>(*block)]);
                } else {
                    words[i][r] = loadAs<uint32_t>(block);
                }
            }
        }
    }
    // Of block i, kLanes of `d` rows from `r` on.
    template <class D>
    HWY_INLINE hn::Vec<D> scales(D d, size_t i, size_t r = 0) const {
        const hn::RebindToUnsigned<D> du;
        const auto bits = hn::LoadU(du, words[i] + r);
        if constexpr (isShadow(kType)) return hn::BitCast(d, bits);
        return f32FromHalves(d, hn::TruncateTo(hn::Rebind<uint16_t, D>(), bits));
    }
    template <class D>
    HWY_INLINE hn::Vec<D> minima(D d, size_t i, size_t r = 0) const {
        const hn::RebindToUnsigned<D> du;
        const auto upper = hn::ShiftRight<16>(hn::LoadU(du, words[i] + r));
        return f32FromHalves(d, hn::TruncateTo(hn::Rebind<uint16_t, D>(), upper));
    }
};

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
