// SPDX-License-Identifier: Apache-2.0
// The FlashReader over a pool of threads that pread: for systems without io_uring. Past the page
// cache where the file system can. Bounded queues; nothing is allocated after open(). The
// destructor lets the reads in flight end and joins the threads.
#pragma once

#include <memory>
#include <string>

#include "core/io/direct_file.h"
#include "core/io/flash_reader.h"

namespace glowworm {

// The pool has min(depth, kPreadThreadsMax) threads: so many reads are under way at once, the rest
// of `depth` waits its turn.
inline constexpr size_t kPreadThreadsMax = 32;

Result<std::unique_ptr<FlashReader>> openPreadReader(const std::string& path, size_t depth,
                                                     const DirectFileOptions& options);

}  // namespace glowworm
