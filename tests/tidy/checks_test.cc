// SPDX-License-Identifier: Apache-2.0
// Each check against text with a planted fault, and against good text that looks like one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/tidy/checks.h"

namespace glowworm::tidy {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

File file(std::string path, std::string text) {
    const std::uintmax_t bytes = text.size();
    return {std::move(path), std::move(text), bytes};
}

// The lines at which offences were found.
std::vector<int> linesFound(const std::vector<Offence>& offences) {
    std::vector<int> lines;
    for (const Offence& offence : offences) lines.push_back(offence.line);
    return lines;
}

std::vector<std::string> pathsFound(const std::vector<Offence>& offences) {
    std::vector<std::string> paths;
    for (const Offence& offence : offences) paths.push_back(offence.path);
    return paths;
}

const std::string kLicence = "// SPDX-License-Identifier: Apache-2.0\n";

std::string repeated(const std::string& line, int count) {
    std::string text;
    for (int i = 0; i < count; ++i) text += line;
    return text;
}

TEST(CheckForm, AcceptsGoodFiles) {
    EXPECT_THAT(checkForm(file("core/a.h", kLicence + "#pragma once\n")), IsEmpty());
    const std::string script = "#!/bin/bash\n# SPDX-License-Identifier: Apache-2.0\n";
    EXPECT_THAT(checkForm(file("packaging/x", script)), IsEmpty());
    EXPECT_THAT(checkForm(file("core/a-inl.h", kLicence)), IsEmpty());
    const std::string sentence = "    text: qsTr(\"" + std::string(100, 'x') + "\")\n";
    EXPECT_THAT(checkForm(file("qml/A.qml", kLicence + sentence)), IsEmpty());
    EXPECT_THAT(checkForm(file("README.md", repeated("long ", 100))), IsEmpty());
    const std::string hundred_umlauts = "// " + repeated("ü", 97) + "\n";
    EXPECT_THAT(checkForm(file("core/a.cc", kLicence + hundred_umlauts)), IsEmpty());
}

TEST(CheckForm, FindsEachFault) {
    EXPECT_THAT(linesFound(checkForm(file("core/a.cc", "int a;\n"))), ElementsAre(1));
    EXPECT_THAT(linesFound(checkForm(file("core/a.cc", ""))), ElementsAre(1));
    EXPECT_THAT(linesFound(checkForm(file("core/a.cc", kLicence + std::string(101, 'x') + "\n"))),
                ElementsAre(2));
    EXPECT_THAT(linesFound(checkForm(file("qml/A.qml", kLicence + "Item {} \n"))), ElementsAre(2));
    EXPECT_THAT(linesFound(checkForm(file("core/a.h", kLicence + "int a;\n"))), ElementsAre(0));
    EXPECT_THAT(linesFound(checkForm(file("app/a.cpp", kLicence + repeated("\n", 600)))),
                ElementsAre(0));
}

TEST(CheckFunctions, CountsFromBraceToBrace) {
    const auto function = [](int body) {
        return "namespace a {\nint f(int x) {\n" + repeated("x += '{';\n", body) + "}\n}\n";
    };
    EXPECT_THAT(checkFunctions(file("core/a.cc", function(68))), IsEmpty());
    EXPECT_THAT(linesFound(checkFunctions(file("core/a.cc", function(69)))), ElementsAre(2));
}

TEST(CheckFunctions, KnowsWhatIsAFunction) {
    const std::string body = repeated("  x();\n", 80);
    const auto found = [](const std::string& text) {
        return linesFound(checkFunctions(file("app/a.cpp", text)));
    };
    EXPECT_THAT(found("class A {\n" + body + "};\n"), IsEmpty());
    EXPECT_THAT(found("const int kTable[] = {\n" + repeated(" 1,\n", 90) + "};\n"), IsEmpty());
    EXPECT_THAT(found("A::A() : a_(1), b_{2} {\n" + body + "}\n"), ElementsAre(1));
    EXPECT_THAT(found("#define M(x) { x\nvoid f() {\n  if (a) {\n" + body + "  }\n}\n"),
                ElementsAre(2));
    EXPECT_THAT(found("TEST(A, B) {\n" + body + "}\n"), ElementsAre(1));
    EXPECT_THAT(found("void f() {\n // }\n const char* s = R\"(}})\";\n" + body + "}\n"),
                ElementsAre(1));
}

TEST(CheckFunctions, ReadsTheOtherLanguages) {
    const std::string qml =
        "Item {\n text: qsTr(\"a\")\n Item {\n" + repeated(" x: 1\n", 80) + " }\n}\n";
    EXPECT_THAT(checkFunctions(file("qml/A.qml", qml)), IsEmpty());
    const std::string script = "Item {\n function f() {\n" + repeated(" x()\n", 80) + " }\n}\n";
    EXPECT_THAT(linesFound(checkFunctions(file("qml/A.qml", script))), ElementsAre(2));
    EXPECT_THAT(linesFound(checkFunctions(
                    file("packaging/a.sh", "f() {\n" + repeated("    x\n", 80) + "}\n"))),
                ElementsAre(1));
    EXPECT_THAT(linesFound(checkFunctions(file(
                    "tests/a.py", "x = 1\ndef f(\n):\n" + repeated("    x\n\n", 40) + "y = 2\n"))),
                ElementsAre(2));
}

TEST(CheckWords, FindsThemInCoreOnly) {
    const std::string bad = "printf(\"a\");\nstd::cout << 1;\ngetenv(\"A\");\nA::instance().f();\n";
    EXPECT_THAT(linesFound(checkWords(file("core/a.cc", bad))), ElementsAre(1, 2, 3, 4));
    EXPECT_THAT(checkWords(file("tests/bench/a.cc", bad)), IsEmpty());
    EXPECT_THAT(checkWords(file("core/a.cc", "snprintf(b, 9, \"printf(\");  // getenv( no\n")),
                IsEmpty());
}

TEST(CheckWords, FindsNotesToSelfAndDisabledCode) {
    const std::string note = "TO" + std::string("DO");
    EXPECT_THAT(linesFound(checkWords(file("app/a.cpp", "int a;  // " + note + " more\n"))),
                ElementsAre(1));
    EXPECT_THAT(linesFound(checkWords(file("packaging/a.sh", "# " + note + "\n"))), ElementsAre(1));
    EXPECT_THAT(linesFound(checkWords(file("core/a.cc", "#if 0\n// call(a, b);\n// int x = 3;\n"))),
                ElementsAre(1, 2, 3));
    EXPECT_THAT(checkWords(file("core/a.cc", "// x = y * z, as f(x) has it; see (3).\n")),
                IsEmpty());
}

TEST(CheckWords, WantsTypedQmlProperties) {
    const std::string text = "property var a\nproperty var b // a list of maps from C++\n";
    EXPECT_THAT(linesFound(checkWords(file("qml/A.qml", text))), ElementsAre(1));
}

TEST(CheckIncludes, PointLeft) {
    const auto found = [](const char* path, const std::string& header) {
        return linesFound(checkIncludes(file(path, "\n#include " + header + "\n")));
    };
    EXPECT_THAT(found("core/cache/a.cc", "\"core/bundle/manifest.h\""), IsEmpty());
    EXPECT_THAT(found("core/import/a.cc", "\"core/train/calibration.h\""), IsEmpty());
    EXPECT_THAT(found("core/kernels/a.cc", "\"hwy/highway.h\""), IsEmpty());
    EXPECT_THAT(found("core/io/a.cc", "\"core/kernels/dtype.h\""), ElementsAre(2));  // sideways
    EXPECT_THAT(found("core/model/a.cc", "\"core/engine/session.h\""), ElementsAre(2));
    EXPECT_THAT(found("core/engine/a.cc", "\"core/import/importer.h\""), ElementsAre(2));
    EXPECT_THAT(found("core/model/a.cc", "\"config.h\""), ElementsAre(2));
    EXPECT_THAT(found("core/base/a.cc", "<QString>"), ElementsAre(2));
    EXPECT_THAT(found("core/base/a.cc", "\"app/chat/store.h\""), ElementsAre(2));
    EXPECT_THAT(found("core/rooms/a.cc", "\"core/base/error.h\""), ElementsAre(2));
    EXPECT_THAT(found("app/a.cpp", "\"core/engine/session.h\""), IsEmpty());
    EXPECT_THAT(found("app/a.cpp", "\"core/base/error.h\""), IsEmpty());
    EXPECT_THAT(found("app/a.cpp", "\"core/bundle/manifest.h\""), ElementsAre(2));
    EXPECT_THAT(found("app/a.cpp", "\"tests/support/temp_dir.h\""), ElementsAre(2));
    EXPECT_THAT(found("tests/core/io/a.cc", "\"core/kernels/dtype.h\""), IsEmpty());
}

TEST(CheckIncludes, KnowHomes) {
    const auto found = [](const char* path, const std::string& header) {
        return linesFound(checkIncludes(file(path, "#include <" + header + ">\n")));
    };
    EXPECT_THAT(found("core/io/uring_reader.cc", "liburing.h"), IsEmpty());
    EXPECT_THAT(found("core/io/pread_reader.cc", "liburing.h"), ElementsAre(1));
    EXPECT_THAT(found("app/chat/chatstore.cpp", "QSqlQuery"), IsEmpty());
    EXPECT_THAT(found("app/chat/chatsession.cpp", "QSqlQuery"), ElementsAre(1));
    EXPECT_THAT(found("app/library/bundlearchive.cpp", "KTar"), IsEmpty());
    EXPECT_THAT(found("app/library/modellibrary.cpp", "KTar"), ElementsAre(1));
}

TEST(CheckDeadFiles, FindsWhatNobodyUses) {
    const std::vector<File> tree = {
        file("core/a/used.h", ""), file("core/a/used.cc", "#include \"core/a/used.h\"\n"),
        file("core/a/dead.h", ""), file("core/a/dead.cc", "#include \"core/a/dead.h\"\n"),
        file("core/b/user.cc", "#include \"core/a/used.h\"\n"),
        file("app/bare.h", ""), file("app/plot.h", "QML_ELEMENT\n"),
        file("app/main.cpp", "#include \"bare.h\"\nload(\"Main\");\n"),
        file("qml/Main.qml", "Page { ChatPage {} }"), file("qml/ChatPage.qml", "Item {}"),
        file("qml/Chat.qml", "Item {}")};
    EXPECT_THAT(pathsFound(checkDeadFiles(tree)), ElementsAre("core/a/dead.h", "qml/Chat.qml"));
}

TEST(CheckMirror, FindsBothSides) {
    const std::vector<File> tree = {
        file("core/io/a.cc", ""), file("tests/core/io/a_test.cc", ""), file("core/text/b.cc", ""),
        file("tests/core/disk/c_test.cc", "")};
    EXPECT_THAT(pathsFound(checkMirror(tree)), ElementsAre("tests/core/disk", "core/text"));
}

TEST(CheckSizes, FindsTheFileAndTheTree) {
    std::vector<File> tree = {{"tests/golden/a.bin", "", kFileBytesMax}};
    EXPECT_THAT(checkSizes(tree), IsEmpty());
    tree.push_back({"b.bin", "", kFileBytesMax + 1});
    EXPECT_THAT(pathsFound(checkSizes(tree)), ElementsAre("b.bin"));
    tree.push_back({"c.bin", "", kFileBytesMax});
    EXPECT_THAT(pathsFound(checkSizes(tree)), ElementsAre("b.bin", "."));
}

TEST(CodeOf, BlanksCommentsAndLiterals) {
    EXPECT_EQ(codeOf("a 1'000 'x' \"//\" // \"c\"\nb"), "a 1'000 ' ' \"  \"       \nb");
    EXPECT_EQ(codeOf("a \"s\" /* b */ c", true), "a \" \" /* b */ c");
}

}  // namespace
}  // namespace glowworm::tidy
