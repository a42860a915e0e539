// SPDX-License-Identifier: Apache-2.0
// Where things lie in a quantised block (ggml's layout, little endian).
#pragma once

#include <cstddef>

namespace glowworm {

inline constexpr size_t kBlock = 32;       // elements of Q8_0, Q4_0, Q4_1 blocks
inline constexpr size_t kSuperBlock = 256;  // elements of a Q6_K block

// Q8_0: f16 d, int8 q[32]; value q * d.
inline constexpr size_t kQ8Bytes = 34;
inline constexpr size_t kQ8Quants = 2;
// Q4_0: f16 d, 16 bytes: element j in the low half of byte j, j + 16 in the high; (q - 8) * d.
inline constexpr size_t kQ4_0Bytes = 18;
inline constexpr size_t kQ4_0Quants = 2;
// Q4_1: f16 d, f16 m, 16 bytes as above; q * d + m.
inline constexpr size_t kQ4_1Bytes = 20;
inline constexpr size_t kQ4_1Minimum = 2;
inline constexpr size_t kQ4_1Quants = 4;
// Q6_K: low 4 bits [128], high 2 bits [64], int8 scales [16], f16 d; (q - 32) * scale * d.
inline constexpr size_t kQ6Bytes = 210;
inline constexpr size_t kQ6High = 128;
inline constexpr size_t kQ6Scales = 192;
inline constexpr size_t kQ6Scale = 208;

// Ours. First a scale's code (levels.h), then the elements' codes.
inline constexpr size_t kSCodes = 1;
// S4: 16 bytes; element j in the low half of byte j, j + 16 in the high.
inline constexpr size_t kS4Bytes = 17;
// S2: 8 bytes; element j + 8 k in bits 2 k and 2 k + 1 of byte j.
inline constexpr size_t kS2Bytes = 9;
// S3: the low two bits as S2, then 4 bytes of high bits: element 4 k + j in bit k of byte j.
inline constexpr size_t kS3High = 9;
inline constexpr size_t kS3Bytes = 13;

}  // namespace glowworm
