// SPDX-License-Identifier: Apache-2.0
// Reads spans of one file from flash, many in flight, each straight into the buffer where its
// bytes will live. Four verbs: submit, wait, in flight, statistics. Implementations: io_uring with
// O_DIRECT (uring_reader.h), a pool of preads (pread_reader.h), memory (memory_reader.h).
//
// Called from the engine thread only. A reader fills buffers and touches nothing else. A short read
// is resumed and EAGAIN requeued inside; what comes out is a whole span or an error.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "core/base/controls.h"
#include "core/base/error.h"
#include "core/io/read_tuning.h"

namespace glowworm {

// One span. offset, bytes and destination are multiples of alignmentBytes() (paired CHECK).
// `destination` stays alive and untouched until the completion with this `tag` has come out.
struct ReadRequest {
    uint64_t offset = 0;
    uint32_t bytes = 0;
    std::byte* destination = nullptr;
    uint64_t tag = 0;  // the caller's, returned as it is
};

struct ReadCompletion {
    uint64_t tag = 0;
    bool ok = false;  // false: error() of the reader has the message
};

struct ReaderStats {
    uint64_t bytes = 0;  // completed
    uint64_t reads = 0;
};

class FlashReader {
  public:
    virtual ~FlashReader() = default;

    // Offsets, lengths and destinations must be multiples of this: 512. A disk that wants more is
    // served through small buffers inside (read_step.h).
    [[nodiscard]] virtual size_t alignmentBytes() const = 0;
    // The most requests that may be in flight; submit() takes no more than what is free.
    [[nodiscard]] virtual size_t depth() const = 0;
    [[nodiscard]] virtual size_t inFlight() const = 0;

    // Queues as many of `requests` as fit (from the front) and starts them; returns how many.
    virtual Result<size_t> submit(std::span<const ReadRequest> requests) = 0;

    // Hands out completions: waits for at least `min_count` (0: only looks), at most out.size().
    // Wakes within 20 ms when `stop` is requested and returns what there is, possibly nothing.
    virtual Result<size_t> wait(size_t min_count, std::span<ReadCompletion> out,
                                const StopFlag& stop) = 0;

    // Waits for everything in flight and throws the completions away: after an error or a stop, so
    // that buffers may be used again. Bounded by the device's own time-outs.
    virtual void drain() = 0;

    [[nodiscard]] virtual Error error() const = 0;  // of the last completion with ok == false
    [[nodiscard]] virtual ReaderStats stats() const = 0;
    [[nodiscard]] virtual const char* name() const = 0;  // "uring", "pread", "memory"
    [[nodiscard]] virtual bool directIo() const = 0;     // past the page cache?
    // Memory of its own that counts against the budget: small buffers on a disk with large blocks,
    // the whole file in the memory reader.
    [[nodiscard]] virtual uint64_t bufferBytes() const = 0;

    // A gap between two wanted spans up to this is better read than skipped on this disk: what the
    // machine probe found, or the default. Advice to the caller; submit() reads what it is told.
    [[nodiscard]] uint32_t gapBytes() const { return gap_bytes_; }
    void setGapBytes(uint32_t bytes) { gap_bytes_ = bytes; }

  private:
    uint32_t gap_bytes_ = ReadTuning{}.gap_bytes;
};

inline constexpr size_t kReadAlignment = 512;       // what alignmentBytes() answers
inline constexpr size_t kReaderDepthMax = 4096;     // requests in flight

enum class ReaderKind { kAuto, kUring, kPread, kMemory };

// Opens `path` for reading, with `depth` in 1..kReaderDepthMax (else kInvalidArgument). kAuto takes
// io_uring past the page cache, else preads past it, else buffered preads. An explicit kind is that
// kind or fails; where the file system has no O_DIRECT it reads buffered and directIo() says so.
// kMemory loads the whole file (tests, references). Without `direct` reads go through the page
// cache.
Result<std::unique_ptr<FlashReader>> openFlashReader(const std::string& path, ReaderKind kind,
                                                     size_t depth, bool direct = true);

}  // namespace glowworm
