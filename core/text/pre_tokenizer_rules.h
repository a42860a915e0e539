// SPDX-License-Identifier: Apache-2.0
// The table of pre-tokenizer rules (pre_tokenizer.h), patterns spelled as their models publish
// them.
#pragma once

#include <span>
#include <string_view>

namespace glowworm {

struct PrePattern {
    std::string_view pattern;
    bool bytes = false;  // matched against single bytes instead of characters
};

struct PreRule {
    std::span<const std::string_view> names;
    std::span<const PrePattern> patterns;
};

[[nodiscard]] std::span<const PreRule> preRules();

}  // namespace glowworm
