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

uint32_t place(RecordPart& part, std::optional<Dtype> dtype, uint32_t hidden, uint32_t begin) {
    if (!dtype) return begin;
    part.dtype = *dtype;
    part.offset = roundUp(begin, 4);
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

RecordLayout makeRecordLayout(const RecordDtypes& dtypes, uint32_t hidden) {
    RecordLayout layout;
    uint32_t end = place(layout.up, dtypes.up, hidden, 0);
    end = place(layout.gate, dtypes.gate, hidden, end);
    end = place(layout.down, dtypes.down, hidden, end);
    layout.stride = roundUp(end, static_cast<uint32_t>(kRecordAlignment));
    return layout;
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
