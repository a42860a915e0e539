// SPDX-License-Identifier: Apache-2.0
// A neuron record: the up row, gate row and down column of one neuron side by side, so that one
// neuron is one read (row-column bundling, LLM in a Flash, section 3.2).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "core/bundle/manifest.h"
#include "core/kernels/dtype.h"

namespace glowworm {

// Which dtype each part has in the record; nothing: not in the record.
struct RecordDtypes {
    std::optional<Dtype> up, gate, down;
};

// Lays the parts out in the order up, gate, down, each from a multiple of 4 bytes; the stride is
// the next multiple of kRecordAlignment. `hidden` must suit every dtype's block length.
// `split`: each part from a multiple of kRecordAlignment, for a bundle without bundling.
[[nodiscard]] RecordLayout makeRecordLayout(const RecordDtypes& dtypes, uint32_t hidden,
                                            bool split = false);

// What of a record lies together on flash: all of it, or one part of a split one. A layer's pieces
// of one kind lie side by side from extent.offset + neurons * offset on, `bytes` apart.
struct RecordPiece {
    uint32_t offset = 0;  // in the record, a multiple of kRecordAlignment
    uint32_t bytes = 0;   // a multiple of kRecordAlignment; all pieces together are the stride
};
struct RecordPieces {
    std::array<RecordPiece, 3> list;
    uint32_t count = 0;

    [[nodiscard]] std::span<const RecordPiece> all() const { return std::span(list).first(count); }
    // The piece that has this part.
    [[nodiscard]] const RecordPiece& of(const RecordPart& part) const;
};
[[nodiscard]] RecordPieces recordPieces(const RecordLayout& layout);

// The end of the last part: what a computation and the record's checksum look at.
[[nodiscard]] uint32_t recordUsedBytes(const RecordLayout& layout);

// Low half of XXH3-64 over the record's first recordUsedBytes() bytes, the zeros between the parts
// included. `record` has at least that many bytes.
[[nodiscard]] uint32_t recordChecksum(const RecordLayout& layout, const std::byte* record);

// Puts the three parts in place and zeros everything else of `record` (stride bytes). A part that
// is not in the record is ignored.
void packRecord(const RecordLayout& layout, std::span<const std::byte> up,
                std::span<const std::byte> gate, std::span<const std::byte> down,
                std::span<std::byte> record);

}  // namespace glowworm
