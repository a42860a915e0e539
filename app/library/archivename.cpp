// SPDX-License-Identifier: Apache-2.0
#include "app/library/archivename.h"

#include <algorithm>
#include <filesystem>

namespace glowworm {

namespace {
constexpr const char* kEndings[] = {".glowworm", ".tar.zst"};
}

bool isArchiveName(const std::string& path) {
    return std::ranges::any_of(kEndings, [&](const char* e) { return path.ends_with(e); });
}

std::string archiveBaseName(const std::string& path) {
    std::string name = std::filesystem::path(path).filename().string();
    for (const std::string ending : kEndings)
        if (name.ends_with(ending)) name.resize(name.size() - ending.size());
    return name;
}

}  // namespace glowworm
