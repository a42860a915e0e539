// SPDX-License-Identifier: Apache-2.0
#include "core/base/memory_speed.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstring>

#include "core/base/clock.h"
#include "core/base/reserved_memory.h"

namespace glowworm {

namespace {

// Several sums side by side, so that no addition waits for the one before it.
uint64_t sumOf(const std::byte* data, size_t bytes) {
    std::array<uint64_t, 32> sums{};
    std::array<uint64_t, 32> some;
    for (size_t i = 0; i + sizeof some <= bytes; i += sizeof some) {
        std::memcpy(some.data(), data + i, sizeof some);
        for (size_t j = 0; j < sums.size(); ++j) sums[j] += some[j];
    }
    uint64_t sum = 0;
    for (const uint64_t one : sums) sum += one;
    return sum;
}

}  // namespace

Result<double> measureMemory(ThreadPool& pool, double seconds) {
    constexpr size_t kBytes = size_t{256} << 20, kGrain = 4096;
    ASSIGN_OR_RETURN(const ReservedMemory memory,
                     ReservedMemory::reserve(kBytes, Pages::kHuge));
    pool.forSlices(kBytes, kGrain, [&](size_t begin, size_t end, size_t thread) {
        std::fill_n(memory.data() + begin, end - begin, static_cast<std::byte>(thread + 1));
    });
    std::atomic<uint64_t> total{0};
    double best = 0, spent = 0;
    const auto now = [] { return std::chrono::duration<double>(steadyClock().now()).count(); };
    while (spent < seconds) {
        const double begin = now();
        pool.forSlices(kBytes, kGrain, [&](size_t from, size_t to, size_t) {
            total += sumOf(memory.data() + from, to - from);
        });
        const double took = now() - begin;
        spent += took;
        best = std::max(best, static_cast<double>(kBytes) / took);
    }
    // The sums are looked at, so that no compiler leaves them out.
    return total.load() == 0 ? 0 : best;
}

}  // namespace glowworm
