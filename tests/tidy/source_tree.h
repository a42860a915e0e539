// SPDX-License-Identifier: Apache-2.0
// The files of the repository as the tidy checks see them: those that git tracks or would track,
// or, where there is no git, every file that is not a build's.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace glowworm::tidy {

// One file: its path from the root of the repository with '/', and its whole text.
// `text` is empty for files that are not source; `bytes` is right for all.
struct File {
    std::string path;
    std::string text;
    std::uintmax_t bytes = 0;

    // "cc", "qml", ..., "cmake" for CMakeLists.txt, "sh" or "py" by the first line; "" otherwise.
    [[nodiscard]] std::string kind() const;
    [[nodiscard]] bool isCpp() const;
    // The file's name without folder and extension.
    [[nodiscard]] std::string stem() const;
};

// A broken rule. `line` counts from 1; 0 means the file as a whole.
struct Offence {
    std::string path;
    int line = 0;
    std::string what;

    friend bool operator==(const Offence&, const Offence&) = default;
};

[[nodiscard]] std::vector<File> readTree(const std::filesystem::path& root);

// The lines of a text without their line ends.
[[nodiscard]] std::vector<std::string_view> linesOf(std::string_view text);

// "path:line: what", one a line, for the failure message.
[[nodiscard]] std::string describe(const std::vector<Offence>& offences);

// C++ or QML text with comments and the insides of literals blanked; lines stay where they were.
// With `keep_comments`, only literals are blanked.
[[nodiscard]] std::string codeOf(std::string_view text, bool keep_comments = false);

}  // namespace glowworm::tidy
