// SPDX-License-Identifier: Apache-2.0
#include "core/base/check.h"
#include "core/kernels/dtype.h"
#include "core/kernels/for_dtype.h"
#include "core/kernels/simd_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/kernels/decode.cc"
#include "hwy/foreach_target.h"

#include "core/kernels/decode-inl.h"

HWY_BEFORE_NAMESPACE();
namespace glowworm::HWY_NAMESPACE {

void decodeRowTarget(Dtype dtype, const std::byte* row, size_t cols, float* out) {
    forDtype(dtype, [&]<Dtype kType>() HWY_ATTR { decodeValues<kType>(row, cols, out); });
}

}  // namespace glowworm::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace glowworm {
namespace {
HWY_EXPORT(decodeRowTarget);

// One 256-element super-block: two halves of 128, each four runs of 32 that share 32 bytes of high
// bits; a scale covers 16 elements.
void decodeQ6(const std::byte* block, float* out) {
    const float d = f32FromF16(loadAs<uint16_t>(block + kQ6Scale));
    for (size_t half = 0; half < 2; ++half) {
        const std::byte* low = block + half * 64;
        const std::byte* high = block + kQ6High + half * 32;
        const std::byte* scales = block + kQ6Scales + half * 8;
        for (size_t run = 0; run < 4; ++run) {
            for (size_t j = 0; j < 32; ++j) {
                const auto low_byte = static_cast<int>(low[run % 2 * 32 + j]);
                const int low_bits = run < 2 ? low_byte & 15 : low_byte >> 4;
                const int high_bits = static_cast<int>(high[j]) >> (2 * run) & 3;
                const float scale =
                    d * static_cast<float>(loadAs<int8_t>(scales + run * 2 + j / 16));
                out[half * 128 + run * 32 + j] =
                    scale * static_cast<float>((low_bits | high_bits << 4) - 32);
            }
        }
    }
}
}  // namespace

void decodeRow(Dtype dtype, const std::byte* row, size_t cols, float* out) {
    CHECK(cols % blockElements(dtype) == 0);
    if (dtype != Dtype::kQ6_K) {
        HWY_DYNAMIC_DISPATCH(decodeRowTarget)(dtype, row, cols, out);
        return;
    }
    for (size_t c = 0; c < cols; c += kSuperBlock, row += kQ6Bytes) decodeQ6(row, out + c);
}

}  // namespace glowworm
#endif
