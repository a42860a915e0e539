// SPDX-License-Identifier: Apache-2.0
#include "core/text/byte_alphabet.h"

#include <array>
#include <cstdint>

#include "core/text/utf8.h"

namespace glowworm {
namespace {

constexpr uint32_t kFirstMoved = 256;  // unprintable bytes are written from U+0100 on
constexpr uint32_t kMoved = 68;        // so many of them

constexpr bool isPrintable(uint32_t byte) {
    return (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte <= 0xAC) || byte >= 0xAE;
}

struct Alphabet {
    std::array<uint16_t, 256> character{};             // by byte
    std::array<int16_t, kFirstMoved + kMoved> byte{};  // by character, -1: none
};

constexpr Alphabet makeAlphabet() {
    Alphabet alphabet;
    alphabet.byte.fill(-1);
    uint32_t moved = kFirstMoved;
    for (uint32_t byte = 0; byte < 256; ++byte) {
        const uint32_t character = isPrintable(byte) ? byte : moved++;
        alphabet.character[byte] = static_cast<uint16_t>(character);
        alphabet.byte[character] = static_cast<int16_t>(byte);
    }
    return alphabet;
}

constexpr Alphabet kAlphabet = makeAlphabet();

}  // namespace

std::string bytesToPiece(std::string_view bytes) {
    std::string piece;
    for (const char c : bytes) {
        const uint16_t character = kAlphabet.character[static_cast<uint8_t>(c)];
        if (character < 0x80) {
            piece += static_cast<char>(character);
        } else {  // below U+0800: two bytes
            piece += static_cast<char>(0xC0 | (character >> 6));
            piece += static_cast<char>(0x80 | (character & 0x3F));
        }
    }
    return piece;
}

std::optional<std::string> pieceToBytes(std::string_view piece) {
    std::string bytes;
    while (!piece.empty()) {
        const Utf8Sequence next = firstUtf8Sequence(piece);
        if (next.kind != Utf8Kind::kValid || next.length > 2) return std::nullopt;
        const auto first = static_cast<uint8_t>(piece[0]);
        const uint32_t character =
            next.length == 1 ? first
                             : static_cast<uint32_t>((first & 0x1F) << 6 |
                                                     (static_cast<uint8_t>(piece[1]) & 0x3F));
        if (character >= kAlphabet.byte.size() || kAlphabet.byte[character] < 0)
            return std::nullopt;
        bytes += static_cast<char>(kAlphabet.byte[character]);
        piece.remove_prefix(next.length);
    }
    return bytes;
}

}  // namespace glowworm
