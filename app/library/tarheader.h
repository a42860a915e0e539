// SPDX-License-Identifier: Apache-2.0
// The 512-byte headers of a tar file (POSIX ustar, with GNU's binary sizes above 8 GiB), as far as
// archives of models need them: regular files only. Pure functions; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "core/base/error.h"

namespace glowworm {

inline constexpr uint64_t kTarBlockBytes = 512;
using TarBlock = std::array<char, kTarBlockBytes>;

struct TarFile {
    std::string name{};
    uint64_t bytes = 0;
};

// Bytes that follow a file's content up to the next block.
[[nodiscard]] constexpr uint64_t tarPadding(uint64_t bytes) {
    return (kTarBlockBytes - bytes % kTarBlockBytes) % kTarBlockBytes;
}

// `file.name` has at most 100 bytes.
[[nodiscard]] TarBlock writeTarHeader(const TarFile& file);

// The file that a header announces; nothing: a block of zeros, the archive's end. The error says
// what is wrong, without the archive's name: a wrong checksum, no tar at all, or anything but a
// regular file (a link, a device, a folder), named.
[[nodiscard]] Result<std::optional<TarFile>> readTarHeader(std::span<const char> block);

}  // namespace glowworm
