// SPDX-License-Identifier: Apache-2.0
#include "core/bundle/record.h"

#include <algorithm>
#include <cstring>

#include "core/base/check.h"
#include "core/bundle/checksum.h"

namespace glowworm {

namespace {

uint32_t roundUp(uint32_t value, uint32_t multiple) {
    return (value + multiple - 1) / multiple * multiple;
}

uint32_t place(RecordPart& part, std::optional<Dtype> dtype, uint32_t hidden, uint32_t begin,
               uint32_t alignment) {
    if (!dtype) return begin;
    part.dtype = *dtype;
    part.offset = roundUp(begin, alignment);
    part.bytes = static_cast<uint32_t>(rowBytes(*dtype, hidden));
    return part.offset + part.bytes;
}

void copyPart(const RecordPart& part, std::span<const std::byte> bytes,
              std::span<std::byte> record) {
    if (part.bytes == 0) return;
    CHECK(bytes.size() == part.bytes);
    std::memcpy(record.data() + part.offset, bytes.data(), bytes.size());
}

}  // namespace

RecordLayout makeRecordLayout(const RecordDtypes& dtypes, uint32_t hidden, bool split) {
    constexpr auto kAlignment = static_cast<uint32_t>(kRecordAlignment);
    const uint32_t alignment = split ? kAlignment : 4;
    RecordLayout layout;
    uint32_t end = place(layout.up, dtypes.up, hidden, 0, alignment);
    end = place(layout.gate, dtypes.gate, hidden, end, alignment);
    end = place(layout.down, dtypes.down, hidden, end, alignment);
    layout.stride = roundUp(end, kAlignment);
    layout.split = split;
    return layout;
}

RecordPieces recordPieces(const RecordLayout& layout) {
    RecordPieces pieces;
    if (!layout.split) {
        pieces.list[pieces.count++] = {0, layout.stride};
        return pieces;
    }
    for (const RecordPart* part : {&layout.up, &layout.gate, &layout.down}) {
        if (part->bytes == 0) continue;
        pieces.list[pieces.count++] = {
            part->offset, roundUp(part->bytes, static_cast<uint32_t>(kRecordAlignment))};
    }
    return pieces;
}

const RecordPiece& RecordPieces::of(const RecordPart& part) const {
    uint32_t piece = 0;
    while (piece + 1 < count && list[piece + 1].offset <= part.offset) ++piece;
    return list[piece];
}

uint32_t recordUsedBytes(const RecordLayout& layout) {
    uint32_t end = 0;
    for (const RecordPart* part : {&layout.up, &layout.gate, &layout.down})
        if (part->bytes > 0) end = std::max(end, part->offset + part->bytes);
    return end;
}

uint32_t recordChecksum(const RecordLayout& layout, const std::byte* record) {
    return static_cast<uint32_t>(checksumOf({record, recordUsedBytes(layout)}));
}

void packRecord(const RecordLayout& layout, std::span<const std::byte> up,
                std::span<const std::byte> gate, std::span<const std::byte> down,
                std::span<std::byte> record) {
    CHECK(record.size() == layout.stride);
    std::ranges::fill(record, std::byte{0});
    copyPart(layout.up, up, record);
    copyPart(layout.gate, gate, record);
    copyPart(layout.down, down, record);
}

}  // namespace glowworm
