// SPDX-License-Identifier: Apache-2.0
#include "tests/core/kernels/kernels_support.h"

#include "core/kernels/simd_targets.h"
#include "hwy/targets.h"

namespace glowworm {

bool hasBlocks(Dtype dtype) { return blockElements(dtype) > 1; }

void forEachTarget(const std::function<void()>& body) {
    for (const int64_t target : {HWY_SSE2, HWY_SSE4, HWY_AVX2, HWY_AVX3_DL, HWY_NEON, HWY_EMU128}) {
        hwy::SetSupportedTargetsForTest(0);
        if ((hwy::SupportedTargets() & target) == 0) continue;
        hwy::SetSupportedTargetsForTest(target);
        hwy::GetChosenTarget().Update(hwy::SupportedTargets());
        SCOPED_TRACE(simdTargetName());
        body();
    }
    hwy::SetSupportedTargetsForTest(0);
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
}

std::vector<float> someValues(size_t count, uint64_t seed) {
    std::vector<float> values(count);
    uint64_t state = seed * 0x9E3779B97F4A7C15 + 1;
    for (float& value : values) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        value = static_cast<float>(static_cast<int32_t>(state >> 32)) * 0x1p-31F;
    }
    return values;
}

TestMatrix::TestMatrix(Dtype type, size_t n_rows, size_t n_cols, uint64_t seed)
    : dtype(type),
      rows(n_rows),
      cols(n_cols),
      stride(rowBytes(type, n_cols) + 6),  // rows need not touch, nor be aligned
      bytes(n_rows * stride),
      values(n_rows * n_cols) {
    const std::vector<float> random = someValues(rows * cols, seed);
    for (size_t r = 0; r < rows; ++r) {
        encodeRow(dtype, random.data() + r * cols, cols, bytes.data() + r * stride);
        decodeRow(dtype, bytes.data() + r * stride, cols, values.data() + r * cols);
    }
}

MatrixView TestMatrix::view() const { return {bytes.data(), dtype, rows, cols, stride}; }

std::vector<const std::byte*> TestMatrix::rowPointers() const {
    std::vector<const std::byte*> pointers;
    for (size_t r = 0; r < rows; ++r) pointers.push_back(bytes.data() + r * stride);
    return pointers;
}

TestInput::TestInput(size_t n_tokens, size_t cols, uint64_t seed, ThreadPool& pool, bool exact)
    : values(someValues(n_tokens * cols, seed)), scratch(InputRows::bytesNeeded(n_tokens, cols)) {
    rows = {values.data(), n_tokens, cols, exact ? nullptr : scratch.data()};
    if (!exact) rows.prepare(pool);
}

double dot(const float* a, const float* b, size_t count) {
    double sum = 0;
    for (size_t i = 0; i < count; ++i) sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
    return sum;
}

double magnitude(const float* a, const float* b, size_t count) {
    double sum = 0;
    for (size_t i = 0; i < count; ++i) {
        sum += std::abs(static_cast<double>(a[i]) * static_cast<double>(b[i]));
    }
    return sum;
}

}  // namespace glowworm
