// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cctype>
#include <filesystem>
#include <set>

#include "tests/tidy/checks.h"

namespace glowworm::tidy {
namespace {

namespace fs = std::filesystem;

// Whether `by` includes `header`, by its path or (as Qt does it) its bare name.
bool includes(const File& by, const File& header) {
    const std::string name = fs::path(header.path).filename().string();
    return std::ranges::any_of(linesOf(by.text), [&](std::string_view line) {
        return line.starts_with("#include") &&
               (line.contains("\"" + header.path + "\"") || line.contains("\"" + name + "\""));
    });
}

bool isOwnSource(const File& file, const File& header) {
    return file.kind() != "h" && file.stem() == header.stem() &&
           fs::path(file.path).parent_path() == fs::path(header.path).parent_path();
}

bool names(const File& by, const std::string& type) {
    std::size_t at = 0;
    const auto word = [&](std::size_t i) {
        return i < by.text.size() && (std::isalnum(static_cast<unsigned char>(by.text[i])) != 0 ||
                                      by.text[i] == '_');
    };
    while ((at = by.text.find(type, at)) != std::string::npos) {
        if ((at == 0 || !word(at - 1)) && !word(at + type.size())) return true;
        at += type.size();
    }
    return false;
}

// The folder X of PREFIX/X/...; "" for other paths.
std::string folderIn(const std::string& prefix, const std::string& path) {
    if (!path.starts_with(prefix)) return {};
    const std::size_t slash = path.find('/', prefix.size());
    return slash == std::string::npos ? "" : path.substr(prefix.size(), slash - prefix.size());
}

}  // namespace

std::vector<Offence> checkDeadFiles(const std::vector<File>& tree) {
    std::vector<Offence> offences;
    for (const File& file : tree) {
        const bool ours = file.path.starts_with("core/") || file.path.starts_with("app/");
        if (ours && file.kind() == "h") {
            if (file.text.contains("QML_ELEMENT")) continue;  // QML knows it by its type
            const bool alive = std::ranges::any_of(tree, [&](const File& by) {
                return by.isCpp() && &by != &file && !isOwnSource(by, file) && includes(by, file);
            });
            if (!alive) offences.push_back({file.path, 0, "nobody includes this header"});
        } else if (file.path.starts_with("qml/") && file.kind() == "qml") {
            const bool alive = std::ranges::any_of(tree, [&](const File& by) {
                return &by != &file && (by.kind() == "qml" || by.isCpp()) && names(by, file.stem());
            });
            if (!alive) offences.push_back({file.path, 0, "nobody names this QML type"});
        }
    }
    return offences;
}

std::vector<Offence> checkMirror(const std::vector<File>& tree) {
    std::set<std::string> sources;
    std::set<std::string> tests;
    std::vector<Offence> offences;
    for (const File& file : tree) {
        if (file.kind() == "cc") sources.insert(folderIn("core/", file.path));
        if (file.isCpp()) tests.insert(folderIn("tests/core/", file.path));
    }
    sources.erase("");
    tests.erase("");
    for (const std::string& folder : tests) {
        const auto in_core = [&](const File& f) { return folderIn("core/", f.path) == folder; };
        if (std::ranges::none_of(tree, in_core))
            offences.push_back({"tests/core/" + folder, 0, "core has no such folder"});
    }
    for (const std::string& folder : sources) {
        if (!tests.contains(folder))
            offences.push_back({"core/" + folder, 0, "no tests in tests/core/" + folder});
    }
    return offences;
}

}  // namespace glowworm::tidy
