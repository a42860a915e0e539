// SPDX-License-Identifier: Apache-2.0
// When two reads become one: the gap between them is at most FlashReader::gapBytes() (one request
// fewer is worth more than the bytes: 4 KiB reads reach a fifth of a disk's bandwidth, 64 KiB reads
// half of it), and both together are no longer than this.
#pragma once

#include <cstddef>

namespace glowworm {

// No read of joined neighbours is longer: it must fit a staging block.
inline constexpr size_t kRunBytesMax = 256 << 10;

}  // namespace glowworm
