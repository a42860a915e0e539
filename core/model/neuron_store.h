// SPDX-License-Identifier: Apache-2.0
// The neurons of a decoding token: those that the cache lacks are read from flash straight into
// their slots, many in flight, and checked against their checksums when they arrive. Neighbours on
// flash whose gap is cheaper to read than to skip come in one read and are copied from a staging
// block (decisions.md 9). Between start() and finish() the caller computes with the neurons that
// are there already.
//
// Reading ahead (design.md, idea 8): prefetch() starts the reads of a layer by a guess, while the
// caller computes something else; a second, better guess corrects the first, and start() reads only
// what both missed. The first may come while the layer before is computed, once its own reads have
// arrived. A guess is never read while a demand waits for its turn, and what it brought in vain is
// the first to leave.
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
#include "core/base/stats.h"
#include "core/base/thread_pool.h"
#include "core/bundle/neuron_table.h"
#include "core/cache/neuron_cache.h"
#include "core/io/flash_reader.h"
#include "core/model/read_plan.h"
#include "core/model/staging.h"
#include "core/model/techniques.h"

namespace glowworm {

class NeuronStore {
  public:
    // With a `pool` what arrives together is checked by all of its threads.
    static Result<std::unique_ptr<NeuronStore>> create(NeuronCache& cache, FlashReader& reader,
                                                       const NeuronTable& table, uint32_t neurons,
                                                       const Clock& clock,
                                                       const Techniques& techniques = {},
                                                       ThreadPool* pool = nullptr);
    // What create() holds, for the memory plan.
    static uint64_t bytesNeeded(const RecordLayout& layout, uint32_t neurons);

    // Begins to read those of `guess` (ascending) that are not here. Between the last finish() of a
    // layer and the start() of the next, for that next one: a first guess, and at most one that
    // corrects it, before endLayer() or after. An error of a guess comes out of finish(), as any
    // other.
    Status prefetch(LayerId layer, std::span<const NeuronId> guess);
    // Hands more of the guess to the reader as its queue empties: call now and then. Never waits.
    Status keepReading();

    // Has looking a layer further paid for this layer of late? Where attention changes the block's
    // input much, most of a first guess is read in vain; tried again once in a while.
    [[nodiscard]] bool firstGuessPays(LayerId layer) const;

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
    static constexpr uint64_t kFirstTag = uint64_t{1} << 63, kSecondTag = uint64_t{1} << 62;

    // What a neuron that was guessed has come to.
    enum class Ahead : uint8_t { kNone, kUnread, kArriving, kLanded };
    struct Guessed {
        LayerId layer;
        std::vector<NeuronId> neurons;  // that slots are held for, or were
        std::vector<Ahead> states;      // by neuron
        size_t first = 0;               // so many of `neurons` by a guess that was then corrected
        Ahead& of(NeuronId neuron) { return states[neuron.value()]; }
    };
    struct Landing {  // a run whose bytes have come
        ReadPlan* plan;
        ReadRun* run;
        int64_t damaged;  // the place in plan->misses of a record that is; -1: none
    };

    NeuronStore(NeuronCache& cache, FlashReader& reader, const NeuronTable& table,
                uint32_t neurons, const Clock& clock, const Techniques& techniques,
                ThreadPool* pool);
    void takeOver(LayerId layer, const CacheBatch& batch);
    Status submitSome(ReadPlan& plan, uint64_t tag);
    Status collect(size_t min_count, const StopFlag& stop);
    void takeIn(Landing& landing);
    Status arrived(const Landing& landing);
    Status checkSplit(const ReadPlan& plan);
    Status finishReads(LayerId layer, const StopFlag& stop);
    [[nodiscard]] bool arrivedAll(LayerId layer) const;
    void settle(LayerId layer);
    void noteWorth(const Guessed& known);
    // Of two layers that follow each other, each has its own.
    Guessed& guessed(LayerId layer) { return guessed_[layer.value() % 2]; }

    NeuronCache& cache_;
    FlashReader& reader_;
    const NeuronTable& table_;
    const Clock& clock_;
    const Techniques techniques_;
    ThreadPool* const pool_;
    Staging staging_;
    ReadPlan demand_;                 // of the last start()
    ReadPlan first_, second_;         // of a layer's first guess and of the one that corrects it
    Guessed guessed_[2];
    std::vector<float> worth_;        // by layer: of a first guess, the share that was needed
    uint32_t tokens_ = 0;             // begun
    std::vector<CacheMiss> pending_;  // of the last start(), ascending: what has not arrived
    std::vector<CacheMiss> wanted_;   // scratch: what start() must read
    std::vector<NeuronId> unread_;    // scratch
    std::vector<ReadRequest> requests_;  // scratch
    std::vector<ReadCompletion> completions_;
    std::vector<Landing> landings_;      // scratch
    double flash_wait_ms_ = 0, manager_ms_ = 0, reading_ms_ = 0;
    uint64_t read_bytes_ = 0, reads_ = 0, ahead_bytes_ = 0, ahead_useful_bytes_ = 0;
    uint64_t misses_ahead_ = 0;
};

}  // namespace glowworm
