// SPDX-License-Identifier: Apache-2.0
#include "core/io/file.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace glowworm {

void FileDescriptor::reset() {
    // close() frees the descriptor even when it reports an error; data was synced before.
    if (const int fd = std::exchange(fd_, -1); fd >= 0) close(fd);
}

Result<InputFile> InputFile::open(const std::string& path) {
    // O_NONBLOCK: opening a pipe that nobody writes would wait for ever.
    FileDescriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!fd.valid()) return std::unexpected(systemError("open", path, errno));
    struct stat info {};
    if (fstat(fd.get(), &info) != 0) return std::unexpected(systemError("look at", path, errno));
    if (!S_ISREG(info.st_mode)) {
        return fail(ErrorCode::kInvalidFile,
                    path + " is not a regular file (choose the file itself, not a folder or pipe)");
    }
    InputFile file;
    file.fd_ = std::move(fd);
    file.path_ = path;
    file.size_bytes_ = static_cast<uint64_t>(info.st_size);
    return file;
}

Status InputFile::read(uint64_t offset, std::span<std::byte> out) const {
    const auto truncated = [&](uint64_t at) {
        return fail(ErrorCode::kInvalidFile,
                    path_ + " ends before byte " + std::to_string(at + 1) + " (" +
                        std::to_string(out.size()) + " bytes wanted at offset " +
                        std::to_string(offset) + "); it is truncated: copy or import it again");
    };
    if (offset > size_bytes_ || out.size() > size_bytes_ - offset) return truncated(size_bytes_);
    for (size_t done = 0; done < out.size();) {
        const ssize_t got = pread(fd_.get(), out.data() + done, out.size() - done,
                                  static_cast<off_t>(offset + done));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) {
            const std::string at = std::to_string(offset + done);
            return std::unexpected(systemError("read at offset " + at + " of", path_, errno));
        }
        if (got == 0) return truncated(offset + done);
        done += static_cast<size_t>(got);
    }
    return {};
}

void InputFile::dropCache(uint64_t offset, uint64_t bytes) const {
    posix_fadvise(fd_.get(), static_cast<off_t>(offset), static_cast<off_t>(bytes),
                  POSIX_FADV_DONTNEED);
}

Result<std::string> readWholeFile(const std::string& path, uint64_t bytes_max) {
    ASSIGN_OR_RETURN(const InputFile file, InputFile::open(path));
    if (file.sizeBytes() > bytes_max) {
        return fail(ErrorCode::kInvalidFile,
                    path + " has " + std::to_string(file.sizeBytes()) + " bytes, more than the " +
                        std::to_string(bytes_max) + " that such a file may have");
    }
    std::string text(file.sizeBytes(), '\0');
    RETURN_IF_ERROR(file.read(0, std::as_writable_bytes(std::span(text))));
    return text;
}

Status makeFolders(const std::string& folder) {
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error) return std::unexpected(systemError("make the folder", folder, error.value()));
    return {};
}

Status syncFolder(const std::string& folder) {
    const FileDescriptor fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd.valid()) return std::unexpected(systemError("open the folder", folder, errno));
    // Some file systems have nothing to sync for a folder and say EINVAL.
    if (fsync(fd.get()) != 0 && errno != EINVAL) {
        return std::unexpected(systemError("sync the folder", folder, errno));
    }
    return {};
}

Result<uint64_t> freeBytes(const std::string& folder) {
    struct statvfs info {};
    if (statvfs(folder.c_str(), &info) != 0) {
        return std::unexpected(systemError("ask for the free space of", folder, errno));
    }
    return static_cast<uint64_t>(info.f_bavail) * info.f_frsize;
}

}  // namespace glowworm
