// SPDX-License-Identifier: Apache-2.0
// What the memory delivers: every byte read once, in order, by all threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/base/thread_pool.h"

namespace glowworm::bench {

// Reads all of `bytes`, as 8-byte words added up; the sum is there so that nothing is left out.
inline uint64_t readPlainly(std::span<const std::byte> bytes, ThreadPool& pool) {
    std::vector<uint64_t> sums(pool.threads() * 8);
    pool.forSlices(bytes.size() / 8, 64, [&](size_t begin, size_t end, size_t thread) {
        const auto* words = reinterpret_cast<const uint64_t*>(bytes.data());
        uint64_t sum[8] = {};
        for (size_t i = begin; i + 8 <= end; i += 8) {
            for (size_t k = 0; k < 8; ++k) sum[k] += words[i + k];
        }
        for (const uint64_t s : sum) sums[thread * 8] += s;
    });
    uint64_t total = 0;
    for (const uint64_t s : sums) total += s;
    return total;
}

}  // namespace glowworm::bench
