// SPDX-License-Identifier: Apache-2.0
#include "core/text/utf8.h"

#include <cstdint>

#include "core/base/check.h"

namespace glowworm {
namespace {

// What may follow a lead byte: how many bytes in all, and the range of the second.
struct Lead {
    size_t length;
    uint8_t second_min, second_max;
};

Lead leadOf(uint8_t byte) {
    if (byte < 0x80) return {1, 0, 0};
    if (byte < 0xC2) return {0, 0, 0};
    if (byte < 0xE0) return {2, 0x80, 0xBF};
    if (byte == 0xE0) return {3, 0xA0, 0xBF};  // no overlong forms
    if (byte == 0xED) return {3, 0x80, 0x9F};  // no surrogates
    if (byte < 0xF0) return {3, 0x80, 0xBF};
    if (byte == 0xF0) return {4, 0x90, 0xBF};
    if (byte < 0xF4) return {4, 0x80, 0xBF};
    if (byte == 0xF4) return {4, 0x80, 0x8F};  // nothing past U+10FFFF
    return {0, 0, 0};
}

}  // namespace

Utf8Sequence firstUtf8Sequence(std::string_view text) {
    CHECK(!text.empty());
    const Lead lead = leadOf(static_cast<uint8_t>(text[0]));
    if (lead.length == 0) return {Utf8Kind::kInvalid, 1};
    for (size_t i = 1; i < lead.length; ++i) {
        if (i == text.size()) return {Utf8Kind::kIncomplete, i};
        const auto byte = static_cast<uint8_t>(text[i]);
        const uint8_t low = i == 1 ? lead.second_min : 0x80;
        const uint8_t high = i == 1 ? lead.second_max : 0xBF;
        if (byte < low || byte > high) return {Utf8Kind::kInvalid, i};
    }
    return {Utf8Kind::kValid, lead.length};
}

size_t validUtf8Prefix(std::string_view text) {
    size_t done = 0;
    while (done < text.size()) {
        if (static_cast<uint8_t>(text[done]) < 0x80) {
            ++done;
            continue;
        }
        const Utf8Sequence next = firstUtf8Sequence(text.substr(done));
        if (next.kind != Utf8Kind::kValid) break;
        done += next.length;
    }
    return done;
}

}  // namespace glowworm
