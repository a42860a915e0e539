// SPDX-License-Identifier: Apache-2.0
// How fast all cores together read from memory.
#pragma once

#include "core/base/error.h"
#include "core/base/thread_pool.h"

namespace glowworm {

// Bytes per second, the best of several passes within about `seconds`. Holds 256 MB meanwhile, more
// than any cache.
Result<double> measureMemory(ThreadPool& pool, double seconds);

}  // namespace glowworm
