// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <unistd.h>

#include "core/base/check.h"
#include "core/io/file.h"

namespace glowworm {

namespace {

constexpr size_t kBufferBytes = size_t{1} << 20;
constexpr uint64_t kDropBytes = uint64_t{32} << 20;

std::string parentOf(const std::string& path) {
    const std::string parent = std::filesystem::path(path).parent_path().string();
    return parent.empty() ? "." : parent;
}

}  // namespace

Result<FileWriter> FileWriter::create(const std::string& path) {
    FileWriter writer;
    writer.fd_ = FileDescriptor(
        ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NONBLOCK, 0666));
    if (!writer.fd_.valid()) return std::unexpected(systemError("create", path, errno));
    writer.path_ = path;
    writer.buffer_ = std::make_unique_for_overwrite<std::byte[]>(kBufferBytes);
    return writer;
}

Status FileWriter::write(std::string_view text) {
    return write(std::as_bytes(std::span(text)));
}

Status FileWriter::write(std::span<const std::byte> bytes) {
    CHECK(fd_.valid());
    if (bytes.size() > kBufferBytes - used_) RETURN_IF_ERROR(flush());
    if (bytes.size() >= kBufferBytes) return writeThrough(bytes);
    if (!bytes.empty()) std::memcpy(buffer_.get() + used_, bytes.data(), bytes.size());
    used_ += bytes.size();
    return {};
}

Status FileWriter::padTo(uint64_t alignment) {
    CHECK(alignment > 0);
    static constexpr std::array<std::byte, 4096> kZeros{};
    uint64_t missing = (alignment - position() % alignment) % alignment;
    while (missing > 0) {
        const auto part = static_cast<size_t>(std::min<uint64_t>(missing, kZeros.size()));
        RETURN_IF_ERROR(write(std::span(kZeros).first(part)));
        missing -= part;
    }
    return {};
}

Status FileWriter::flush() {
    const std::span<const std::byte> held(buffer_.get(), used_);
    used_ = 0;
    return writeThrough(held);
}

Status FileWriter::writeThrough(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
        const ssize_t put = ::write(fd_.get(), bytes.data(), bytes.size());
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) return std::unexpected(systemError("write", path_, errno));
        bytes = bytes.subspan(static_cast<size_t>(put));
        flushed_ += static_cast<uint64_t>(put);
    }
    return flushed_ - dropped_ >= kDropBytes ? dropWritten() : Status();
}

// Dirty pages cannot be dropped, so the write-back comes first.
Status FileWriter::dropWritten() {
    if (fdatasync(fd_.get()) != 0) return std::unexpected(systemError("write", path_, errno));
    posix_fadvise(fd_.get(), static_cast<off_t>(dropped_), static_cast<off_t>(flushed_ - dropped_),
                  POSIX_FADV_DONTNEED);
    dropped_ = flushed_;
    return {};
}

Status FileWriter::close() {
    CHECK(fd_.valid());
    RETURN_IF_ERROR(flush());
    if (fsync(fd_.get()) != 0) return std::unexpected(systemError("sync", path_, errno));
    posix_fadvise(fd_.get(), 0, 0, POSIX_FADV_DONTNEED);
    fd_.reset();
    return {};
}

Status writeWholeFile(const std::string& path, std::string_view text) {
    const std::string partial = path + ".partial";
    const auto write = [&]() -> Status {
        ASSIGN_OR_RETURN(FileWriter writer, FileWriter::create(partial));
        RETURN_IF_ERROR(writer.write(text));
        RETURN_IF_ERROR(writer.close());
        if (std::rename(partial.c_str(), path.c_str()) != 0) {
            return std::unexpected(systemError("rename " + partial + " to", path, errno));
        }
        return syncFolder(parentOf(path));
    };
    Status status = write();
    if (!status) unlink(partial.c_str());
    return status;
}

Status renameDurably(const std::string& from, const std::string& to) {
    std::error_code ignored;
    const bool is_folder = std::filesystem::is_directory(from, ignored);
    if (is_folder) RETURN_IF_ERROR(syncFolder(from));
    if (renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) != 0) {
        const int cause = errno;
        if (cause == EEXIST) {
            return fail(ErrorCode::kInvalidArgument,
                        to + " is already there (choose another name or remove it)");
        }
        // Some network file systems do not know RENAME_NOREPLACE.
        const bool taken = std::filesystem::exists(std::filesystem::symlink_status(to, ignored));
        if (cause != EINVAL || taken || std::rename(from.c_str(), to.c_str()) != 0) {
            return std::unexpected(systemError("rename " + from + " to", to, cause));
        }
    }
    return syncFolder(parentOf(to));
}

}  // namespace glowworm
