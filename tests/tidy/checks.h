// SPDX-License-Identifier: Apache-2.0
// The house rules, one function each: files in, offences out.
// They are heuristics on text, made to be silent about good code and to name the line of bad code.
#pragma once

#include <vector>

#include "tests/tidy/source_tree.h"

namespace glowworm::tidy {

inline constexpr int kColumnsMax = 100;
inline constexpr int kFileLinesMax = 600;
inline constexpr int kFunctionLinesMax = 70;
inline constexpr std::uintmax_t kFileBytesMax = 20'000'000;
inline constexpr std::uintmax_t kTreeBytesMax = 60'000'000;

// Form of one source file: licence line, columns, length, #pragma once.
[[nodiscard]] std::vector<Offence> checkForm(const File& file);

// No function of C++, QML, shell or Python is longer than kFunctionLinesMax from its opening to its
// closing line. A test case is a function.
[[nodiscard]] std::vector<Offence> checkFunctions(const File& file);

// Words that do not belong: printing, environment and singletons in core, notes to self and
// disabled code anywhere, `property var` in QML without a comment that says why.
[[nodiscard]] std::vector<Offence> checkWords(const File& file);

// Includes point left, never sideways or right; what has one home is included only there.
[[nodiscard]] std::vector<Offence> checkIncludes(const File& file);

// A header that nobody but its own source includes, a QML type that nobody names.
[[nodiscard]] std::vector<Offence> checkDeadFiles(const std::vector<File>& tree);

// Tests mirror the tree: every folder of tests/core is one of core, and every folder of core that
// has sources has its tests.
[[nodiscard]] std::vector<Offence> checkMirror(const std::vector<File>& tree);

// No file over kFileBytesMax, all of them together under kTreeBytesMax.
[[nodiscard]] std::vector<Offence> checkSizes(const std::vector<File>& tree);

}  // namespace glowworm::tidy
