// SPDX-License-Identifier: Apache-2.0
#include "app/library/importlock.h"

#include <cerrno>
#include <chrono>
#include <filesystem>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace glowworm {

namespace fs = std::filesystem;

namespace {

constexpr auto kPause = std::chrono::milliseconds(50);

std::string pathOf(const DataPaths& paths) { return paths.models() + "/.import-lock"; }

bool isUnfinished(const std::string& name) {
    return name.ends_with(".partial") || name.starts_with(".removing-");
}

}  // namespace

ImportLock::~ImportLock() {
    if (m_descriptor >= 0) ::close(m_descriptor);
}

Result<ImportLock> ImportLock::open(const DataPaths& paths) {
    std::error_code error;
    fs::create_directories(paths.models(), error);
    if (error) return std::unexpected(systemError("make", paths.models(), error.value()));
    const int descriptor = ::open(pathOf(paths).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (descriptor < 0) return std::unexpected(systemError("open", pathOf(paths), errno));
    return ImportLock(descriptor);
}

Result<ImportLock> ImportLock::take(const DataPaths& paths, const ProgressSink& progress,
                                    const StopFlag& stop) {
    ASSIGN_OR_RETURN(ImportLock lock, open(paths));
    while (::flock(lock.m_descriptor, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR)
            return std::unexpected(systemError("lock", pathOf(paths), errno));
        if (stop.requested()) return fail(ErrorCode::kCancelled, "the import was stopped");
        if (progress) progress({"waiting for another import", 0});
        std::this_thread::sleep_for(kPause);
    }
    return lock;
}

Status clearUnfinished(const DataPaths& paths) {
    ASSIGN_OR_RETURN(const ImportLock lock, ImportLock::open(paths));
    if (::flock(lock.m_descriptor, LOCK_EX | LOCK_NB) != 0) return {};
    std::error_code error;
    std::vector<fs::path> unfinished;
    for (fs::directory_iterator entry(paths.models(), error), end; !error && entry != end;
         entry.increment(error)) {
        if (isUnfinished(entry->path().filename().string())) unfinished.push_back(entry->path());
    }
    for (const fs::path& path : unfinished) {
        fs::remove_all(path, error);
        if (error) return std::unexpected(systemError("remove", path, error.value()));
    }
    return {};
}

}  // namespace glowworm
