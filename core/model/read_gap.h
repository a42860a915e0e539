// SPDX-License-Identifier: Apache-2.0
// When two reads become one.
#pragma once

#include <cstddef>

namespace glowworm {

// A gap between wanted records this small is read rather than skipped: one request fewer is worth
// more than the bytes (4 KiB reads reach a fifth of a disk's bandwidth, 64 KiB reads half of it).
inline constexpr size_t kGapBytes = 32 << 10;
// No read of joined neighbours is longer: it must fit a staging block.
inline constexpr size_t kRunBytesMax = 256 << 10;

}  // namespace glowworm
