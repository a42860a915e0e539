// SPDX-License-Identifier: Apache-2.0
// How InputRows lays out its 8-bit form: x ~ q * d in blocks of 32, |q| <= 127. Rows are padded
// with zeros to whole blocks.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/kernels/blocks.h"
#include "core/kernels/kernels.h"

namespace glowworm {

struct QuantisedInput {
    int8_t* q = nullptr;     // [n_tokens, blocks * 32]
    float* d = nullptr;      // [n_tokens, blocks]: scale
    float* s = nullptr;      // [n_tokens, blocks]: d * sum, for Q4_1's minimum
    int32_t* sum = nullptr;  // [n_tokens, blocks]: sum of q, to undo offsets of unsigned weights
    size_t blocks = 0;

    // The same for the rows from `token` on.
    [[nodiscard]] QuantisedInput from(size_t token) const {
        return {q + token * blocks * kBlock, d + token * blocks, s + token * blocks,
                sum + token * blocks, blocks};
    }
};

[[nodiscard]] QuantisedInput quantisedInput(const InputRows& x);

}  // namespace glowworm
