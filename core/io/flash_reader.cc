// SPDX-License-Identifier: Apache-2.0
#include "core/io/flash_reader.h"

#include "core/io/memory_reader.h"
#include "core/io/pread_reader.h"
#include "core/io/uring_reader.h"

namespace glowworm {

namespace {

Result<std::unique_ptr<FlashReader>> openBestReader(const std::string& path, size_t depth,
                                                    const DirectFileOptions& options) {
    auto uring = openUringReader(path, depth, options);
    if (uring && (*uring)->directIo()) return uring;
    // A file that cannot be opened stays the error that it is, told by either reader.
    return openPreadReader(path, depth, options);
}

}  // namespace

Result<std::unique_ptr<FlashReader>> openFlashReader(const std::string& path, ReaderKind kind,
                                                     size_t depth, bool direct) {
    if (depth < 1 || depth > kReaderDepthMax) {
        return fail(ErrorCode::kInvalidArgument,
                    "a reader cannot have " + std::to_string(depth) +
                        " reads in flight (choose 1 to " + std::to_string(kReaderDepthMax) + ")");
    }
    const DirectFileOptions options{.direct = direct};
    switch (kind) {
        case ReaderKind::kAuto: return openBestReader(path, depth, options);
        case ReaderKind::kUring: return openUringReader(path, depth, options);
        case ReaderKind::kPread: return openPreadReader(path, depth, options);
        case ReaderKind::kMemory: return openMemoryReader(path, depth);
    }
    std::unreachable();
}

}  // namespace glowworm
