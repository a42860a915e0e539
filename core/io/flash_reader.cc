// SPDX-License-Identifier: Apache-2.0
#include "core/io/flash_reader.h"

#include "core/io/memory_reader.h"
#include "core/io/pread_reader.h"
#include "core/io/uring_reader.h"

namespace glowworm {

namespace {

Result<std::unique_ptr<FlashReader>> openBestReader(const std::string& path, size_t depth) {
    auto uring = openUringReader(path, depth, {});
    if (uring && (*uring)->directIo()) return uring;
    // A file that cannot be opened stays the error that it is, told by either reader.
    return openPreadReader(path, depth, {});
}

}  // namespace

Result<std::unique_ptr<FlashReader>> openFlashReader(const std::string& path, ReaderKind kind,
                                                     size_t depth) {
    if (depth < 1 || depth > kReaderDepthMax) {
        return fail(ErrorCode::kInvalidArgument,
                    "a reader cannot have " + std::to_string(depth) +
                        " reads in flight (choose 1 to " + std::to_string(kReaderDepthMax) + ")");
    }
    switch (kind) {
        case ReaderKind::kAuto: return openBestReader(path, depth);
        case ReaderKind::kUring: return openUringReader(path, depth, {});
        case ReaderKind::kPread: return openPreadReader(path, depth, {});
        case ReaderKind::kMemory: return openMemoryReader(path, depth);
    }
    std::unreachable();
}

}  // namespace glowworm
