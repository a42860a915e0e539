// SPDX-License-Identifier: Apache-2.0
#include "core/model/read_plan.h"

#include <algorithm>

namespace glowworm {

ReadPlan::ReadPlan(uint32_t neurons, uint32_t pieces) {
    misses.reserve(neurons);
    runs.reserve(size_t{neurons} * pieces);
}

uint64_t ReadPlan::bytesNeeded(uint32_t neurons, uint32_t pieces) {
    return uint64_t{neurons} * (sizeof(CacheMiss) + pieces * sizeof(ReadRun));
}

void ReadPlan::make(const NeuronTable& table, LayerId of, std::span<const CacheMiss> wanted,
                    uint32_t bytes_max, uint32_t gap_bytes) {
    layer = of;
    misses.assign(wanted.begin(), wanted.end());
    submitted = completed = 0;
    const auto place = [&](const CacheMiss& miss) { return table.physical(of, miss.neuron); };
    if (!std::ranges::is_sorted(misses, {}, place)) std::ranges::sort(misses, {}, place);
    runs.clear();
    for (const RecordPiece& piece : table.pieces().all()) {
        const size_t begin = runs.size();
        for (uint32_t i = 0; i < misses.size(); ++i) {
            const uint64_t offset = table.pieceOffset(of, misses[i].neuron, piece);
            if (runs.size() > begin) {
                ReadRun& run = runs.back();
                const uint64_t bytes = offset + piece.bytes - run.offset;
                if (offset - run.offset - run.bytes <= gap_bytes && bytes <= bytes_max) {
                    run.bytes = static_cast<uint32_t>(bytes);
                    ++run.count;
                    continue;
                }
            }
            runs.push_back({offset, piece.bytes, i, 1, piece, {}});
        }
    }
}

void ReadPlan::clear() {
    misses.clear();
    runs.clear();
    submitted = completed = 0;
}

}  // namespace glowworm
