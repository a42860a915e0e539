// SPDX-License-Identifier: Apache-2.0
// The neurons of a decoding token: those that the cache lacks are read from flash straight into
// their slots, many in flight, and checked against their checksums when they arrive. Neighbours on
// flash whose gap is cheaper to read than to skip come in one read and are copied from a staging
// block (decisions.md 9). Between start() and finish() the caller computes with the neurons that
// are there already.
//
// Reading ahead (design.md, idea 8): prefetch() starts the reads of a layer by a guess, while the
// caller computes something else; start() then reads only what the guess missed. A guess is never
// read while a demand waits for its turn, and what it brought in vain is the first to leave.
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
#include "core/model/read_plan.h"
#include "core/model/techniques.h"

namespace glowworm {

class NeuronStore {
  public:
    static Result<std::unique_ptr<NeuronStore>> create(NeuronCache& cache, FlashReader& reader,
                                                       const NeuronTable& table, uint32_t neurons,
                                                       const Clock& clock,
                                                       const Techniques& techniques = {});
    // What create() holds, for the memory plan.
    static uint64_t bytesNeeded(const RecordLayout& layout, uint32_t neurons);

    // Begins to read those of `guess` (ascending) that are not here. Nothing may be in flight. An
    // error of a guess comes out of finish(), as any other.
    Status prefetch(LayerId layer, std::span<const NeuronId> guess);
    // Hands more of the guess to the reader as its queue empties: call now and then. Never waits.
    Status keepReading();

    // Takes slots for as many of `active` (ascending) as fit and starts the missing reads. Its
    // misses are those neurons that have not arrived yet. Valid until the next start(). Every
    // start() is followed by finish().
    Result<CacheBatch> start(LayerId layer, std::span<const NeuronId> active);

    // Waits for the reads of the last start(). On an error or a stop (kCancelled) nothing of them
    // is left in the cache and nothing is in flight.
    Status finish(const StopFlag& stop);

    // The token is through with this layer: what the window no longer covers may go.
    Status endLayer(LayerId layer);
    void beginToken();
    // After an error or a stop anywhere: nothing is in flight, no slot is held.
    void abandon();

    // Adds what happened since the last call to `stats`: reads, bytes, hits, misses, waiting.
    void takeStats(TokenStats& stats);

    [[nodiscard]] NeuronCache& cache() { return cache_; }
    [[nodiscard]] FlashReader& reader() { return reader_; }
    [[nodiscard]] const NeuronTable& table() const { return table_; }

  private:
    static constexpr uint32_t kBlocks = 8;
    static constexpr uint32_t kBlockBytes = kRunBytesMax;
    static constexpr uint64_t kAheadTag = uint64_t{1} << 63;

    // What a neuron of the last prefetch() has come to.
    enum class Ahead : uint8_t { kNone, kUnread, kArriving, kLanded };

    NeuronStore(NeuronCache& cache, FlashReader& reader, const NeuronTable& table,
                uint32_t neurons, const Clock& clock, const Techniques& techniques);
    void takeOver(const CacheBatch& batch);
    Status submitSome(ReadPlan& plan, uint64_t tag);
    Status collect(size_t min_count, const StopFlag& stop);
    Status arrived(const ReadPlan& plan, ReadRun& run);
    Status checkSplit(const ReadPlan& plan);
    Status finishReads(const StopFlag& stop);
    void settle();
    [[nodiscard]] int32_t freeBlock() const;
    [[nodiscard]] std::byte* blockData(int32_t block) const {
        return staging_.data() + size_t{kBlockBytes} * static_cast<uint32_t>(block);
    }
    Ahead& ahead(NeuronId neuron) { return states_[neuron.value()]; }

    NeuronCache& cache_;
    FlashReader& reader_;
    const NeuronTable& table_;
    const Clock& clock_;
    const Techniques techniques_;
    ReservedMemory staging_;          // kBlocks of kBlockBytes
    uint32_t blocks_taken_ = 0;       // one bit each
    ReadPlan demand_, ahead_;         // of the last start(), of the last prefetch()
    std::vector<Ahead> states_;       // by neuron of ahead_.layer
    std::vector<CacheMiss> pending_;  // of the last start(), ascending: what has not arrived
    std::vector<CacheMiss> wanted_;   // scratch: what start() must read
    std::vector<NeuronId> unread_;    // scratch
    std::vector<ReadRequest> requests_;  // scratch
    std::vector<ReadCompletion> completions_;
    double flash_wait_ms_ = 0, manager_ms_ = 0;
    uint64_t read_bytes_ = 0, reads_ = 0, ahead_bytes_ = 0, ahead_useful_bytes_ = 0;
};

}  // namespace glowworm
