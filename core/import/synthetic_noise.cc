// SPDX-License-Identifier: Apache-2.0
#include "core/import/synthetic_noise.h"

#include <cmath>
#include <numbers>

#include "core/base/check.h"

namespace glowworm {

NoisePool::NoisePool(uint64_t seed) : values_(kValues) {
    CounterRandom random(seed, 0, 0);
    // Box and Muller, two at a time: the same with every standard library.
    for (size_t i = 0; i < kValues; i += 2) {
        const double u = static_cast<double>((random.next() >> 11) + 1) * 0x1.0p-53;
        const double v = static_cast<double>(random.next() >> 11) * 0x1.0p-53;
        const double radius = std::sqrt(-2 * std::log(u));
        values_[i] = static_cast<float>(radius * std::cos(2 * std::numbers::pi * v));
        values_[i + 1] = static_cast<float>(radius * std::sin(2 * std::numbers::pi * v));
    }
}

void NoisePool::addTo(std::span<float> out, float scale, CounterRandom& random) const {
    CHECK(out.size() <= kValues);
    const float* from = values_.data() + random.below(kValues - out.size() + 1);
    for (size_t i = 0; i < out.size(); ++i) out[i] += scale * from[i];
}

EncodedPool::EncodedPool(const NoisePool& pool, Dtype dtype, float scale)
    : dtype_(dtype), bytes_(rowBytes(dtype, NoisePool::kValues)) {
    std::vector<float> scaled(pool.values().begin(), pool.values().end());
    for (float& value : scaled) value *= scale;
    encodeRow(dtype, scaled.data(), scaled.size(), bytes_.data());
}

std::span<const std::byte> EncodedPool::row(size_t cols, CounterRandom& random) const {
    const size_t blocks = NoisePool::kValues / blockElements(dtype_);
    const size_t needed = cols / blockElements(dtype_);
    CHECK(needed <= blocks);
    const size_t first = random.below(blocks - needed + 1);
    return std::span(bytes_).subspan(first * blockBytes(dtype_), rowBytes(dtype_, cols));
}

}  // namespace glowworm
