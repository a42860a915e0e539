// SPDX-License-Identifier: Apache-2.0
#include "core/model/staging.h"

#include <bit>

#include "core/base/check.h"

namespace glowworm {

namespace {

uint32_t piecesOf(uint32_t bytes) {
    return (bytes + Staging::kPieceBytes - 1) / Staging::kPieceBytes;
}

uint64_t maskOf(uint32_t piece, uint32_t count) {
    const uint64_t ones = count == 64 ? ~uint64_t{0} : (uint64_t{1} << count) - 1;
    return ones << piece;
}

}  // namespace

Result<Staging> Staging::reserve() {
    Staging staging;
    ASSIGN_OR_RETURN(staging.memory_, ReservedMemory::reserve(kBytes, Pages::kHuge));
    return staging;
}

std::optional<uint32_t> Staging::take(uint32_t bytes) {
    CHECK(bytes > 0 && bytes <= kRunBytesMax);
    const uint32_t count = piecesOf(bytes);
    // Bit i of `room`: the pieces from i on, `count` of them, are free.
    uint64_t room = ~taken_;
    for (uint32_t i = 1; i < count; ++i) room &= ~taken_ >> i;
    if (room == 0) return std::nullopt;
    const auto piece = static_cast<uint32_t>(std::countr_zero(room));
    taken_ |= maskOf(piece, count);
    return piece;
}

void Staging::give(uint32_t piece, uint32_t bytes) {
    const uint64_t mask = maskOf(piece, piecesOf(bytes));
    CHECK((taken_ & mask) == mask);
    taken_ &= ~mask;
}

}  // namespace glowworm
