// SPDX-License-Identifier: Apache-2.0
#include "core/io/read_step.h"

#include <algorithm>
#include <cstring>

#include "core/base/check.h"

namespace glowworm {

namespace {

uint64_t roundDown(uint64_t value, uint64_t unit) { return value / unit * unit; }
uint64_t roundUp(uint64_t value, uint64_t unit) { return roundDown(value + unit - 1, unit); }

bool isAligned(const std::byte* address, uint32_t unit) {
    return reinterpret_cast<uintptr_t>(address) % unit == 0;
}

}  // namespace

bool needsBounce(FileAlignment alignment) {
    return alignment.offset_bytes > kReadAlignment || alignment.memory_bytes > kReadAlignment;
}

ReadStep nextStep(const PendingRead& read, FileAlignment alignment) {
    const uint32_t unit = alignment.offset_bytes;
    const uint64_t begin = read.request.offset + read.done;
    const uint64_t end = read.request.offset + read.request.bytes;
    std::byte* const destination = read.request.destination + read.done;

    const uint64_t block_begin = roundDown(begin, unit);
    const uint64_t block_end = roundUp(end, unit);
    const bool fits_bounce = block_end - block_begin <= kBounceBytes;
    if (begin == block_begin && isAligned(destination, alignment.memory_bytes)) {
        const uint64_t whole_end = roundDown(end, unit);
        if (whole_end == end || (whole_end > begin && !fits_bounce)) {
            return {begin, static_cast<uint32_t>(whole_end - begin), destination, false};
        }
    }
    CHECK(read.bounce != nullptr);
    uint64_t bounce_end = fits_bounce ? block_end : block_begin + kBounceBytes;
    // After the first block a long request may go straight to its destination.
    const std::byte* after_first = destination + (block_begin + unit - begin);
    if (!fits_bounce && begin != block_begin && isAligned(after_first, alignment.memory_bytes)) {
        bounce_end = block_begin + unit;
    }
    return {block_begin, static_cast<uint32_t>(bounce_end - block_begin), read.bounce, true};
}

bool finishStep(PendingRead& read, const ReadStep& step, size_t got, FileAlignment alignment) {
    const uint32_t left = read.request.bytes - read.done;
    size_t progress = 0;
    if (step.bounced) {
        const size_t skipped = read.request.offset + read.done - step.offset;
        if (got > skipped) progress = std::min<size_t>(got - skipped, left);
        std::memcpy(read.request.destination + read.done, step.target + skipped, progress);
    } else {
        // The next step has to begin at a block again.
        progress = got == left ? got : roundDown(got, alignment.offset_bytes);
    }
    read.done += static_cast<uint32_t>(progress);
    return progress > 0;
}

Error truncatedError(const ReadRequest& request, const std::string& path, uint64_t size_bytes) {
    return Error{ErrorCode::kInvalidFile,
                 path + " is truncated: it has " + std::to_string(size_bytes) + " bytes, and " +
                     std::to_string(request.bytes) + " were to be read at offset " +
                     std::to_string(request.offset) + " (import the model again)"};
}

Error readError(const ReadRequest& request, const std::string& path, int errno_value) {
    return systemError("read " + std::to_string(request.bytes) + " bytes at offset " +
                           std::to_string(request.offset) + " of",
                       path, errno_value);
}

void checkRequest(const ReadRequest& request) {
    CHECK(request.offset % kReadAlignment == 0);
    CHECK(request.bytes > 0 && request.bytes % kReadAlignment == 0);
    CHECK(request.destination != nullptr && isAligned(request.destination, kReadAlignment));
}

}  // namespace glowworm
