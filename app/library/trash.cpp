// SPDX-License-Identifier: Apache-2.0
#include "app/library/trash.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <vector>

namespace glowworm {

namespace fs = std::filesystem;

namespace {

std::string trashOf(const DataPaths& paths) { return paths.root() + "/trash"; }
std::string declinedFile(const DataPaths& paths) { return paths.root() + "/starter/.declined"; }

Status renamed(const std::string& from, const std::string& to) {
    std::error_code error;
    fs::rename(from, to, error);
    if (error) return std::unexpected(systemError("move " + from + " to", to, error.value()));
    return {};
}

}  // namespace

Status moveToTrash(const DataPaths& paths, const std::string& name) {
    const std::string place = trashOf(paths) + '/' + name;
    std::error_code error;
    fs::create_directories(trashOf(paths), error);
    fs::remove_all(place, error);
    if (error) return std::unexpected(systemError("clear", place, error.value()));
    return renamed(paths.bundle(name), place);
}

Status restoreFromTrash(const DataPaths& paths, const std::string& name) {
    std::error_code error;
    if (fs::exists(paths.bundle(name), error))
        return fail(ErrorCode::kInvalidArgument,
                    "there is a model \"" + name + "\" again; remove that one first");
    return renamed(trashOf(paths) + '/' + name, paths.bundle(name));
}

Status emptyTrash(const DataPaths& paths, const StopFlag& stop) {
    std::error_code error;
    std::vector<fs::path> files;
    for (fs::recursive_directory_iterator entry(trashOf(paths), error), end;
         !error && entry != end; entry.increment(error))
        files.push_back(entry->path());
    if (error && error != std::errc::no_such_file_or_directory)
        return std::unexpected(systemError("read", trashOf(paths), error.value()));
    std::ranges::reverse(files);  // a folder after what is in it
    for (const fs::path& file : files) {
        if (stop.requested()) return fail(ErrorCode::kCancelled, "stopped");
        fs::remove(file, error);
        if (error) return std::unexpected(systemError("remove", file, error.value()));
    }
    return {};
}

bool starterDeclined(const DataPaths& paths) {
    std::error_code error;
    return fs::exists(declinedFile(paths), error);
}

Status setStarterDeclined(const DataPaths& paths, bool declined) {
    std::error_code error;
    if (!declined) {
        fs::remove(declinedFile(paths), error);
        return {};
    }
    if (paths.starterFile().empty()) return {};
    if (!std::ofstream(declinedFile(paths)))
        return fail(ErrorCode::kIo, "cannot write " + declinedFile(paths));
    return {};
}

}  // namespace glowworm
