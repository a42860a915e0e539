// SPDX-License-Identifier: Apache-2.0
// A steady load of random reads through a FlashReader, and the speed that it reached: what the
// machine probe and `bench io` measure with.
#pragma once

#include <cstdint>

#include "core/base/clock.h"
#include "core/base/controls.h"
#include "core/base/error.h"
#include "core/base/reserved_memory.h"
#include "core/io/flash_reader.h"

namespace glowworm {

struct ReadLoad {
    uint64_t file_bytes = 0;  // reads lie within, at multiples of their size
    uint32_t bytes = 0;       // of each read, a multiple of the reader's alignment
    size_t depth = 1;         // reads in flight, at most the reader's
    double seconds = 0.1;
    uint64_t seed = 1;
    Pages pages = Pages::kHuge;  // of the buffers
};

// Bytes per second over about `seconds`, buffers and start-up not counted. Nothing may be in flight
// before, nothing is afterwards. Holds depth * bytes of memory while it runs.
Result<double> measureReads(FlashReader& reader, const ReadLoad& load, const Clock& clock,
                            const StopFlag& stop);

}  // namespace glowworm
