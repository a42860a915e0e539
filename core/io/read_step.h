// SPDX-License-Identifier: Apache-2.0
// How one ReadRequest becomes reads that the disk accepts. Usually one step, straight into the
// destination. On a disk whose blocks are larger than 512 bytes a step may read the enclosing
// blocks into a small buffer (a bounce) and copy what is wanted; a short read is resumed by another
// step.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "core/base/error.h"
#include "core/io/direct_file.h"
#include "core/io/flash_reader.h"

namespace glowworm {

// Size of the buffer that each request in flight has where steps may need one.
inline constexpr uint32_t kBounceBytes = 16 * 1024;

// One read for the system: `bytes` at `offset` into `target`.
struct ReadStep {
    uint64_t offset = 0;
    uint32_t bytes = 0;
    std::byte* target = nullptr;
    bool bounced = false;  // target is the bounce buffer
};

// A request under way. `bounce` has kBounceBytes, page aligned; it may be null where
// needsBounce() is false.
struct PendingRead {
    ReadRequest request;
    uint32_t done = 0;  // bytes that have reached the destination
    std::byte* bounce = nullptr;

    [[nodiscard]] bool finished() const { return done == request.bytes; }
};

// May requests that are multiples of 512 need a bounce buffer on this file?
[[nodiscard]] bool needsBounce(FileAlignment alignment);

// The next read of an unfinished request.
[[nodiscard]] ReadStep nextStep(const PendingRead& read, FileAlignment alignment);

// Takes over the `got` bytes that `step` brought. False: no progress, the file ends here.
[[nodiscard]] bool finishStep(PendingRead& read, const ReadStep& step, size_t got,
                              FileAlignment alignment);

// The error of a request that met the end of the file, and of one that the system refused.
[[nodiscard]] Error truncatedError(const ReadRequest& request, const std::string& path,
                                   uint64_t size_bytes);
[[nodiscard]] Error readError(const ReadRequest& request, const std::string& path, int errno_value);

// Paired with the promise in ReadRequest: CHECKs offset, length and destination.
void checkRequest(const ReadRequest& request);

}  // namespace glowworm
