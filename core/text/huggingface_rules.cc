// SPDX-License-Identifier: Apache-2.0
#include "core/text/huggingface_rules.h"

#include <algorithm>

#include "core/text/pre_tokenizer.h"

namespace glowworm {
namespace {

constexpr std::string_view kSpace = "\xE2\x96\x81";  // ▁

std::string typeOf(const Json& step) { return stringOr(step, "type", "?"); }

// The steps of a Sequence, or the one step itself; none for null.
std::vector<Json> steps(const Json& json, const char* list) {
    if (json.is_null()) return {};
    if (typeOf(json) != "Sequence") return {json};
    const Json& array = member(json, list);
    return array.is_array() ? std::vector<Json>(array.begin(), array.end()) : std::vector<Json>();
}

std::unexpected<Error> unknown(const std::string& what, const Json& json, const std::string& path) {
    std::string text = json.dump(-1, ' ', false, Json::error_handler_t::replace);
    if (text.size() > 200) text = text.substr(0, 200) + "...";
    return fail(ErrorCode::kUnsupported,
                path + ": its " + what + " is of a kind that this program does not know: " + text);
}

std::string patternOf(const Json& step, const char* kind) {
    return stringOr(member(step, "pattern"), kind, "");
}

bool isSplit(const Json& step) {
    const std::string behavior = stringOr(step, "behavior", "");
    const bool invert = boolOr(step, "invert", false);
    // Our patterns match all of a text, so keeping the matches and dropping the gaps is the same.
    return typeOf(step) == "Split" &&
           ((behavior == "Isolated" && !invert) || (behavior == "Removed" && invert));
}

// The rule's name for steps that end in bytes, "" where they are none of ours.
std::string ruleOf(const std::vector<Json>& list) {
    if (list.size() == 1 && typeOf(list[0]) == "ByteLevel" && boolOr(list[0], "use_regex", true)) {
        return "gpt-2";
    }
    if (list.size() == 4) {
        const bool falcon = typeOf(list[0]) == "Punctuation" && typeOf(list[1]) == "ByteLevel" &&
                            stringOr(list[0], "behavior", "Contiguous") == "Contiguous" &&
                            boolOr(list[1], "use_regex", true) && typeOf(list[2]) == "Digits" &&
                            !boolOr(list[2], "individual_digits", false) && isSplit(list[3]) &&
                            patternOf(list[3], "Regex") == "[0-9][0-9][0-9]";
        return falcon ? "falcon" : "";
    }
    if (list.size() != 2 || typeOf(list[1]) != "ByteLevel") return "";
    const bool words = boolOr(list[1], "use_regex", true);
    if (typeOf(list[0]) == "Digits" && words && boolOr(list[0], "individual_digits", false)) {
        return "smollm";
    }
    return isSplit(list[0]) && !words ? preRuleFromPattern(patternOf(list[0], "Regex")) : "";
}

Status readMetaspace(const Json& step, TokenizerData& data, const Json& whole,
                     const std::string& path) {
    const std::string otherwise = boolOr(step, "add_prefix_space", true) ? "always" : "never";
    const std::string scheme = stringOr(step, "prepend_scheme", otherwise);
    const bool known = scheme == "always" || scheme == "first" || scheme == "never";
    if (boolOr(step, "split", true) || stringOr(step, "replacement", kSpace) != kSpace || !known) {
        return unknown("pre-tokenizer", whole, path);
    }
    data.add_space_prefix = scheme != "never";
    data.prefix_first_only = scheme == "first";
    data.prefix_unless_space = true;
    return {};
}

}  // namespace

Status readNormalizer(const Json& normalizer, TokenizerData& data, const std::string& path) {
    const bool characters = data.kind == TokenizerKind::kSentencePieceBpe;
    for (const Json& step : steps(normalizer, "normalizers")) {
        if (typeOf(step) == "NFC") {
            data.normalize_nfc = true;
        } else if (characters && typeOf(step) == "Prepend" &&
                   stringOr(step, "prepend", "") == kSpace) {
            data.add_space_prefix = true;
        } else if (!characters || typeOf(step) != "Replace" || patternOf(step, "String") != " " ||
                   stringOr(step, "content", "") != kSpace) {
            return unknown("normalizer", normalizer, path);
        }
    }
    return {};
}

Status readPreTokenizer(const Json& pre_tokenizer, TokenizerData& data, const std::string& path) {
    const std::vector<Json> list = steps(pre_tokenizer, "pretokenizers");
    if (data.kind == TokenizerKind::kSentencePieceBpe) {
        if (list.empty()) return {};
        if (list.size() > 1 || typeOf(list[0]) != "Metaspace") {
            return unknown("pre-tokenizer", pre_tokenizer, path);
        }
        return readMetaspace(list[0], data, pre_tokenizer, path);
    }
    data.pre_rule = ruleOf(list);
    if (data.pre_rule.empty()) return unknown("pre-tokenizer", pre_tokenizer, path);
    const auto bytes =
        std::ranges::find_if(list, [](const Json& step) { return typeOf(step) == "ByteLevel"; });
    // A space put before the second or a later word would change text in its middle.
    const bool prefix = boolOr(*bytes, "add_prefix_space", true);
    if (prefix && list.size() > 1) return unknown("pre-tokenizer", pre_tokenizer, path);
    data.add_space_prefix = prefix;
    data.prefix_unless_space = prefix;
    return {};
}

Status readPostProcessor(const Json& post_processor, TokenizerData& data, const std::string& path) {
    for (const Json& step : steps(post_processor, "processors")) {
        if (typeOf(step) == "ByteLevel") continue;
        const Json& single = member(step, "single");
        if (typeOf(step) != "TemplateProcessing" || !single.is_array()) {
            return unknown("post-processor", post_processor, path);
        }
        bool text_seen = false;
        for (const Json& part : single) {
            if (!member(part, "Sequence").is_null()) {
                text_seen = true;
                continue;
            }
            const std::string name = stringOr(member(part, "SpecialToken"), "id", "");
            const auto piece = std::ranges::find(data.pieces, name);
            bool& added = text_seen ? data.add_eos : data.add_bos;
            if (name.empty() || piece == data.pieces.end() || added) {
                return unknown("post-processor", post_processor, path);
            }
            added = true;
            (text_seen ? data.eos : data.bos) =
                TokenId(static_cast<int32_t>(piece - data.pieces.begin()));
        }
    }
    return {};
}

}  // namespace glowworm
