// SPDX-License-Identifier: Apache-2.0
#include "core/text/pre_tokenizer.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "core/base/check.h"
#include "core/text/pre_tokenizer_rules.h"
#include "core/text/utf8.h"

namespace glowworm {
namespace {

constexpr uint32_t kMatchLimit = 10'000'000;  // steps of one match, should a pattern go astray

struct FreeCode {
    void operator()(pcre2_code* code) const { pcre2_code_free(code); }
};
struct FreeMatchData {
    void operator()(pcre2_match_data* data) const { pcre2_match_data_free(data); }
};
struct FreeMatchContext {
    void operator()(pcre2_match_context* context) const { pcre2_match_context_free(context); }
};
using Code = std::unique_ptr<pcre2_code, FreeCode>;
using MatchData = std::unique_ptr<pcre2_match_data, FreeMatchData>;
using MatchContext = std::unique_ptr<pcre2_match_context, FreeMatchContext>;

// PCRE2's \s has one character more (U+180E) than the White_Space that tokenizers mean.
std::string withUnicodeSpaces(std::string_view pattern) {
    constexpr std::string_view kSpaces = R"(\t-\r\x{85}\p{Z})";
    std::string out;
    bool in_class = false;
    for (size_t i = 0; i < pattern.size(); ++i) {
        const std::string_view two = pattern.substr(i, 2);
        if (two == R"(\s)" || two == R"(\S)") {
            CHECK(!in_class || two == R"(\s)");
            if (!in_class) out += two == R"(\S)" ? "[^" : "[";
            out += kSpaces;
            if (!in_class) out += "]";
            ++i;
        } else if (two.size() == 2 && two[0] == '\\') {
            out += two;
            ++i;
        } else {
            in_class = pattern[i] == '[' || (in_class && pattern[i] != ']');
            out += pattern[i];
        }
    }
    return out;
}

Code compile(const PrePattern& rule) {
    const std::string pattern =
        rule.bytes ? std::string(rule.pattern) : withUnicodeSpaces(rule.pattern);
    int error = 0;
    PCRE2_SIZE offset = 0;
    Code code(pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern.data()), pattern.size(),
                            rule.bytes ? 0 : PCRE2_UTF | PCRE2_UCP, &error, &offset, nullptr));
    CHECK(code != nullptr);                             // the patterns are ours
    pcre2_jit_compile(code.get(), PCRE2_JIT_COMPLETE);  // without JIT it is only slower
    return code;
}

}  // namespace

struct PreTokenizer::Stage {
    explicit Stage(const PrePattern& rule)
        : code(compile(rule)), context(pcre2_match_context_create(nullptr)) {
        CHECK(context != nullptr);
        pcre2_set_match_limit(context.get(), kMatchLimit);
    }

    // The next match at or after `from`, never empty.
    std::optional<std::pair<size_t, size_t>> find(std::string_view text, size_t from,
                                                  pcre2_match_data* data) const {
        const auto* subject = reinterpret_cast<PCRE2_SPTR>(text.data());
        const uint32_t options = PCRE2_NO_UTF_CHECK | PCRE2_NOTEMPTY;
        int count =
            pcre2_match(code.get(), subject, text.size(), from, options, data, context.get());
        if (count == PCRE2_ERROR_JIT_STACKLIMIT) {
            count = pcre2_match(code.get(), subject, text.size(), from, options | PCRE2_NO_JIT,
                                data, context.get());
        }
        if (count < 0) return std::nullopt;
        const PCRE2_SIZE* found = pcre2_get_ovector_pointer(data);
        return std::pair(found[0], found[1]);
    }

    // Appends the matches in `text` and what lies between them.
    void split(std::string_view text, std::vector<std::string_view>& words) const {
        const MatchData data(pcre2_match_data_create(1, nullptr));
        CHECK(data != nullptr);
        size_t done = 0;
        while (done < text.size()) {
            const auto match = find(text, done, data.get());
            if (!match) break;
            if (match->first > done) words.push_back(text.substr(done, match->first - done));
            words.push_back(text.substr(match->first, match->second - match->first));
            done = match->second;
        }
        if (done < text.size()) words.push_back(text.substr(done));
    }

    Code code;
    MatchContext context;
};

Result<PreTokenizer> PreTokenizer::create(const std::string& rule) {
    for (const PreRule& known : preRules()) {
        if (std::ranges::find(known.names, rule) == known.names.end()) continue;
        PreTokenizer result;
        for (const PrePattern& pattern : known.patterns) {
            result.stages_.push_back(std::make_shared<const Stage>(pattern));
        }
        return result;
    }
    return fail(ErrorCode::kUnsupported,
                "the tokenizer's pre-tokenizer rule \"" + rule +
                    "\" is not one that this program knows; token ids would be wrong without it");
}

void PreTokenizer::split(std::string_view text, std::vector<std::string_view>& words) const {
    std::vector<std::string_view> before;
    std::vector<std::string_view> after;
    while (!text.empty()) {
        const size_t valid = validUtf8Prefix(text);
        if (valid == 0) {
            size_t bad = 0;
            while (bad < text.size() && validUtf8Prefix(text.substr(bad, 4)) == 0) {
                bad += firstUtf8Sequence(text.substr(bad)).length;
            }
            words.push_back(text.substr(0, bad));
            text.remove_prefix(bad);
            continue;
        }
        before.assign(1, text.substr(0, valid));
        for (const auto& stage : stages_) {
            after.clear();
            for (const std::string_view piece : before) stage->split(piece, after);
            std::swap(before, after);
        }
        words.insert(words.end(), before.begin(), before.end());
        text.remove_prefix(valid);
    }
}

std::string preRuleFromPattern(std::string_view pattern) {
    for (const PreRule& rule : preRules()) {
        if (rule.patterns.size() == 1 && rule.patterns[0].pattern == pattern) {
            return std::string(rule.names[0]);
        }
    }
    return "";
}

}  // namespace glowworm
