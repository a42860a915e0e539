// SPDX-License-Identifier: Apache-2.0
#include "core/text/pre_tokenizer_rules.h"

#include <array>

namespace glowworm {
namespace {

using Names = std::string_view;

constexpr std::string_view kGpt2Pattern =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";
constexpr std::string_view kLlama3Pattern =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3})"
    R"(| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
constexpr std::string_view kQwen2Pattern =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N})"
    R"(| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
constexpr std::string_view kGpt4oPattern =
    R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+)"
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)?)"
    R"(|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*)"
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)?)"
    R"(|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
constexpr std::string_view kTekkenPattern =
    R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+)"
    R"(|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*)"
    R"(|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
// Falcon's tokenizer.json looks for digits after the bytes were spelled as characters, where the
// bytes of six UTF-8 tails read as ² ³ ¹ ¼ ½ ¾: numbers too.
constexpr std::string_view kByteDigits = R"([0-9\xB2\xB3\xB9\xBC-\xBE]+)";
constexpr std::string_view kThreeDigits = "[0-9][0-9][0-9]";

constexpr std::array<Names, 6> kGpt2Names = {"gpt-2", "opt", "mpt", "olmo", "jais", "phi-2"};
constexpr std::array<Names, 5> kDigitNames = {"smollm", "starcoder", "refact", "command-r",
                                              "codeshell"};
constexpr std::array<Names, 3> kLlama3Names = {"llama-bpe", "llama3", "llama-v3"};
constexpr std::array<Names, 3> kQwen2Names = {"qwen2", "stablelm2", "deepseek-r1-qwen"};
constexpr std::array<Names, 3> kGpt4oNames = {"gpt-4o", "o200k", "llama4"};
constexpr std::array<Names, 1> kTekkenNames = {"tekken"};
constexpr std::array<Names, 1> kFalconNames = {"falcon"};
constexpr std::array<Names, 1> kDefaultNames = {"default"};

constexpr std::array<PrePattern, 1> kGpt2 = {{{kGpt2Pattern}}};
constexpr std::array<PrePattern, 2> kDigits = {{{R"(\p{N})"}, {kGpt2Pattern}}};
constexpr std::array<PrePattern, 1> kLlama3 = {{{kLlama3Pattern}}};
constexpr std::array<PrePattern, 1> kQwen2 = {{{kQwen2Pattern}}};
constexpr std::array<PrePattern, 1> kGpt4o = {{{kGpt4oPattern}}};
constexpr std::array<PrePattern, 1> kTekken = {{{kTekkenPattern}}};
constexpr std::array<PrePattern, 4> kFalcon = {
    {{R"([\p{P}$+<=>^~|`]+)"}, {kGpt2Pattern}, {kByteDigits, true}, {kThreeDigits}}};
constexpr std::array<PrePattern, 4> kDefault = {
    {{R"([\p{P}$+<=>^~|]+)"}, {kGpt2Pattern}, {R"(\p{N}+)"}, {kThreeDigits}}};

constexpr std::array<PreRule, 8> kRules = {{{kGpt2Names, kGpt2},
                                            {kDigitNames, kDigits},
                                            {kLlama3Names, kLlama3},
                                            {kQwen2Names, kQwen2},
                                            {kGpt4oNames, kGpt4o},
                                            {kTekkenNames, kTekken},
                                            {kFalconNames, kFalcon},
                                            {kDefaultNames, kDefault}}};

}  // namespace

std::span<const PreRule> preRules() { return kRules; }

}  // namespace glowworm
