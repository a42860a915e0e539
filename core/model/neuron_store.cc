// SPDX-License-Identifier: Apache-2.0
#include "core/model/neuron_store.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "core/base/check.h"
#include "core/model/damaged_record.h"

namespace glowworm {

NeuronStore::NeuronStore(NeuronCache& cache, FlashReader& reader, const NeuronTable& table,
                         uint32_t neurons, const Clock& clock, const Techniques& techniques)
    : cache_(cache),
      reader_(reader),
      table_(table),
      clock_(clock),
      techniques_(techniques),
      demand_(neurons, table.pieces().count),
      ahead_(neurons, table.pieces().count) {
    states_.resize(neurons, Ahead::kNone);
    pending_.reserve(neurons);
    wanted_.reserve(neurons);
    unread_.reserve(neurons);
    requests_.reserve(reader.depth());
    completions_.resize(reader.depth());
}

Result<std::unique_ptr<NeuronStore>> NeuronStore::create(NeuronCache& cache, FlashReader& reader,
                                                         const NeuronTable& table,
                                                         uint32_t neurons, const Clock& clock,
                                                         const Techniques& techniques) {
    std::unique_ptr<NeuronStore> store(
        new NeuronStore(cache, reader, table, neurons, clock, techniques));
    ASSIGN_OR_RETURN(store->staging_,
                     ReservedMemory::reserve(uint64_t{kBlocks} * kBlockBytes, Pages::kHuge));
    return store;
}

uint64_t NeuronStore::bytesNeeded(const RecordLayout& layout, uint32_t neurons) {
    const uint32_t pieces = recordPieces(layout).count;
    return uint64_t{kBlocks} * kBlockBytes + 2 * ReadPlan::bytesNeeded(neurons, pieces) +
           neurons * (sizeof(NeuronId) + 2 * sizeof(CacheMiss) + sizeof(Ahead)) +
           kReaderDepthMax * (sizeof(ReadCompletion) + sizeof(ReadRequest));
}

void NeuronStore::beginToken() { cache_.beginToken(); }

Status NeuronStore::prefetch(LayerId layer, std::span<const NeuronId> guess) {
    CHECK(demand_.finished() && ahead_.misses.empty());
    {
        const ScopedTimer timer(clock_, &manager_ms_);
        ahead_.make(table_, layer, cache_.prefetch(layer, guess), kBlockBytes,
                    reader_.gapBytes());
        for (const CacheMiss& miss : ahead_.misses) ahead(miss.neuron) = Ahead::kUnread;
    }
    return submitSome(ahead_, kAheadTag);
}

Status NeuronStore::keepReading() {
    if (ahead_.submitted == ahead_.runs.size()) return {};
    RETURN_IF_ERROR(collect(0, StopFlag()));
    return submitSome(ahead_, kAheadTag);
}

Result<CacheBatch> NeuronStore::start(LayerId layer, std::span<const NeuronId> active) {
    CHECK(demand_.finished() && (ahead_.misses.empty() || ahead_.layer == layer));
    // Whether guesses have landed is asked before slots are taken.
    if (!ahead_.idle()) {
        if (auto status = collect(0, StopFlag()); !status) {
            abandon();
            return std::unexpected(status.error());
        }
    }
    CacheBatch batch;
    {
        const ScopedTimer timer(clock_, &manager_ms_);
        batch = cache_.acquire(layer, active);
        CHECK(active.empty() || !batch.slots.empty());
        takeOver(batch);
        demand_.make(table_, layer, wanted_, kBlockBytes, reader_.gapBytes());
        batch.misses = pending_;
    }
    if (auto status = submitSome(demand_, 0); !status) {
        abandon();
        return std::unexpected(status.error());
    }
    return batch;
}

// From here on the guess is known to be right or wrong: what was not begun is read only on demand.
void NeuronStore::takeOver(const CacheBatch& batch) {
    ahead_.runs.resize(ahead_.submitted);
    pending_.clear();
    wanted_.clear();
    for (const CacheMiss& miss : batch.misses) {
        const Ahead state = miss.ahead ? ahead(miss.neuron) : Ahead::kUnread;
        if (state == Ahead::kUnread) {
            wanted_.push_back(miss);
        } else {
            ahead_useful_bytes_ += table_.layout().stride;
        }
        if (state != Ahead::kLanded) pending_.push_back(miss);
    }
}

int32_t NeuronStore::freeBlock() const {
    for (uint32_t block = 0; block < kBlocks; ++block) {
        if ((blocks_taken_ >> block & 1U) == 0) return static_cast<int32_t>(block);
    }
    return -1;
}

// As many of the plan's reads as there is room for, in one go.
Status NeuronStore::submitSome(ReadPlan& plan, uint64_t tag) {
    const size_t room = reader_.depth() - reader_.inFlight();
    const uint32_t last_piece = table_.pieces().all().back().offset;
    requests_.clear();
    while (plan.submitted < plan.runs.size() && requests_.size() < room) {
        ReadRun& run = plan.runs[plan.submitted];
        std::byte* destination = nullptr;
        if (run.count == 1) {
            destination = cache_.slotData(plan.layer, plan.misses[run.first].slot) +
                          run.piece.offset;
        } else {
            run.block = freeBlock();
            if (run.block < 0) break;
            blocks_taken_ |= 1U << run.block;
            destination = blockData(run.block);
        }
        requests_.push_back({run.offset, run.bytes, destination, plan.submitted | tag});
        for (uint32_t i = 0; tag != 0 && run.piece.offset == last_piece && i < run.count; ++i) {
            ahead(plan.misses[run.first + i].neuron) = Ahead::kArriving;
        }
        ++plan.submitted;
    }
    if (requests_.empty()) return {};
    ASSIGN_OR_RETURN(const size_t taken, reader_.submit(requests_));
    CHECK(taken == requests_.size());
    return {};
}

// A run's bytes are here: into the slots, unless they are there already, and compared. The parts of
// a split record are compared when all of them are here.
Status NeuronStore::arrived(const ReadPlan& plan, ReadRun& run) {
    Status status;
    for (uint32_t i = run.first; i < run.first + run.count; ++i) {
        const CacheMiss& miss = plan.misses[i];
        std::byte* slot = cache_.slotData(plan.layer, miss.slot);
        if (run.block >= 0) {
            const uint64_t offset = table_.pieceOffset(plan.layer, miss.neuron, run.piece);
            std::memcpy(slot + run.piece.offset, blockData(run.block) + (offset - run.offset),
                        run.piece.bytes);
        }
        if (table_.layout().split) continue;
        if (!table_.recordMatches(plan.layer, miss.neuron, slot)) {
            status = damagedRecord(table_, plan.layer, miss.neuron);
        } else if (&plan == &ahead_) {
            ahead(miss.neuron) = Ahead::kLanded;
        }
    }
    if (run.block >= 0) blocks_taken_ &= ~(1U << run.block);
    read_bytes_ += run.bytes;
    ++reads_;
    if (&plan == &ahead_) ahead_bytes_ += run.bytes;
    return status;
}

Status NeuronStore::checkSplit(const ReadPlan& plan) {
    for (const CacheMiss& miss : plan.misses) {
        if (&plan == &ahead_) {
            if (ahead(miss.neuron) != Ahead::kArriving) continue;
            ahead(miss.neuron) = Ahead::kLanded;
        }
        const std::byte* slot = cache_.slotData(plan.layer, miss.slot);
        if (!table_.recordMatches(plan.layer, miss.neuron, slot)) {
            return damagedRecord(table_, plan.layer, miss.neuron);
        }
    }
    return {};
}

Status NeuronStore::collect(size_t min_count, const StopFlag& stop) {
    size_t count = 0;
    {
        const ScopedTimer timer(clock_, &flash_wait_ms_);
        ASSIGN_OR_RETURN(count, reader_.wait(min_count, completions_, stop));
    }
    Status status;
    for (size_t i = 0; i < count; ++i) {
        const uint64_t tag = completions_[i].tag;
        ReadPlan& plan = (tag & kAheadTag) != 0 ? ahead_ : demand_;
        ++plan.completed;
        const Status one = completions_[i].ok ? arrived(plan, plan.runs[tag & ~kAheadTag])
                                              : Status(std::unexpected(reader_.error()));
        if (!one && status) status = one;
    }
    return status;
}

Status NeuronStore::finishReads(const StopFlag& stop) {
    while (!demand_.finished() || !ahead_.idle()) {
        RETURN_IF_ERROR(submitSome(demand_, 0));
        RETURN_IF_ERROR(collect(1, stop));
        if (stop.requested() && (!demand_.finished() || !ahead_.idle())) {
            return fail(ErrorCode::kCancelled, "stopped");
        }
    }
    if (!table_.layout().split) return {};
    RETURN_IF_ERROR(checkSplit(demand_));
    return checkSplit(ahead_);
}

Status NeuronStore::finish(const StopFlag& stop) {
    const Status status = finishReads(stop);
    if (!status) abandon();
    pending_.clear();
    return status;
}

// What was guessed in vain stays until its slot is needed; what was never read goes.
void NeuronStore::settle() {
    unread_.clear();
    for (const CacheMiss& miss : ahead_.misses) {
        if (ahead(miss.neuron) != Ahead::kLanded) unread_.push_back(miss.neuron);
        ahead(miss.neuron) = Ahead::kNone;
    }
    cache_.settle(ahead_.layer, unread_);
    ahead_.clear();
}

void NeuronStore::abandon() {
    reader_.drain();
    if (!pending_.empty()) cache_.forget(demand_.layer, pending_);
    pending_.clear();
    demand_.clear();
    settle();
    blocks_taken_ = 0;
}

Status NeuronStore::endLayer(LayerId layer) {
    if (auto status = finishReads(StopFlag()); !status) {
        abandon();
        return status;
    }
    const ScopedTimer timer(clock_, &manager_ms_);
    settle();
    if (!techniques_.window) cache_.dropLayer(layer);
    cache_.endLayer(layer);
    return techniques_.manager ? Status() : cache_.rebuildLayer(layer);
}

void NeuronStore::takeStats(TokenStats& stats) {
    const CacheCounters counters = cache_.counters();
    stats.hits += counters.hits;
    stats.misses += counters.misses;
    stats.neurons_loaded += counters.loaded;
    stats.neurons_dropped += counters.dropped;
    stats.window_tokens = counters.window_tokens;
    stats.flash_wait_ms += std::exchange(flash_wait_ms_, 0.0);
    stats.manager_ms += std::exchange(manager_ms_, 0.0);
    stats.read_bytes += std::exchange(read_bytes_, 0);
    stats.reads += std::exchange(reads_, 0);
    stats.prefetch_bytes += std::exchange(ahead_bytes_, 0);
    stats.prefetch_useful_bytes += std::exchange(ahead_useful_bytes_, 0);
}

}  // namespace glowworm
