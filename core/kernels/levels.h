// SPDX-License-Identifier: Apache-2.0
// The values of S4, S3 and S2 blocks: value = level(code) * scale. Levels are Lloyd's quantiser
// (IEEE Trans. Inf. Theory 28, 1982) for blocks of 32 normal numbers whose scale is chosen with
// them, as integers up to 63, so that products of two neighbours fit 16 bits. A scale is a power of
// two in eighths: one byte loses less than the bits it saves are worth.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/kernels/dtype.h"

namespace glowworm {

inline constexpr int8_t kLevelMost = 63;

// By code, ascending; 16 entries, repeated where fewer bits are used, as byte shuffles want them.
constexpr std::array<int8_t, 16> levelsOf(Dtype dtype) {
    switch (dtype) {
        case Dtype::kS2: return {-63, -18, 18, 63, -63, -18, 18, 63,
                                 -63, -18, 18, 63, -63, -18, 18, 63};
        case Dtype::kS3: return {-63, -38, -21, -7, 7, 21, 38, 63,
                                 -63, -38, -21, -7, 7, 21, 38, 63};
        default: return {-63, -49, -39, -30, -22, -15, -9, -3,
                         3, 9, 15, 22, 30, 39, 49, 63};
    }
}

constexpr bool isShadow(Dtype dtype) {
    return dtype == Dtype::kS4 || dtype == Dtype::kS3 || dtype == Dtype::kS2;
}

constexpr size_t codesOf(Dtype dtype) {
    return dtype == Dtype::kS2 ? 4 : dtype == Dtype::kS3 ? 8 : 16;
}

// The scale of each code: 0, then 2^((code - 224) / 8), from 4e-9 to 15.
inline constexpr std::array<float, 256> kScaleOf = [] {
    constexpr std::array<float, 8> kEighths = {1.0F,         1.090507733F, 1.189207115F,
                                               1.296839555F, 1.414213562F, 1.542210825F,
                                               1.681792831F, 1.834008086F};
    std::array<float, 256> scales{};
    float octave = 1.0F / (1 << 28);
    for (size_t code = 0; code < scales.size(); ++code) {
        if (code > 0 && code % 8 == 0) octave *= 2;
        scales[code] = code == 0 ? 0.0F : octave * kEighths[code % 8];
    }
    return scales;
}();

// One block, as encoders work on it. `weights` [32] says how much an element's squared error
// counts; null: all the same. Any thread.

// The code of the scale with the least weighted squared error of those near the largest element.
uint8_t chooseScale(Dtype dtype, const float* values, const float* weights);
// The code of the level nearest to `value`.
uint8_t nearestCode(Dtype dtype, float scale, float value);
// `codes` [32] in their places behind the scale.
void packBlock(Dtype dtype, uint8_t scale_code, const uint8_t* codes, std::byte* block);

}  // namespace glowworm
