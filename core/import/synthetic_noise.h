// SPDX-License-Identifier: Apache-2.0
// Normal noise by the billion, as fast as memory: slices of a pool at places drawn by a counter, so
// that any row can be made at any time by any thread and is the same.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/kernels/dtype.h"

namespace glowworm {

// splitmix64, begun from what a row is: (seed, layer, kind, index).
class CounterRandom {
  public:
    CounterRandom(uint64_t seed, uint64_t stream, uint64_t index)
        : state_(mix(mix(seed ^ stream * 0x9E3779B97F4A7C15U) ^ index * 0xD1B54A32D192ED03U)) {}

    uint64_t next() { return mix(state_ += 0x9E3779B97F4A7C15U); }
    size_t below(size_t count) { return static_cast<size_t>(next() % count); }

  private:
    static uint64_t mix(uint64_t x) {
        x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9U;
        x = (x ^ x >> 27) * 0x94D049BB133111EBU;
        return x ^ x >> 31;
    }
    uint64_t state_;
};

// Immutable once made; any thread.
class NoisePool {
  public:
    static constexpr size_t kValues = size_t{1} << 22;
    explicit NoisePool(uint64_t seed);

    [[nodiscard]] float one(CounterRandom& random) const { return values_[random.below(kValues)]; }
    // out += scale * noise, as many as out holds (at most kValues).
    void addTo(std::span<float> out, float scale, CounterRandom& random) const;
    [[nodiscard]] std::span<const float> values() const { return values_; }

  private:
    std::vector<float> values_;  // [kValues] of N(0, 1)
};

// The same noise, scaled and stored as `dtype`: whole rows without any arithmetic.
class EncodedPool {
  public:
    EncodedPool(const NoisePool& pool, Dtype dtype, float scale);
    // A row of `cols` elements; lives as long as the pool.
    [[nodiscard]] std::span<const std::byte> row(size_t cols, CounterRandom& random) const;

  private:
    Dtype dtype_;
    std::vector<std::byte> bytes_;
};

}  // namespace glowworm
