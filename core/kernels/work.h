// SPDX-License-Identifier: Apache-2.0
// Work shared out by need instead of in equal parts: cores differ in speed and others use them too.
// Only for results that do not depend on who computes them.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>

#include "core/base/thread_pool.h"

namespace glowworm {

// Calls body(begin, end, thread) for pieces of [0, count) that are multiples of `grain` (but the
// last). `cost` is about how many bytes are read or multiplications done per item: too little
// altogether and the caller does it alone, since waking threads would take longer.
template <typename Body>
void forPieces(ThreadPool& pool, size_t count, size_t grain, size_t cost, const Body& body) {
    constexpr size_t kAloneBelow = 32 * 1024;
    constexpr size_t kPiecesPerThread = 8;
    if (count == 0) return;
    if (pool.threads() == 1 || count <= grain || count * cost < kAloneBelow) {
        body(size_t{0}, count, size_t{0});
        return;
    }
    const size_t wanted = count / (pool.threads() * kPiecesPerThread);
    const size_t piece = std::max(grain, wanted / grain * grain);
    std::atomic<size_t> next = 0;
    pool.run([&](size_t thread) {
        for (;;) {
            const size_t begin = next.fetch_add(piece, std::memory_order_relaxed);
            if (begin >= count) return;
            body(begin, std::min(begin + piece, count), thread);
        }
    });
}

}  // namespace glowworm
