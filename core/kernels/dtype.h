// SPDX-License-Identifier: Apache-2.0
// How a row of weights is stored. Quantised rows are made of 32-element blocks exactly as GGUF
// defines them (ggml, little endian); a row's length is then a multiple of 32 (256 for Q6_K).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace glowworm {

// The values are written to disk (bundle manifests name them by dtypeName); never renumber.
enum class Dtype : uint8_t {
    kF32 = 0,
    kF16 = 1,
    kBF16 = 2,
    kQ8_0 = 3,  // f16 scale, 32 x int8: 34 bytes
    kQ4_0 = 4,  // f16 scale, 32 x 4 bit minus 8: 18 bytes
    kQ4_1 = 5,  // f16 scale, f16 minimum, 32 x 4 bit: 20 bytes
    kQ6_K = 6,  // 256-element super-block, 210 bytes; decoded at import, never computed with
    // Ours, for shadows and plain few-bit copies: a scale of one byte (an eighth of an octave a
    // step) and 32 codes, each a level of a fixed table that is denser near zero (levels.h).
    kS4 = 7,  // 4 bits: 17 bytes
    kS3 = 8,  // 3 bits: 13 bytes
    kS2 = 9,  // 2 bits: 9 bytes
};

[[nodiscard]] std::string_view dtypeName(Dtype dtype);  // "f32" ... "q6_k"
[[nodiscard]] std::optional<Dtype> dtypeFromName(std::string_view name);
[[nodiscard]] size_t blockElements(Dtype dtype);  // 1, 32 or 256
[[nodiscard]] size_t blockBytes(Dtype dtype);
// Bytes of a row of `cols` elements; `cols` must be a multiple of blockElements(dtype).
[[nodiscard]] size_t rowBytes(Dtype dtype, size_t cols);

// One row to and from F32. `row` need not be aligned. encodeRow does not know kQ6_K.
void decodeRow(Dtype dtype, const std::byte* row, size_t cols, float* out);
void encodeRow(Dtype dtype, const float* values, size_t cols, std::byte* row);

}  // namespace glowworm
