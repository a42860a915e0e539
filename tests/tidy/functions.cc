// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cctype>
#include <format>

#include "tests/tidy/checks.h"

namespace glowworm::tidy {
namespace {

struct Span {
    int first = 0;
    int last = 0;
};

std::string firstWord(std::string_view text) {
    const std::size_t from = text.find_first_not_of(" \t\n");
    if (from == std::string_view::npos) return {};
    std::size_t to = from;
    while (to < text.size() && (std::isalpha(static_cast<unsigned char>(text[to])) != 0)) ++to;
    return std::string(text.substr(from, to - from));
}

// Whether the brace that follows `statement` opens a function's body.
bool opensFunction(std::string_view statement, bool qml) {
    static constexpr std::array kControl = {"if",    "for",   "while", "switch", "catch",
                                            "else",  "do",    "try",   "class",  "struct",
                                            "union", "enum",  "namespace"};
    if (std::ranges::find(kControl, firstWord(statement)) != kControl.end()) return false;
    if (qml) {
        const std::size_t line = statement.rfind('\n');
        const std::string_view last = line == std::string_view::npos ? statement
                                                                     : statement.substr(line + 1);
        return last.contains("function ") || last.contains("=>");
    }
    return statement.contains(')');
}

// Walks the braces of C++ or QML code and collects the outermost functions.
std::vector<Span> braceFunctions(const std::string& code, bool qml) {
    struct Open {
        std::string statement;
        int line;
        bool function;
    };
    std::vector<Span> spans;
    std::vector<Open> open;
    std::string statement;
    int line = 1;
    for (std::size_t i = 0; i < code.size(); ++i) {
        const char c = code[i];
        if (c == '\n') ++line;
        if (c == '#' && firstWord(statement).empty()) {  // a directive and its continuations
            while (i + 1 < code.size() && (code[i + 1] != '\n' || code[i] == '\\'))
                if (code[++i] == '\n') ++line;
        } else if (c == '{') {
            open.push_back({statement, line, opensFunction(statement, qml)});
            statement.clear();
        } else if (c == '}') {
            if (open.empty()) return spans;
            const Open closed = std::move(open.back());
            open.pop_back();
            const bool inside = std::ranges::any_of(open, &Open::function);
            const std::size_t next = code.find_first_not_of(" \t\n", i + 1);
            // An initialiser's braces are part of the statement that goes on after them.
            const bool goes_on =
                next != std::string::npos && std::string_view(",;){").contains(code[next]);
            if (closed.function && !inside) spans.push_back({closed.line, line});
            statement = goes_on ? closed.statement : std::string();
        } else if (c == ';') {
            statement.clear();
        } else {
            statement += c;
        }
    }
    return spans;
}

// `name() {` at the start of a line, to the brace that stands alone there.
std::vector<Span> shellFunctions(const std::vector<std::string_view>& lines) {
    std::vector<Span> spans;
    int first = 0;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const int line = static_cast<int>(i) + 1;
        if (lines[i].ends_with("() {") && !lines[i].starts_with(' ')) first = line;
        if (lines[i] == "}" && first != 0) spans.push_back({first, line}), first = 0;
    }
    return spans;
}

// A `def` and what is indented below it.
std::vector<Span> pythonFunctions(const std::vector<std::string_view>& lines) {
    std::vector<Span> spans;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const std::size_t indent = lines[i].find_first_not_of(' ');
        if (indent == std::string_view::npos) continue;
        if (!lines[i].substr(indent).starts_with("def ")) continue;
        std::size_t last = i;
        for (std::size_t j = i + 1; j < lines.size(); ++j) {
            const std::size_t here = lines[j].find_first_not_of(' ');
            if (here == std::string_view::npos) continue;
            if (here <= indent && !lines[j].substr(here).starts_with(')')) break;
            last = j;
        }
        spans.push_back({static_cast<int>(i) + 1, static_cast<int>(last) + 1});
    }
    return spans;
}

}  // namespace

std::vector<Offence> checkFunctions(const File& file) {
    std::vector<Span> spans;
    const std::string kind = file.kind();
    if (file.isCpp() || kind == "qml") spans = braceFunctions(codeOf(file.text), kind == "qml");
    else if (kind == "sh") spans = shellFunctions(linesOf(file.text));
    else if (kind == "py") spans = pythonFunctions(linesOf(file.text));
    std::vector<Offence> offences;
    for (const Span& span : spans) {
        const int count = span.last - span.first + 1;
        if (count > kFunctionLinesMax)
            offences.push_back(
                {file.path, span.first, std::format("a function of {} lines", count)});
    }
    return offences;
}

}  // namespace glowworm::tidy
