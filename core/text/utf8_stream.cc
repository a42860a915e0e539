// SPDX-License-Identifier: Apache-2.0
#include "core/text/utf8_stream.h"

#include "core/text/utf8.h"

namespace glowworm {

std::string Utf8Stream::push(std::string_view bytes) {
    held_ += bytes;
    std::string out;
    std::string_view rest = held_;
    while (!rest.empty()) {
        const size_t valid = validUtf8Prefix(rest);
        out += rest.substr(0, valid);
        rest.remove_prefix(valid);
        if (rest.empty()) break;
        const Utf8Sequence next = firstUtf8Sequence(rest);
        if (next.kind == Utf8Kind::kIncomplete) break;
        out += kReplacementCharacter;
        rest.remove_prefix(next.length);
    }
    held_ = std::string(rest);
    return out;
}

std::string Utf8Stream::flush() {
    const bool unfinished = !held_.empty();
    held_.clear();
    return std::string(unfinished ? kReplacementCharacter : std::string_view());
}

std::string toValidUtf8(std::string_view bytes) {
    Utf8Stream stream;
    std::string out = stream.push(bytes);
    return out + stream.flush();
}

}  // namespace glowworm
