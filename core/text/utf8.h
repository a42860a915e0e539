// SPDX-License-Identifier: Apache-2.0
// The first sequence of a UTF-8 text: well formed, ill formed or cut off. Table 3-7 of the Unicode
// standard; an ill-formed sequence is as long as its "maximal subpart", so that one U+FFFD replaces
// it as Python and the web do.
#pragma once

#include <cstddef>
#include <string_view>

namespace glowworm {

inline constexpr std::string_view kReplacementCharacter = "\xEF\xBF\xBD";  // U+FFFD

enum class Utf8Kind { kValid, kInvalid, kIncomplete };

struct Utf8Sequence {
    Utf8Kind kind;
    size_t length;  // >= 1; kIncomplete: all of the text, which more bytes may complete
};

// Looks at the beginning of `text`, which must not be empty.
[[nodiscard]] Utf8Sequence firstUtf8Sequence(std::string_view text);

// The number of bytes at the beginning of `text` that are well formed.
[[nodiscard]] size_t validUtf8Prefix(std::string_view text);

[[nodiscard]] inline bool isValidUtf8(std::string_view text) {
    return validUtf8Prefix(text) == text.size();
}

}  // namespace glowworm
