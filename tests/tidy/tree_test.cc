// SPDX-License-Identifier: Apache-2.0
// The source tree as it is, against every rule.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/tidy/checks.h"

namespace glowworm::tidy {
namespace {

const std::vector<File>& tree() {
    static const std::vector<File> kTree = readTree(SOURCE_DIR);
    return kTree;
}

// Every offence of `check` in every file, in the failure message.
void expectClean(std::vector<Offence> (*check)(const File&)) {
    std::vector<Offence> all;
    for (const File& file : tree()) {
        const std::vector<Offence> found = check(file);
        all.insert(all.end(), found.begin(), found.end());
    }
    EXPECT_TRUE(all.empty()) << describe(all);
}

TEST(SourceTree, IsRead) {
    EXPECT_GT(tree().size(), 50U);
    EXPECT_TRUE(std::ranges::any_of(tree(), [](const File& f) { return f.path == "LICENSE"; }));
}

TEST(SourceTree, HasItsForm) { expectClean(checkForm); }
TEST(SourceTree, HasShortFunctions) { expectClean(checkFunctions); }
TEST(SourceTree, HasNoBannedWords) { expectClean(checkWords); }
TEST(SourceTree, IncludesPointLeft) { expectClean(checkIncludes); }

TEST(SourceTree, HasNoDeadFiles) {
    const std::vector<Offence> offences = checkDeadFiles(tree());
    EXPECT_TRUE(offences.empty()) << describe(offences);
}

TEST(SourceTree, TestsMirrorIt) {
    const std::vector<Offence> offences = checkMirror(tree());
    EXPECT_TRUE(offences.empty()) << describe(offences);
}

TEST(SourceTree, IsSmall) {
    const std::vector<Offence> offences = checkSizes(tree());
    EXPECT_TRUE(offences.empty()) << describe(offences);
}

}  // namespace
}  // namespace glowworm::tidy
