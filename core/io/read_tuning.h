// SPDX-License-Identifier: Apache-2.0
// How to read from a disk: what the machine probe chooses (disk_probe.h).
#pragma once

#include <cstdint>

namespace glowworm {

// The defaults are right for most: what is used where nobody probed.
struct ReadTuning {
    bool direct = true;           // past the page cache
    uint32_t depth = 128;         // reads in flight
    uint32_t gap_bytes = 32 << 10;  // between wanted records; smaller ones are read, not skipped
};

}  // namespace glowworm
