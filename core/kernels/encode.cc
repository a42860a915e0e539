// SPDX-License-Identifier: Apache-2.0
// Quantisation as ggml's reference does it, rounding included, so that bytes equal those of the
// gguf package. Runs at import only.
#include <algorithm>
#include <cmath>
#include <span>

#include "core/base/check.h"
#include "core/kernels/blocks.h"
#include "core/kernels/dtype.h"
#include "core/kernels/half.h"
#include "core/kernels/levels.h"

namespace glowworm {
namespace {

using Values = std::span<const float, kBlock>;

float inverse(float d) { return d != 0 ? 1 / d : 0; }

void packNibbles(const uint8_t (&q)[kBlock], std::byte* out) {
    for (size_t j = 0; j < kBlock / 2; ++j) {
        out[j] = static_cast<std::byte>(q[j] | q[j + kBlock / 2] << 4);
    }
}

uint8_t nibble(double value) { return static_cast<uint8_t>(std::clamp(value, 0.0, 15.0)); }

void encodeQ8(Values x, std::byte* block) {
    float largest = 0;
    for (float value : x) largest = std::max(largest, std::abs(value));
    const float d = largest / 127;
    const float id = inverse(d);
    storeAs(block, f16FromF32(d));
    for (size_t j = 0; j < kBlock; ++j) {
        const float q = std::clamp(std::round(x[j] * id), -127.0F, 127.0F);
        block[kQ8Quants + j] = static_cast<std::byte>(static_cast<int8_t>(q));
    }
}

void encodeQ4_0(Values x, std::byte* block) {
    float extreme = 0;  // the value farthest from zero, with its sign: it becomes -8
    for (float value : x) {
        if (std::abs(value) > std::abs(extreme)) extreme = value;
    }
    const float d = extreme / -8;
    const double id = inverse(d);
    storeAs(block, f16FromF32(d));
    uint8_t q[kBlock];
    for (size_t j = 0; j < kBlock; ++j) q[j] = nibble(static_cast<double>(x[j]) * id + 8.5);
    packNibbles(q, block + kQ4_0Quants);
}

void encodeQ4_1(Values x, std::byte* block) {
    const auto [low, high] = std::minmax_element(x.begin(), x.end());
    const float minimum = *low;
    const float d = (*high - minimum) / 15;
    const float id = inverse(d);
    storeAs(block, f16FromF32(d));
    storeAs(block + kQ4_1Minimum, f16FromF32(minimum));
    uint8_t q[kBlock];
    for (size_t j = 0; j < kBlock; ++j) {
        const float scaled = (x[j] - minimum) * id;
        q[j] = nibble(static_cast<double>(scaled + 0.5F));
    }
    packNibbles(q, block + kQ4_1Quants);
}

void encodeShadow(Dtype dtype, Values x, std::byte* block) {
    const uint8_t scale_code = chooseScale(dtype, x.data(), nullptr);
    uint8_t codes[kBlock];
    for (size_t j = 0; j < kBlock; ++j) codes[j] = nearestCode(dtype, kScaleOf[scale_code], x[j]);
    packBlock(dtype, scale_code, codes, block);
}

}  // namespace

void encodeRow(Dtype dtype, const float* values, size_t cols, std::byte* row) {
    CHECK(dtype != Dtype::kQ6_K);
    const size_t step = blockElements(dtype);
    const size_t bytes = blockBytes(dtype);
    CHECK(cols % step == 0);
    for (size_t c = 0; c < cols; c += step, row += bytes) {
        switch (dtype) {
            case Dtype::kF32: storeAs(row, values[c]); break;
            case Dtype::kF16: storeAs(row, f16FromF32(values[c])); break;
            case Dtype::kBF16: storeAs(row, bf16FromF32(values[c])); break;
            case Dtype::kQ8_0: encodeQ8(Values(values + c, kBlock), row); break;
            case Dtype::kQ4_0: encodeQ4_0(Values(values + c, kBlock), row); break;
            case Dtype::kQ4_1: encodeQ4_1(Values(values + c, kBlock), row); break;
            case Dtype::kS4:
            case Dtype::kS3:
            case Dtype::kS2: encodeShadow(dtype, Values(values + c, kBlock), row); break;
            case Dtype::kQ6_K: break;
        }
    }
}

}  // namespace glowworm
