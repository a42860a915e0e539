// SPDX-License-Identifier: Apache-2.0
// What this disk and this memory give, measured in the same run as what is compared with it.
#pragma once

#include <cstdint>
#include <string>

#include "core/base/error.h"

namespace glowworm::bench {

struct DiskLoad {
    uint32_t bytes = 1 << 20;  // of a read, a multiple of 512
    size_t depth = 16;
    bool random = false;       // else one after another
    uint64_t total = uint64_t{1} << 30;
};

// Bytes a second that our reader gets from a file under this load, past the page cache.
Result<double> diskRate(const std::string& path, const DiskLoad& load);

// Bytes a second that `threads` threads read from memory, each its part of a block much larger than
// the caches.
double memoryRate(size_t threads);

}  // namespace glowworm::bench
