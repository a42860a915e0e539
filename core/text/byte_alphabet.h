// SPDX-License-Identifier: Apache-2.0
// GPT-2's byte alphabet: each byte is written as one printable character (space as "Ġ", newline as
// "Ċ"), so that pieces of byte-level BPE can be stored as text. (Radford et al. 2019, encoder.py.)
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace glowworm {

[[nodiscard]] std::string bytesToPiece(std::string_view bytes);
// Nothing where a character is not of the alphabet.
[[nodiscard]] std::optional<std::string> pieceToBytes(std::string_view piece);

}  // namespace glowworm
