// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <format>
#include <map>
#include <set>

#include "tests/tidy/checks.h"

namespace glowworm::tidy {
namespace {

using Names = std::set<std::string, std::less<>>;

// What each folder of core may include besides itself: everything to its left in the design.
const std::map<std::string, Names, std::less<>>& allowedInCore() {
    static const auto kAllowed = [] {
        std::map<std::string, Names, std::less<>> allowed{{"base", {}},
                                                          {"io", {"base"}},
                                                          {"kernels", {"base"}},
                                                          {"text", {"base"}}};
        Names left = {"base", "io", "kernels", "text"};
        for (const char* folder : {"bundle", "sparsity", "cache", "model", "decode", "engine",
                                   "train", "import"}) {
            allowed[folder] = left;
            left.insert(folder);
        }
        return allowed;
    }();
    return kAllowed;
}

// core's doors: all that app may see of it.
bool isDoor(std::string_view header) {
    static const Names kDoors = {"core/base/error.h",    "core/base/stats.h",
                                 "core/base/bytes.h",    "core/base/check.h",
                                 "core/base/controls.h", "core/base/ids.h",
                                 "core/import/importer.h", "core/import/synthetic_model.h",
                                 "core/train/calibration.h",
                                 "core/train/train_predictors.h"};
    return header.starts_with("core/engine/") || kDoors.contains(header);
}

// Libraries with one home: a header that begins so may be included only by files whose path begins
// so and contains one of the words.
struct Home {
    std::string header;
    std::string folder;
    std::vector<std::string> words;
};

const std::vector<Home>& homes() {
    static const std::vector<Home> kHomes = {
        {"liburing", "core/io/", {"uring"}},
        {"QSql", "app/chat/", {"store", "migration"}},
        {"QtSql", "app/chat/", {"store", "migration"}},
        {"sqlite3", "app/chat/", {"store", "migration"}},
        {"KArchive", "app/library/", {"archive"}},
        {"KTar", "app/library/", {"archive"}},
        {"KCompressionDevice", "app/library/", {"archive"}},
    };
    return kHomes;
}

// The folder of core/FOLDER/...; "" for other paths.
std::string coreFolder(std::string_view path) {
    if (!path.starts_with("core/")) return {};
    path.remove_prefix(5);
    const std::size_t slash = path.find('/');
    return slash == std::string_view::npos ? "" : std::string(path.substr(0, slash));
}

std::string wrongDirection(const File& file, std::string_view header, bool quoted) {
    const std::string from = coreFolder(file.path);
    const std::string to = coreFolder(header);
    if (!from.empty()) {
        if (!quoted && header.starts_with('Q')) return "no Qt in core";
        // Highway's headers are meant to be included with quotes.
        if (quoted && to.empty() && !header.starts_with("hwy/"))
            return "core includes only core, from the root of the repository";
        if (to.empty() || to == from) return {};
        const auto allowed = allowedInCore().find(from);
        if (allowed == allowedInCore().end()) return "the design knows no such folder of core";
        if (!allowed->second.contains(to)) return "includes point left, never sideways or right";
    }
    if (file.path.starts_with("app/") && !to.empty() && !isDoor(header))
        return "app sees of core only its doors";
    if (file.path.starts_with("app/") && header.starts_with("tests/"))
        return "the product includes no tests";
    return {};
}

std::string wrongHome(const File& file, std::string_view header) {
    if (file.path.starts_with("tests/")) return {};
    for (const Home& home : homes()) {
        if (!header.starts_with(home.header)) continue;
        const bool at_home = file.path.starts_with(home.folder) &&
            std::ranges::any_of(home.words, [&](const std::string& word) {
                return file.path.find(word, home.folder.size()) != std::string::npos;
            });
        if (!at_home) return std::format("belongs only in {}*{}*", home.folder, home.words[0]);
    }
    return {};
}

}  // namespace

std::vector<Offence> checkIncludes(const File& file) {
    std::vector<Offence> offences;
    if (!file.isCpp()) return offences;
    const std::vector<std::string_view> lines = linesOf(file.text);
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (!lines[i].starts_with("#include ")) continue;
        const std::size_t from = lines[i].find_first_of("\"<");
        if (from == std::string_view::npos) continue;
        const std::size_t to = lines[i].find_first_of("\">", from + 1);
        const std::string_view header = lines[i].substr(from + 1, to - from - 1);
        for (const std::string& why :
             {wrongDirection(file, header, lines[i][from] == '"'), wrongHome(file, header)}) {
            if (!why.empty())
                offences.push_back({file.path, static_cast<int>(i) + 1,
                                    std::format("includes {}: {}", header, why)});
        }
    }
    return offences;
}

}  // namespace glowworm::tidy
