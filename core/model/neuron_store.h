// SPDX-License-Identifier: Apache-2.0
// The neurons of a decoding token: those that the cache lacks are read from flash straight into
// their slots, many in flight, and checked against their checksums when they arrive. Between start()
// and finish() the caller computes with the neurons that are there already.
//
// Engine thread only. Borrows cache and reader; they outlive it.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/base/clock.h"
#include "core/base/controls.h"
#include "core/base/error.h"
#include "core/base/stats.h"
#include "core/bundle/neuron_table.h"
#include "core/cache/neuron_cache.h"
#include "core/io/flash_reader.h"

namespace glowworm {

class NeuronStore {
  public:
    NeuronStore(NeuronCache& cache, FlashReader& reader, const NeuronTable& table,
                uint32_t neurons, const Clock& clock);

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
    [[nodiscard]] uint64_t bytes() const;  // own tables

  private:
    Status submitSome();
    Status collect(const StopFlag& stop);
    Status check(const ReadCompletion& completion);
    void abandon();

    NeuronCache& cache_;
    FlashReader& reader_;
    const NeuronTable& table_;
    const Clock& clock_;
    LayerId layer_;
    std::vector<CacheMiss> misses_;       // of the last start(), a copy: capacity ff_width
    std::vector<ReadRequest> requests_;   // one per miss
    std::vector<ReadCompletion> completions_;
    size_t submitted_ = 0, completed_ = 0;
    double flash_wait_ms_ = 0, manager_ms_ = 0;
    uint64_t read_bytes_ = 0, reads_ = 0;
};

}  // namespace glowworm
