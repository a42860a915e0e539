// SPDX-License-Identifier: Apache-2.0
// A layer's missing neurons as reads: sorted by place on flash, neighbours joined where the gap is
// cheaper to read than to skip. In a split bundle each part of the records makes runs of its own.
// Plain bookkeeping: NeuronStore reads. Nothing is allocated after the constructor.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/base/ids.h"
#include "core/bundle/neuron_table.h"
#include "core/cache/neuron_cache.h"

namespace glowworm {

// Neighbours that come in one read: misses[first, first + count) of the plan.
struct ReadRun {
    uint64_t offset = 0;
    uint32_t bytes = 0;
    uint32_t first = 0, count = 0;
    RecordPiece piece;
    std::optional<uint32_t> staged;  // its room in staging; none: one neuron, into its slot
};

struct ReadPlan {
    // For up to `neurons` misses of `pieces` each.
    ReadPlan(uint32_t neurons, uint32_t pieces);
    static uint64_t bytesNeeded(uint32_t neurons, uint32_t pieces);

    // Takes `misses` and plans their reads, none longer than `bytes_max`; gaps of at most
    // `gap_bytes` are read.
    void make(const NeuronTable& table, LayerId of, std::span<const CacheMiss> wanted,
              uint32_t bytes_max, uint32_t gap_bytes);
    void clear();
    [[nodiscard]] bool finished() const { return completed == runs.size(); }
    [[nodiscard]] bool idle() const { return completed == submitted; }

    LayerId layer;
    std::vector<CacheMiss> misses;  // by place on flash
    std::vector<ReadRun> runs;      // at most one for each miss and piece
    size_t submitted = 0, completed = 0;
};

}  // namespace glowworm
