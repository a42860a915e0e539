// SPDX-License-Identifier: Apache-2.0
// The FlashReader over io_uring: one ring, as many reads in flight as `depth`, straight from the
// disk into their slots. One system call starts a whole batch. The only user of liburing.
// Nothing is allocated after open(). The destructor waits for what is in flight.
#pragma once

#include <memory>
#include <string>

#include "core/io/direct_file.h"
#include "core/io/flash_reader.h"

namespace glowworm {

// kUnsupported where the system has no io_uring for us (an old kernel, a sandbox).
Result<std::unique_ptr<FlashReader>> openUringReader(const std::string& path, size_t depth,
                                                     const DirectFileOptions& options);

}  // namespace glowworm
