// SPDX-License-Identifier: Apache-2.0
#include "core/io/direct_file.h"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <optional>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace glowworm {

namespace {

constexpr uint32_t kProbeBytesMax = 4096;

// Linux 6.1 and later say it; 0 in the answer means that direct reads are not possible.
std::optional<FileAlignment> askKernel(int fd) {
#ifdef STATX_DIOALIGN
    struct statx info {};
    if (statx(fd, "", AT_EMPTY_PATH, STATX_DIOALIGN, &info) == 0 &&
        (info.stx_mask & STATX_DIOALIGN) != 0) {
        return FileAlignment{info.stx_dio_offset_align, info.stx_dio_mem_align};
    }
#endif
    return std::nullopt;
}

// Elsewhere the smallest read that works tells.
FileAlignment probe(int fd) {
    const std::unique_ptr<void, decltype(&std::free)> buffer(
        std::aligned_alloc(kProbeBytesMax, kProbeBytesMax), &std::free);
    for (const uint32_t bytes : {512U, kProbeBytesMax}) {
        if (buffer && pread(fd, buffer.get(), bytes, 0) >= 0) return {bytes, bytes};
    }
    return {0, 0};
}

}  // namespace

Result<DirectFile> DirectFile::open(const std::string& path, const DirectFileOptions& options) {
    ASSIGN_OR_RETURN(InputFile file, InputFile::open(path));
    DirectFile result{std::move(file), {}, false};
    const int fd = result.file.fd();
    const int flags = fcntl(fd, F_GETFL);
    if (options.direct && fcntl(fd, F_SETFL, flags | O_DIRECT) == 0) {
        const std::optional<FileAlignment> told = askKernel(fd);
        const FileAlignment found = told ? *told : probe(fd);
        result.direct = found.offset_bytes > 0 && found.memory_bytes > 0;
        if (result.direct) result.alignment = found;
        else fcntl(fd, F_SETFL, flags);
    }
    FileAlignment& alignment = result.alignment;
    alignment.offset_bytes = std::max(alignment.offset_bytes, options.alignment_bytes_min);
    alignment.memory_bytes = std::max(alignment.memory_bytes, options.alignment_bytes_min);
    return result;
}

}  // namespace glowworm
