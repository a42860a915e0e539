// SPDX-License-Identifier: Apache-2.0
#include "core/model/neuron_store.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "core/base/check.h"
#include "core/model/damaged_record.h"
#include "core/model/read_gap.h"

namespace glowworm {

NeuronStore::NeuronStore(NeuronCache& cache, FlashReader& reader, const NeuronTable& table,
                         uint32_t neurons, const Clock& clock)
    : cache_(cache), reader_(reader), table_(table), clock_(clock) {
    misses_.reserve(neurons);
    runs_.reserve(neurons);
    completions_.resize(reader.depth());
}

Result<std::unique_ptr<NeuronStore>> NeuronStore::create(NeuronCache& cache, FlashReader& reader,
                                                         const NeuronTable& table,
                                                         uint32_t neurons, const Clock& clock) {
    std::unique_ptr<NeuronStore> store(new NeuronStore(cache, reader, table, neurons, clock));
    ASSIGN_OR_RETURN(store->staging_, ReservedMemory::reserve(uint64_t{kBlocks} * kBlockBytes));
    return store;
}

uint64_t NeuronStore::bytesNeeded(uint32_t neurons) {
    return uint64_t{kBlocks} * kBlockBytes + neurons * (sizeof(CacheMiss) + sizeof(Run)) +
           kReaderDepthMax * sizeof(ReadCompletion);
}

void NeuronStore::beginToken() { cache_.beginToken(); }

Result<CacheBatch> NeuronStore::start(LayerId layer, std::span<const NeuronId> active) {
    CHECK(completed_ == runs_.size());
    layer_ = layer;
    CacheBatch batch;
    {
        const ScopedTimer timer(clock_, &manager_ms_);
        batch = cache_.acquire(layer, active);
        CHECK(active.empty() || !batch.slots.empty());
        misses_.assign(batch.misses.begin(), batch.misses.end());
        planRuns();
    }
    submitted_ = completed_ = 0;
    if (auto status = submitSome(); !status) {
        abandon();
        return std::unexpected(status.error());
    }
    return batch;
}

void NeuronStore::planRuns() {
    const auto place = [this](const CacheMiss& miss) { return offsetOf(miss); };
    if (!std::ranges::is_sorted(misses_, {}, place)) std::ranges::sort(misses_, {}, place);
    const uint32_t stride = table_.layout().stride;
    runs_.clear();
    for (uint32_t i = 0; i < misses_.size(); ++i) {
        const uint64_t offset = offsetOf(misses_[i]);
        if (!runs_.empty()) {
            Run& run = runs_.back();
            const uint64_t bytes = offset + stride - run.offset;
            if (offset - run.offset - run.bytes <= kGapBytes && bytes <= kBlockBytes) {
                run.bytes = static_cast<uint32_t>(bytes);
                ++run.count;
                continue;
            }
        }
        runs_.push_back({offset, stride, i, 1, -1});
    }
}

int32_t NeuronStore::freeBlock() const {
    for (uint32_t block = 0; block < kBlocks; ++block) {
        if ((blocks_taken_ >> block & 1U) == 0) return static_cast<int32_t>(block);
    }
    return -1;
}

Status NeuronStore::submitSome() {
    while (submitted_ < runs_.size() && reader_.inFlight() < reader_.depth()) {
        Run& run = runs_[submitted_];
        std::byte* destination = nullptr;
        if (run.count == 1) {
            destination = cache_.slotData(layer_, misses_[run.first].slot);
        } else {
            run.block = freeBlock();
            if (run.block < 0) break;
            destination = staging_.data() + size_t{kBlockBytes} * static_cast<uint32_t>(run.block);
        }
        const ReadRequest request{run.offset, run.bytes, destination, submitted_};
        ASSIGN_OR_RETURN(const size_t taken, reader_.submit(std::span(&request, 1)));
        if (taken == 0) break;
        if (run.block >= 0) blocks_taken_ |= 1U << run.block;
        ++submitted_;
    }
    return {};
}

// A run's bytes are here: into the slots, unless they are there already, and compared.
Status NeuronStore::arrived(const Run& run) {
    const uint32_t stride = table_.layout().stride;
    Status status;
    for (uint32_t i = run.first; i < run.first + run.count; ++i) {
        const CacheMiss& miss = misses_[i];
        std::byte* slot = cache_.slotData(layer_, miss.slot);
        if (run.block >= 0) {
            const std::byte* block =
                staging_.data() + size_t{kBlockBytes} * static_cast<uint32_t>(run.block);
            std::memcpy(slot, block + (offsetOf(miss) - run.offset), stride);
        }
        if (!table_.recordMatches(layer_, miss.neuron, slot)) {
            status = damagedRecord(table_, layer_, miss.neuron);
        }
    }
    if (run.block >= 0) blocks_taken_ &= ~(1U << run.block);
    read_bytes_ += run.bytes;
    ++reads_;
    return status;
}

Status NeuronStore::collect(const StopFlag& stop) {
    RETURN_IF_ERROR(submitSome());
    size_t count = 0;
    {
        const ScopedTimer timer(clock_, &flash_wait_ms_);
        ASSIGN_OR_RETURN(count, reader_.wait(1, completions_, stop));
    }
    Status status;
    for (size_t i = 0; i < count; ++i) {
        ++completed_;
        const Status one = completions_[i].ok ? arrived(runs_[completions_[i].tag])
                                              : Status(std::unexpected(reader_.error()));
        if (!one && status) status = one;
    }
    return status;
}

Status NeuronStore::finish(const StopFlag& stop) {
    while (completed_ < runs_.size()) {
        Status status = collect(stop);
        if (status && stop.requested() && completed_ < runs_.size()) {
            status = fail(ErrorCode::kCancelled, "stopped");
        }
        if (!status) {
            abandon();
            return status;
        }
    }
    return {};
}

void NeuronStore::abandon() {
    reader_.drain();
    cache_.forget(layer_, misses_);
    runs_.clear();
    blocks_taken_ = 0;
    submitted_ = completed_ = 0;
}

void NeuronStore::endLayer(LayerId layer) {
    const ScopedTimer timer(clock_, &manager_ms_);
    cache_.endLayer(layer);
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
}

}  // namespace glowworm
