// SPDX-License-Identifier: Apache-2.0
#include "app/library/datapaths.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>

namespace glowworm {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kPartial = ".partial";
constexpr size_t kNameBytesMax = 200;  // a file name may have 255, and suffixes are added

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? std::string() : std::string(value);
}

}  // namespace

DataPaths DataPaths::choose(const std::string& dataDir) {
    if (!dataDir.empty()) return DataPaths(dataDir);
    // The XDG specification wants relative paths ignored.
    const std::string xdg = environment("XDG_DATA_HOME");
    if (xdg.starts_with('/')) return DataPaths(xdg + "/glowworm");
    return DataPaths(environment("HOME") + "/.local/share/glowworm");
}

std::string DataPaths::starterFile() const {
    std::error_code error;
    std::vector<std::string> files;
    for (fs::directory_iterator entry(m_root + "/starter", error), end; !error && entry != end;
         entry.increment(error)) {
        const fs::path& path = entry->path();
        if (path.extension() == ".gguf" && !path.filename().string().starts_with('.')) {
            files.push_back(path.string());
        }
    }
    return files.empty() ? "" : *std::ranges::min_element(files);
}

Result<std::vector<std::string>> DataPaths::installed() const {
    std::vector<std::string> names;
    std::error_code error;
    fs::directory_iterator entry(models(), error);
    if (error == std::errc::no_such_file_or_directory) return names;
    for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
        const std::string name = entry->path().filename().string();
        if (isInstalled(name)) names.push_back(name);
    }
    if (error) return std::unexpected(systemError("read", models(), error.value()));
    std::ranges::sort(names);
    return names;
}

bool DataPaths::isInstalled(const std::string& name) const {
    const bool plain = !name.empty() && !name.starts_with('.') && !name.contains('/');
    return plain && !name.ends_with(kPartial) && isBundle(bundle(name));
}

bool isBundle(const std::string& path) {
    std::error_code error;
    return fs::is_regular_file(path + "/manifest.json", error);
}

Status checkModelName(std::string_view name) {
    std::string why;
    if (name.empty())
        why = "is empty";
    else if (name.size() > kNameBytesMax)
        why = "is too long";
    else if (name.starts_with('.') || name.starts_with('-'))
        why = "begins with a dot or a dash";
    else if (name.contains('/'))
        why = "has a slash in it";
    else if (name.starts_with(' ') || name.ends_with(' '))
        why = "has a space at an end";
    else if (name.ends_with(kPartial))
        why = "ends in .partial, which marks an unfinished import";
    else if (name == "starter")
        why = "is kept for the starter model";
    else if (std::ranges::any_of(name, [](char c) { return static_cast<unsigned char>(c) < 0x20; }))
        why = "has a control character in it";
    if (why.empty()) return {};
    return fail(ErrorCode::kInvalidArgument,
                "the model name \"" + std::string(name) + "\" " + why + "; choose another");
}

}  // namespace glowworm
