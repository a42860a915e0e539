// SPDX-License-Identifier: Apache-2.0
// Sizes as people write and read them. Binary units: 1M is 1,048,576 bytes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/error.h"

namespace glowworm {

// At most one decimal, rounded to the nearest: "0 B", "512 B", "1.5 KiB", "300 MiB", "2 GiB".
[[nodiscard]] std::string formatBytes(uint64_t bytes);

// "300M", "2G", "1.5G", "64 KiB", "4096"; units B, K, M, G, T, P with or without "B" or "iB", in
// either case. A fraction of a byte is cut off. Anything else is kInvalidArgument that quotes it.
Result<uint64_t> parseBytes(std::string_view text);

}  // namespace glowworm
