// SPDX-License-Identifier: Apache-2.0
// A file opened for reads past the page cache where the file system can (O_DIRECT), with the
// alignment that the disk asks for; buffered where it cannot. Shared by the readers.
#pragma once

#include <cstdint>
#include <string>

#include "core/base/error.h"
#include "core/io/file.h"

namespace glowworm {

// What offsets and lengths, and addresses, of a direct read must be multiples of. 1: anything goes.
struct FileAlignment {
    uint32_t offset_bytes = 1;
    uint32_t memory_bytes = 1;
};

struct DirectFileOptions {
    bool direct = true;              // false: through the page cache
    uint32_t alignment_bytes_min = 1;  // pretend that the disk wants at least this (tests)
};

struct DirectFile {
    InputFile file;
    FileAlignment alignment;
    bool direct = false;

    // Fails as InputFile::open does; a file system without O_DIRECT is no failure.
    static Result<DirectFile> open(const std::string& path, const DirectFileOptions& options);
};

}  // namespace glowworm
