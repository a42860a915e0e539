// SPDX-License-Identifier: Apache-2.0
// The matrix products of other libraries, for comparison only: built where they are installed.
#pragma once

#include <cstddef>
#include <cstdint>

namespace glowworm::bench {

// y[m, n] = x[m, k] * w[n, k]^T, all threads. False: the library is not here.
bool openblasProduct(const float* x, const float* w, float* y, size_t m, size_t n, size_t k);
// With w as F32, or as BF16 or F16 (16-bit words), x converted by the library.
enum class OneDnnType : uint8_t { kF32, kBf16, kF16 };
bool oneDnnProduct(const float* x, const void* w, OneDnnType type, float* y, size_t m, size_t n,
                   size_t k);

}  // namespace glowworm::bench
