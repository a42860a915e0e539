// SPDX-License-Identifier: Apache-2.0
// Ordinary files: whole reads with a limit, spans of a known size, a sequential writer that neither
// fills the page cache nor loses data, and the steps that make a new folder appear whole or not at
// all (build in NAME.partial, sync, rename). Any thread; an object belongs to one thread at a time,
// but InputFile::read may be called by several. Errors name the path.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "core/base/error.h"

namespace glowworm {

// Owns one file descriptor; -1 is none.
class FileDescriptor {
  public:
    FileDescriptor() = default;
    explicit FileDescriptor(int fd) : fd_(fd) {}
    ~FileDescriptor() { reset(); }
    FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    FileDescriptor& operator=(FileDescriptor&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    [[nodiscard]] int get() const { return fd_; }
    [[nodiscard]] bool valid() const { return fd_ >= 0; }
    void reset();

  private:
    int fd_ = -1;
};

// A regular file open for reading, buffered by the system. Anything else that a path may name (a
// folder, a pipe, a device) is refused with kInvalidFile and never waited for.
class InputFile {
  public:
    InputFile() = default;
    static Result<InputFile> open(const std::string& path);

    [[nodiscard]] const std::string& path() const { return path_; }
    [[nodiscard]] uint64_t sizeBytes() const { return size_bytes_; }  // when it was opened
    [[nodiscard]] int fd() const { return fd_.get(); }

    // Fills all of `out` from `offset`. A span that does not lie in the file, or a file that has
    // become shorter, is kInvalidFile with the offset.
    Status read(uint64_t offset, std::span<std::byte> out) const;
    // Tells the system that these bytes are not needed again soon, so that a pass over a large
    // file leaves the page cache to others. Advice only; bytes 0 means to the end.
    void dropCache(uint64_t offset, uint64_t bytes) const;

  private:
    FileDescriptor fd_;
    std::string path_;
    uint64_t size_bytes_ = 0;
};

// The whole file as text. One that is larger than `bytes_max` is kInvalidFile before any
// allocation.
Result<std::string> readWholeFile(const std::string& path, uint64_t bytes_max);

// Writes a new file from front to back through one 1 MiB buffer. What has been written is handed
// to the disk and dropped from the page cache every 32 MiB. Without close() the data may be lost;
// the file itself stays and belongs to whoever removes the partial folder.
class FileWriter {
  public:
    // Creates `path`; an existing file is replaced.
    static Result<FileWriter> create(const std::string& path);

    Status write(std::span<const std::byte> bytes);
    Status write(std::string_view text);
    // Zeros up to the next multiple of `alignment` (at least 1).
    Status padTo(uint64_t alignment);
    [[nodiscard]] uint64_t position() const { return flushed_ + used_; }  // bytes so far
    [[nodiscard]] const std::string& path() const { return path_; }
    // Flushes, syncs to the disk, closes. Call once, last; a full disk may show only here.
    Status close();

  private:
    Status flush();
    Status writeThrough(std::span<const std::byte> bytes);
    Status dropWritten();

    FileDescriptor fd_;
    std::string path_;
    std::unique_ptr<std::byte[]> buffer_;
    size_t used_ = 0;          // bytes in buffer_
    uint64_t flushed_ = 0;     // bytes handed to the system
    uint64_t dropped_ = 0;     // of these, synced and out of the page cache
};

// Replaces `path` by `text`, so that after a crash there is the old file or the new one, never a
// mixture: writes `path.partial`, syncs, renames, syncs the folder.
Status writeWholeFile(const std::string& path, std::string_view text);

// Makes `folder` and its parents; one that is already there is fine.
Status makeFolders(const std::string& folder);
// Makes the names in `folder` durable.
Status syncFolder(const std::string& folder);
// Gives `from` (a file or a folder, synced) its final name and makes that durable. Never replaces:
// an existing `to` is kInvalidArgument.
Status renameDurably(const std::string& from, const std::string& to);
// Bytes that this user may still write in `folder`.
Result<uint64_t> freeBytes(const std::string& folder);

}  // namespace glowworm
