// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <format>
#include <set>

#include "tests/tidy/checks.h"

namespace glowworm::tidy {
namespace {

constexpr int kDeclarativeColumnsMax = 120;

bool isSource(const File& file) {
    static const std::set<std::string> kKinds = {"cc", "cpp", "h", "qml", "py", "sh", "cmake"};
    return kKinds.contains(file.kind());
}

int columns(std::string_view line) {
    // A character of UTF-8 counts once: continuation bytes do not start one.
    return static_cast<int>(
        std::ranges::count_if(line, [](char c) { return (c & 0xC0) != 0x80; }));
}

}  // namespace

std::vector<Offence> checkForm(const File& file) {
    std::vector<Offence> offences;
    if (!isSource(file)) return offences;
    const std::vector<std::string_view> lines = linesOf(file.text);
    const std::size_t licence = !lines.empty() && lines[0].starts_with("#!") ? 1 : 0;
    if (lines.size() <= licence || !lines[licence].contains("SPDX-License-Identifier: Apache-2.0"))
        offences.push_back({file.path, 1, "the first line is not the SPDX licence line"});
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const int count = columns(lines[i]);
        const int line = static_cast<int>(i) + 1;
        // Declarative lines nest deep and break badly; a sentence for people stays in one piece.
        const bool declarative = file.kind() == "qml" || file.kind() == "cmake";
        const bool sentence = file.kind() == "qml" && lines[i].contains("qsTr(");
        if (count > (declarative ? kDeclarativeColumnsMax : kColumnsMax) && !sentence)
            offences.push_back({file.path, line, std::format("{} columns wide", count)});
        if (lines[i].ends_with(' ') || lines[i].ends_with('\r'))
            offences.push_back({file.path, line, "ends with a space"});
    }
    if (static_cast<int>(lines.size()) > kFileLinesMax)
        offences.push_back({file.path, 0, std::format("{} lines long", lines.size())});
    // Highway's -inl.h files are included once for each target, behind guards of their own.
    const bool repeats = file.path.ends_with("-inl.h");
    if (file.kind() == "h" && !repeats && std::ranges::find(lines, "#pragma once") == lines.end())
        offences.push_back({file.path, 0, "a header without #pragma once"});
    return offences;
}

std::vector<Offence> checkSizes(const std::vector<File>& tree) {
    std::vector<Offence> offences;
    std::uintmax_t all = 0;
    for (const File& file : tree) {
        all += file.bytes;
        if (file.bytes > kFileBytesMax)
            offences.push_back({file.path, 0, std::format("{} bytes", file.bytes)});
    }
    if (all > kTreeBytesMax) offences.push_back({".", 0, std::format("{} bytes in all", all)});
    return offences;
}

}  // namespace glowworm::tidy
