// SPDX-License-Identifier: Apache-2.0
// The neurons of a decoding token: those that the cache lacks are read from flash straight into
// their slots, many in flight, and checked against their checksums when they arrive. Neighbours on
// flash whose gap is cheaper to read than to skip come in one read and are copied from a staging
// block (decisions.md 9). Between start() and finish() the caller computes with the neurons that
// are there already.
//
// Engine thread only. Borrows cache and reader; they outlive it.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/base/clock.h"
#include "core/base/controls.h"
#include "core/base/error.h"
#include "core/base/reserved_memory.h"
#include "core/base/stats.h"
#include "core/bundle/neuron_table.h"
#include "core/cache/neuron_cache.h"
#include "core/io/flash_reader.h"
#include "core/model/read_gap.h"

namespace glowworm {

class NeuronStore {
  public:
    static Result<std::unique_ptr<NeuronStore>> create(NeuronCache& cache, FlashReader& reader,
                                                       const NeuronTable& table, uint32_t neurons,
                                                       const Clock& clock);
    // What create() holds, for the memory plan.
    static uint64_t bytesNeeded(uint32_t neurons);

    // Takes slots for as many of `active` (ascending) as fit and starts the missing reads. Valid
    // until the next start(). Every start() is followed by finish().
    Result<CacheBatch> start(LayerId layer, std::span<const NeuronId> active);

    // Waits for the reads of the last start(). On an error or a stop (kCancelled) nothing of them
    // is left in the cache and nothing is in flight.
    Status finish(const StopFlag& stop);

    // The token is through with this layer: what the window no longer covers may go.
    void endLayer(LayerId layer);
    void beginToken();

    // Adds what happened since the last call to `stats`: reads, bytes, hits, misses, waiting.
    void takeStats(TokenStats& stats);

    [[nodiscard]] NeuronCache& cache() { return cache_; }
    [[nodiscard]] FlashReader& reader() { return reader_; }
    [[nodiscard]] const NeuronTable& table() const { return table_; }

  private:
    // Neighbouring misses that come in one read: misses_[first, first + count).
    struct Run {
        uint64_t offset = 0;
        uint32_t bytes = 0;
        uint32_t first = 0, count = 0;
        int32_t block = -1;  // of staging_; -1: one neuron, straight into its slot
    };
    static constexpr uint32_t kBlocks = 4;
    static constexpr uint32_t kBlockBytes = kRunBytesMax;

    NeuronStore(NeuronCache& cache, FlashReader& reader, const NeuronTable& table,
                uint32_t neurons, const Clock& clock);
    void planRuns();
    Status submitSome();
    Status collect(const StopFlag& stop);
    Status arrived(const Run& run);
    void abandon();
    [[nodiscard]] int32_t freeBlock() const;
    [[nodiscard]] uint64_t offsetOf(const CacheMiss& miss) const {
        return table_.recordOffset(layer_, miss.neuron);
    }

    NeuronCache& cache_;
    FlashReader& reader_;
    const NeuronTable& table_;
    const Clock& clock_;
    LayerId layer_;
    ReservedMemory staging_;              // kBlocks of kBlockBytes
    uint32_t blocks_taken_ = 0;           // one bit each
    std::vector<CacheMiss> misses_;       // of the last start(), by place on flash
    std::vector<Run> runs_;               // at most one per miss
    std::vector<ReadCompletion> completions_;
    size_t submitted_ = 0, completed_ = 0;
    double flash_wait_ms_ = 0, manager_ms_ = 0;
    uint64_t read_bytes_ = 0, reads_ = 0;
};

}  // namespace glowworm
