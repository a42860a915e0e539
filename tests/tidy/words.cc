// SPDX-License-Identifier: Apache-2.0
#include <format>
#include <regex>

#include "tests/tidy/checks.h"

namespace glowworm::tidy {
namespace {

struct Rule {
    std::regex pattern;
    const char* why;
};

void find(const File& file, const std::string& text, const std::vector<Rule>& rules,
          std::vector<Offence>& offences) {
    const std::vector<std::string_view> lines = linesOf(text);
    for (std::size_t i = 0; i < lines.size(); ++i) {
        for (const Rule& rule : rules) {
            std::cmatch match;
            if (std::regex_search(lines[i].begin(), lines[i].end(), match, rule.pattern))
                offences.push_back({file.path, static_cast<int>(i) + 1,
                                    std::format("'{}': {}", match.str(), rule.why)});
        }
    }
}

const std::vector<Rule>& coreRules() {
    static const std::vector<Rule> kRules = {
        {std::regex(R"(\bf?printf\s*\(|\bputs\s*\(|\bstd::print(ln)?\b|\bstd::(cout|cerr|clog)\b)"),
         "core does not print"},
        {std::regex(R"(\b(get|set|put|secure_get)env\s*\()"), "core reads no environment"},
        {std::regex(R"(\b[iI]nstance\s*\()"), "no singletons"},
        {std::regex(R"(\bsqlite3_)"), "no SQL in core"},
    };
    return kRules;
}

// In comments as well as in code.
const std::vector<Rule>& anywhereRules() {
    static const std::vector<Rule> kRules = {
        {std::regex(R"(\b(TO)" R"(DO|FIX)" R"(ME|XX)" R"(X|HA)" R"(CK)\b)"),
         "finish it or write an issue"},
        {std::regex(R"(^\s*#\s*if\s+0\b)"), "delete code that is not used"},
        {std::regex(R"(^\s*//\s*[A-Za-z_][\w:.>\-]*\(.*\);\s*$)"), "delete commented-out code"},
        {std::regex(R"(^\s*//\s*(auto|const|int|return)\b.*[=(].*;\s*$)"),
         "delete commented-out code"},
    };
    return kRules;
}

}  // namespace

std::vector<Offence> checkWords(const File& file) {
    std::vector<Offence> offences;
    const std::string kind = file.kind();
    if (file.isCpp() && file.path.starts_with("core/"))
        find(file, codeOf(file.text), coreRules(), offences);
    if (file.isCpp() || kind == "qml")
        find(file, codeOf(file.text, true), anywhereRules(), offences);
    if (kind == "sh" || kind == "py" || kind == "cmake")
        find(file, file.text, {anywhereRules().front()}, offences);
    if (kind == "qml") {
        const std::vector<Rule> rules = {{std::regex(R"(\bproperty var\b(?!.*//))"),
                                          "give it a type, or say why not in a comment beside it"}};
        find(file, file.text, rules, offences);
    }
    return offences;
}

}  // namespace glowworm::tidy
