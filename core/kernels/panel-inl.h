// SPDX-License-Identifier: Apache-2.0
// Block types with many inputs: a panel of rows is unpacked once, four bytes of each row side by
// side, so that every lane is a row and no lane has to be added to another. Same bits as
// dotRowGroup, which is the same sum for one input.
#if defined(GLOWWORM_PANEL_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef GLOWWORM_PANEL_INL_H
#undef GLOWWORM_PANEL_INL_H
#else
#define GLOWWORM_PANEL_INL_H
#endif

#include "core/kernels/dot-inl.h"

HWY_BEFORE_NAMESPACE();
namespace glowworm::HWY_NAMESPACE {

inline constexpr size_t kPanelRows = kLanes;
inline constexpr size_t kPanelBlocks = kScaleChunk;  // of 16 rows: 16 KiB, half an L1 cache
inline constexpr size_t kPanelInputs = HWY_TARGET <= HWY_AVX3_DL ? 8 : 4;
inline constexpr size_t kQuads = kBlock / 4;

struct Panel {
    alignas(64) uint8_t w[kPanelBlocks][kQuads][kPanelRows][4];
    alignas(64) float d[kPanelBlocks][kPanelRows];
    alignas(64) float m[kPanelBlocks][kPanelRows];
};

// 16 bytes of four rows -> four quads of [row 0, row 1, row 2, row 3].
HWY_INLINE void storeQuads(const hn::Vec<hn::Full128<uint8_t>> (&rows)[4],
                           uint8_t (*quads)[kPanelRows][4], size_t r) {
    const hn::Full128<uint8_t> d8;
    const hn::Full128<uint32_t> d32;
    const hn::Full128<uint64_t> d64;
    const auto ab_low =
        hn::InterleaveLower(d32, hn::BitCast(d32, rows[0]), hn::BitCast(d32, rows[1]));
    const auto ab_high =
        hn::InterleaveUpper(d32, hn::BitCast(d32, rows[0]), hn::BitCast(d32, rows[1]));
    const auto ce_low =
        hn::InterleaveLower(d32, hn::BitCast(d32, rows[2]), hn::BitCast(d32, rows[3]));
    const auto ce_high =
        hn::InterleaveUpper(d32, hn::BitCast(d32, rows[2]), hn::BitCast(d32, rows[3]));
    const auto put = [&](size_t quad, auto ab, auto ce) HWY_ATTR {
        const auto low = hn::InterleaveLower(d64, hn::BitCast(d64, ab), hn::BitCast(d64, ce));
        const auto high = hn::InterleaveUpper(d64, hn::BitCast(d64, ab), hn::BitCast(d64, ce));
        hn::StoreU(hn::BitCast(d8, low), d8, quads[quad][r]);
        hn::StoreU(hn::BitCast(d8, high), d8, quads[quad + 1][r]);
    };
    put(0, ab_low, ce_low);
    put(2, ab_high, ce_high);
}

// The first (kUpper false) or second 16 elements of a block, unsigned.
template <Dtype kType, bool kUpper>
HWY_INLINE hn::Vec<hn::Full128<uint8_t>> unpackHalf(const std::byte* block) {
    const hn::Full128<uint8_t> d8;
    const auto* q = reinterpret_cast<const uint8_t*>(block + kQuants<kType>);
    if constexpr (isShadow(kType)) {
        return levelBytes<kType>(d8, block, kUpper ? 16 : 0, kOffset<kType>);
    } else if constexpr (kType == Dtype::kQ8_0) {
        return hn::Xor(hn::LoadU(d8, q + (kUpper ? 16 : 0)), hn::Set(d8, uint8_t{0x80}));
    } else {
        const auto both = hn::LoadU(d8, q);
        if constexpr (kUpper) return hn::ShiftRight<4>(both);
        return hn::And(both, hn::Set(d8, uint8_t{15}));
    }
}

// Blocks [b, b + n) of kPanelRows rows.
template <Dtype kType>
HWY_INLINE void fillPanel(const std::byte* const* rows, size_t b, size_t n, Panel& panel) {
    const F32Tag df;
    BlockFactors<kType, kPanelRows> factors;
    factors.collect(rows, b, n);
    for (size_t i = 0; i < n; ++i) {
        hn::Store(factors.scales(df, i), df, panel.d[i]);
        if constexpr (kType == Dtype::kQ4_1) hn::Store(factors.minima(df, i), df, panel.m[i]);
        for (size_t r = 0; r < kPanelRows; r += 4) {
            hn::Vec<hn::Full128<uint8_t>> lower[4];
            hn::Vec<hn::Full128<uint8_t>> upper[4];
            for (size_t k = 0; k < 4; ++k) {
                const std::byte* block = rows[r + k] + (b + i) * bytesOf(kType);
                lower[k] = unpackHalf<kType, false>(block);
                upper[k] = unpackHalf<kType, true>(block);
            }
            storeQuads(lower, panel.w[i], r);
            storeQuads(upper, panel.w[i] + kQuads / 2, r);
        }
    }
}

// Adds n blocks (from `b` on) of kInputs inputs to y[t * y_stride + row]; the first blocks of a row
// start from zero.
template <Dtype kType, size_t kInputs>
HWY_INLINE void multiplyPanel(const Panel& panel, size_t b, size_t n, const QuantisedInput& x,
                              float* y, size_t y_stride, size_t n_rows) {
    const F32Tag df;
    const hn::RebindToSigned<F32Tag> di;
    const hn::Repartition<uint8_t, F32Tag> du8;
    const hn::Repartition<int8_t, F32Tag> d8;
    F32Vec acc[kInputs];
    for (size_t t = 0; t < kInputs; ++t) {
        acc[t] = b == 0 ? hn::Zero(df) : hn::LoadN(df, y + t * y_stride, n_rows);
    }
    for (size_t i = 0; i < n; ++i) {
        hn::Vec<decltype(di)> sums[kInputs];
        const size_t at_block = b + i;
        for (size_t t = 0; t < kInputs; ++t) {
            sums[t] = hn::Set(di, -kOffset<kType> * x.sum[t * x.blocks + at_block]);
        }
        for (size_t quad = 0; quad < kQuads; ++quad) {
            const auto w = hn::Load(du8, panel.w[i][quad][0]);
            for (size_t t = 0; t < kInputs; ++t) {
                const auto* from = reinterpret_cast<const std::byte*>(
                    x.q + (t * x.blocks + at_block) * kBlock + quad * 4);
                const auto in = hn::BitCast(d8, hn::Set(di, loadAs<int32_t>(from)));
                sums[t] = addProducts<kType>(di, w, in, sums[t]);
            }
        }
        const F32Vec dw = hn::Load(df, panel.d[i]);
        for (size_t t = 0; t < kInputs; ++t) {
            const F32Vec scale = hn::Mul(dw, hn::Set(df, x.d[t * x.blocks + at_block]));
            acc[t] = hn::MulAdd(hn::ConvertTo(df, sums[t]), scale, acc[t]);
            if constexpr (kType == Dtype::kQ4_1) {
                const F32Vec s = hn::Set(df, x.s[t * x.blocks + at_block]);
                acc[t] = hn::MulAdd(hn::Load(df, panel.m[i]), s, acc[t]);
            }
        }
    }
    for (size_t t = 0; t < kInputs; ++t) hn::StoreN(acc[t], df, y + t * y_stride, n_rows);
}

// kPanelRows rows (the first n_rows are wanted) with n_inputs inputs.
template <Dtype kType>
HWY_INLINE void dotPanel(const std::byte* const* rows, const QuantisedInput& x, size_t n_inputs,
                         float* y, size_t y_stride, size_t n_rows) {
    Panel panel;
    for (size_t b = 0; b < x.blocks; b += kPanelBlocks) {
        const size_t n = HWY_MIN(kPanelBlocks, x.blocks - b);
        fillPanel<kType>(rows, b, n, panel);
        size_t t = 0;
        for (; t + kPanelInputs <= n_inputs; t += kPanelInputs) {
            multiplyPanel<kType, kPanelInputs>(panel, b, n, x.from(t), y + t * y_stride, y_stride,
                                               n_rows);
        }
        for (; t < n_inputs; ++t) {
            multiplyPanel<kType, 1>(panel, b, n, x.from(t), y + t * y_stride, y_stride, n_rows);
        }
    }
}

}  // namespace glowworm::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif  // once per target
