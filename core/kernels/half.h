// SPDX-License-Identifier: Apache-2.0
// One 16-bit float at a time, for scales and for places where speed is not the point. Rounds to the
// nearest even as processors do; infinities, subnormals and the sign of zero survive.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace glowworm {

[[nodiscard]] inline float f32FromF16(uint16_t half) {
    const uint32_t sign = static_cast<uint32_t>(half & 0x8000) << 16;
    const uint32_t exponent = (half >> 10) & 0x1f;
    const uint32_t mantissa = half & 0x3ff;
    if (exponent == 0x1f) return std::bit_cast<float>(sign | 0x7f800000 | mantissa << 13);
    if (exponent == 0) {
        const float tiny = static_cast<float>(mantissa) * 0x1p-24F;
        return std::bit_cast<float>(std::bit_cast<uint32_t>(tiny) | sign);
    }
    return std::bit_cast<float>(sign | (exponent + 112) << 23 | mantissa << 13);
}

[[nodiscard]] inline uint16_t f16FromF32(float value) {
    const uint32_t bits = std::bit_cast<uint32_t>(value);
    const uint32_t sign = bits >> 16 & 0x8000;
    const uint32_t magnitude = bits & 0x7fffffff;
    uint32_t half = 0;
    if (magnitude > 0x7f800000) {
        half = 0x7e00;
    } else if (magnitude >= 0x477ff000) {  // 65520 and above round to infinity
        half = 0x7c00;
    } else if (magnitude < 0x38800000) {  // below 2^-14: adding 0.5 shifts and rounds
        const float shifted = std::bit_cast<float>(magnitude) + 0.5F;
        half = std::bit_cast<uint32_t>(shifted) - 0x3f000000;
    } else {
        half = (magnitude - 0x38000000 + 0xfff + (magnitude >> 13 & 1)) >> 13;
    }
    return static_cast<uint16_t>(sign | half);
}

[[nodiscard]] inline float f32FromBf16(uint16_t half) {
    return std::bit_cast<float>(static_cast<uint32_t>(half) << 16);
}

[[nodiscard]] inline uint16_t bf16FromF32(float value) {
    const uint32_t bits = std::bit_cast<uint32_t>(value);
    if ((bits & 0x7fffffff) > 0x7f800000) return static_cast<uint16_t>(bits >> 16 | 0x40);
    return static_cast<uint16_t>((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

// Weights lie where a file put them: never assume alignment.
template <typename T>
[[nodiscard]] inline T loadAs(const std::byte* from) {
    T value;
    std::memcpy(&value, from, sizeof(T));
    return value;
}

template <typename T>
inline void storeAs(std::byte* to, T value) {
    std::memcpy(to, &value, sizeof(T));
}

}  // namespace glowworm
