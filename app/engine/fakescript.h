// SPDX-License-Identifier: Apache-2.0
// The answers of the fake engine: Markdown with all that a delegate must be able to draw. Words in
// the prompt choose: "table", "code", "list", "arabic" (right to left), "words" (very long ones),
// "html" (what must stay text), "short", "long" (about 2,000 words); otherwise some of each.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace glowworm {

std::string fakeAnswer(std::string_view prompt);

// Cuts text into pieces of about four bytes, never inside a character: the fake's tokens.
std::vector<std::string_view> fakeTokens(std::string_view text);

}  // namespace glowworm
