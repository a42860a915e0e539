// SPDX-License-Identifier: Apache-2.0
// Dot products of rows of weights. The order of additions for one (row, input) pair is the same in
// every function here that handles its dtype: that is the promise kernels.h makes.
//
//   float types   lane l of one vector adds elements l, l + kLanes, ...; then a fixed tree over
//   lanes block types   one lane for a row; block after block: acc += (dw * dx) * (integer dot),
//   and for
//                 Q4_1 acc += m * (dx * sum of x)
#if defined(GLOWWORM_DOT_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef GLOWWORM_DOT_INL_H
#undef GLOWWORM_DOT_INL_H
#else
#define GLOWWORM_DOT_INL_H
#endif

#include <utility>

#include "core/kernels/decode-inl.h"
#include "core/kernels/lines_ahead.h"
#include "core/kernels/quantised_input.h"

HWY_BEFORE_NAMESPACE();
namespace glowworm::HWY_NAMESPACE {

// [sum a, sum b, sum c, sum e] of four vectors of 4-byte lanes.
template <class D, class V = hn::Vec<D>, class D4 = hn::CappedTag<hn::TFromD<D>, 4>>
HWY_INLINE hn::Vec<D4> sumLanes4(D d, V a, V b, V c, V e) {
    const hn::RepartitionToWide<D> dw;
    const V ab = hn::Add(hn::InterleaveLower(d, a, b), hn::InterleaveUpper(d, a, b));
    const V ce = hn::Add(hn::InterleaveLower(d, c, e), hn::InterleaveUpper(d, c, e));
    const auto low = hn::InterleaveLower(dw, hn::BitCast(dw, ab), hn::BitCast(dw, ce));
    const auto high = hn::InterleaveUpper(dw, hn::BitCast(dw, ab), hn::BitCast(dw, ce));
    const V in_quarters = hn::Add(hn::BitCast(d, low), hn::BitCast(d, high));
    if constexpr (hn::MaxLanes(D()) == 4) {
        return in_quarters;
    } else {
        const hn::Half<D> dh;
        const auto half = hn::Add(hn::LowerHalf(dh, in_quarters), hn::UpperHalf(dh, in_quarters));
        if constexpr (hn::MaxLanes(D()) == 8) {
            return half;
        } else {
            const hn::Half<decltype(dh)> dq;
            return hn::Add(hn::LowerHalf(dq, half), hn::UpperHalf(dq, half));
        }
    }
}

inline constexpr size_t kRowTile = 4;
// Inputs multiplied with four rows at once: as many as the registers hold.
inline constexpr size_t kInputTile = HWY_TARGET <= HWY_AVX3_DL ? 6 : 2;

// Four rows of a float type with kInputs inputs (x[t] = x + t * x_stride): out[t * out_stride + r].
// `ahead` are rows that come next (or the same): their bytes are asked for as these are used.
template <Dtype kType, size_t kInputs>
HWY_INLINE void dotRows4(const std::byte* const* rows, const std::byte* const* ahead,
                         const float* x, size_t x_stride, size_t cols, float* out,
                         size_t out_stride, size_t n_rows) {
    const F32Tag d;
    F32Vec acc[kRowTile][kInputs];
    for (auto& row : acc) {
        for (F32Vec& v : row) v = hn::Zero(d);
    }
    const auto step = [&](const F32Vec(&w)[kRowTile], const F32Vec(&in)[kInputs]) HWY_ATTR {
        for (size_t t = 0; t < kInputs; ++t) {
            for (size_t r = 0; r < kRowTile; ++r) acc[r][t] = hn::MulAdd(w[r], in[t], acc[r][t]);
        }
    };
    // As many lines as a step uses, rounded up.
    constexpr size_t kLines = (kRowTile * kLanes * bytesOf(kType) + 63) / 64;
    LinesAhead lines(ahead, kRowTile, 0, cols * bytesOf(kType));
    size_t c = 0;
    for (; c + kLanes <= cols; c += kLanes) {
        F32Vec w[kRowTile];
        F32Vec in[kInputs];
        if (kInputs == 1) lines.ask(kLines);
        for (size_t r = 0; r < kRowTile; ++r) w[r] = loadFloats<kType>(at<kType>(rows[r], c));
        for (size_t t = 0; t < kInputs; ++t) in[t] = hn::LoadU(d, x + t * x_stride + c);
        step(w, in);
    }
    if (c < cols) {
        F32Vec w[kRowTile];
        F32Vec in[kInputs];
        for (size_t r = 0; r < kRowTile; ++r) {
            w[r] = loadFloatsN<kType>(at<kType>(rows[r], c), cols - c);
        }
        for (size_t t = 0; t < kInputs; ++t) in[t] = hn::LoadN(d, x + t * x_stride + c, cols - c);
        step(w, in);
    }
    const hn::CappedTag<float, kRowTile> d4;
    for (size_t t = 0; t < kInputs; ++t) {
        const auto sums = sumLanes4(d, acc[0][t], acc[1][t], acc[2][t], acc[3][t]);
        hn::StoreN(sums, d4, out + t * out_stride, n_rows);
    }
}

// The same for any number of inputs.
template <Dtype kType>
HWY_INLINE void dotRows4Many(const std::byte* const* rows, const std::byte* const* ahead,
                             const float* x, size_t x_stride, size_t n_inputs, size_t cols,
                             float* out, size_t out_stride, size_t n_rows) {
    size_t t = 0;
    for (; t + kInputTile <= n_inputs; t += kInputTile) {
        dotRows4<kType, kInputTile>(rows, ahead, x + t * x_stride, x_stride, cols,
                                    out + t * out_stride, out_stride, n_rows);
    }
    const size_t left = n_inputs - t;
    const auto rest = [&]<size_t kInputs>() HWY_ATTR {
        if (left == kInputs) {
            dotRows4<kType, kInputs>(rows, ahead, x + t * x_stride, x_stride, cols,
                                     out + t * out_stride, out_stride, n_rows);
        }
    };
    [&]<size_t... kCounts>(std::index_sequence<kCounts...>) HWY_ATTR {
        (rest.template operator()<kCounts + 1>(), ...);
    }(std::make_index_sequence<kInputTile - 1>());
}

// Block types keep weights unsigned; the offset is undone with the inputs' sum.
template <Dtype kType>
inline constexpr int32_t kOffset = kType == Dtype::kQ8_0   ? 128
                                   : kType == Dtype::kQ4_0 ? 8
                                   : isShadow(kType)       ? 64
                                                           : 0;

// sum + products of four neighbours, exact. Weights of 7 bits never saturate 16.
template <Dtype kType, class DI, class V = hn::Vec<DI>>
HWY_INLINE V addProducts(DI di, hn::Vec<hn::Repartition<uint8_t, DI>> w,
                         hn::Vec<hn::Repartition<int8_t, DI>> x, V sum) {
#if HWY_TARGET > HWY_AVX3_DL && HWY_TARGET <= HWY_SSSE3
    if constexpr (kType != Dtype::kQ8_0) {
        const hn::Repartition<int16_t, DI> d16;
        const auto pairs = hn::SatWidenMulPairwiseAdd(d16, w, x);
        return hn::Add(sum, hn::WidenMulPairwiseAdd(di, pairs, hn::Set(d16, int16_t{1})));
    }
#endif
    return hn::SumOfMulQuadAccumulate(di, w, x, sum);
}

using Block32Tag = hn::CappedTag<int32_t, 8>;  // a block of 32 bytes, or half of one
inline constexpr size_t kRowGroup = hn::MaxLanes(Block32Tag());

// Integer dot of one block, in 4-byte lanes still to be added up.
template <Dtype kType>
HWY_INLINE hn::Vec<Block32Tag> dotBlock(const std::byte* block, const int8_t* x) {
    const Block32Tag di;
    const hn::Repartition<uint8_t, Block32Tag> du8;
    const hn::Repartition<int8_t, Block32Tag> d8;
    const auto* q = reinterpret_cast<const uint8_t*>(block + kQuants<kType>);
    auto sum = hn::Zero(di);
    if constexpr (kType == Dtype::kQ8_0) {
        const auto flip = hn::Set(du8, uint8_t{0x80});
        for (size_t i = 0; i < kBlock; i += kRowGroup * 4) {
            sum = addProducts<kType>(di, hn::Xor(hn::LoadU(du8, q + i), flip),
                                     hn::LoadU(d8, x + i), sum);
        }
    } else if constexpr (isShadow(kType)) {
        for (size_t i = 0; i < kBlock; i += kRowGroup * 4) {
            sum = addProducts<kType>(di, levelBytes<kType>(du8, block, i, kOffset<kType>),
                                     hn::LoadU(d8, x + i), sum);
        }
    } else if constexpr (kRowGroup == 8) {
        const hn::Repartition<uint32_t, Block32Tag> du32;
        alignas(32) static constexpr uint32_t kShifts[8] = {0, 0, 0, 0, 4, 4, 4, 4};
        const auto both = hn::BitCast(du32, hn::LoadDup128(du8, q));
        const auto halves = hn::BitCast(du8, hn::Shr(both, hn::Load(du32, kShifts)));
        const auto w = hn::And(halves, hn::Set(du8, uint8_t{15}));
        sum = addProducts<kType>(di, w, hn::LoadU(d8, x), sum);
    } else {
        const auto both = hn::LoadU(du8, q);
        const auto low = hn::And(both, hn::Set(du8, uint8_t{15}));
        sum = addProducts<kType>(di, low, hn::LoadU(d8, x), sum);
        sum = addProducts<kType>(di, hn::ShiftRight<4>(both), hn::LoadU(d8, x + 16), sum);
    }
    return sum;
}

template <size_t kRows>
HWY_INLINE hn::Vec<Block32Tag> sumRowGroup(const hn::Vec<Block32Tag> (&dots)[kRows]) {
    const Block32Tag di;
    const auto lower = sumLanes4(di, dots[0], dots[1], dots[2], dots[3]);
    if constexpr (kRows == 4) {
        return lower;
    } else {
        return hn::Combine(di, sumLanes4(di, dots[4], dots[5], dots[6], dots[7]), lower);
    }
}

// kRowGroup rows of a block type with one input.
template <Dtype kType>
HWY_INLINE void dotRowGroup(const std::byte* const* rows, const std::byte* const* ahead,
                            const QuantisedInput& x, float* out, size_t n_rows) {
    const Block32Tag di;
    const hn::RebindToFloat<Block32Tag> df;
    constexpr size_t kLines = (kRowGroup * bytesOf(kType) + 63) / 64;
    LinesAhead lines(ahead, kRowGroup, 0, x.blocks * bytesOf(kType));
    BlockFactors<kType, kRowGroup> factors;
    auto acc = hn::Zero(df);
    for (size_t first = 0; first < x.blocks; first += kScaleChunk) {
        const size_t n = HWY_MIN(kScaleChunk, x.blocks - first);
        factors.collect(rows, first, n);
        for (size_t i = 0; i < n; ++i) {
            const size_t b = first + i;
            const int8_t* xq = x.q + b * kBlock;
            hn::Vec<Block32Tag> dots[kRowGroup];
            lines.ask(kLines);
            for (size_t r = 0; r < kRowGroup; ++r) {
                dots[r] = dotBlock<kType>(rows[r] + b * bytesOf(kType), xq);
            }
            const auto whole = hn::Add(sumRowGroup(dots), hn::Set(di, -kOffset<kType> * x.sum[b]));
            const auto dw = factors.scales(df, i);
            acc = hn::MulAdd(hn::ConvertTo(df, whole), hn::Mul(dw, hn::Set(df, x.d[b])), acc);
            if constexpr (kType == Dtype::kQ4_1) {
                acc = hn::MulAdd(factors.minima(df, i), hn::Set(df, x.s[b]), acc);
            }
        }
    }
    hn::StoreN(acc, df, out, n_rows);
}

// A row of a block type with an F32 input, where there is no 8-bit form: decoded piece by piece.
template <Dtype kType>
HWY_INLINE float dotDecoded(const std::byte* row, const float* x, size_t cols) {
    const F32Tag d;
    F32Vec acc = hn::Zero(d);
    for (size_t c = 0; c < cols; c += kBlock) {
        F32Vec w[kVecsPerBlock];
        decode32<kType>(at<kType>(row, c), w);
        for (size_t i = 0; i < kVecsPerBlock; ++i) {
            acc = hn::MulAdd(w[i], hn::LoadU(d, x + c + i * kLanes), acc);
        }
    }
    return hn::ReduceSum(d, acc);
}

}  // namespace glowworm::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif  // once per target
