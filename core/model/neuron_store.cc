// SPDX-License-Identifier: Apache-2.0
#include "core/model/neuron_store.h"

#include <utility>

#include "core/base/check.h"
#include "core/model/damaged_record.h"

namespace glowworm {

NeuronStore::NeuronStore(NeuronCache& cache, FlashReader& reader, const NeuronTable& table,
                         uint32_t neurons, const Clock& clock)
    : cache_(cache), reader_(reader), table_(table), clock_(clock) {
    misses_.reserve(neurons);
    requests_.reserve(neurons);
    completions_.resize(reader.depth());
}

uint64_t NeuronStore::bytes() const {
    return misses_.capacity() * sizeof(CacheMiss) + requests_.capacity() * sizeof(ReadRequest) +
           completions_.capacity() * sizeof(ReadCompletion);
}

void NeuronStore::beginToken() { cache_.beginToken(); }

Result<CacheBatch> NeuronStore::start(LayerId layer, std::span<const NeuronId> active) {
    CHECK(completed_ == requests_.size());
    layer_ = layer;
    CacheBatch batch;
    {
        const ScopedTimer timer(clock_, &manager_ms_);
        batch = cache_.acquire(layer, active);
        CHECK(active.empty() || !batch.slots.empty());
        misses_.assign(batch.misses.begin(), batch.misses.end());
        requests_.clear();
        const uint32_t stride = table_.layout().stride;
        for (size_t i = 0; i < misses_.size(); ++i) {
            requests_.push_back({table_.recordOffset(layer, misses_[i].neuron), stride,
                                 cache_.slotData(layer, misses_[i].slot), i});
        }
    }
    submitted_ = completed_ = 0;
    if (auto status = submitSome(); !status) {
        abandon();
        return std::unexpected(status.error());
    }
    return batch;
}

Status NeuronStore::submitSome() {
    while (submitted_ < requests_.size() && reader_.inFlight() < reader_.depth()) {
        ASSIGN_OR_RETURN(const size_t taken,
                         reader_.submit(std::span(requests_).subspan(submitted_)));
        if (taken == 0) break;
        submitted_ += taken;
    }
    return {};
}

Status NeuronStore::check(const ReadCompletion& completion) {
    if (!completion.ok) return std::unexpected(reader_.error());
    const CacheMiss& miss = misses_[completion.tag];
    const std::byte* record = cache_.slotData(layer_, miss.slot);
    if (!table_.recordMatches(layer_, miss.neuron, record)) {
        return damagedRecord(table_, layer_, miss.neuron);
    }
    read_bytes_ += table_.layout().stride;
    ++reads_;
    return {};
}

Status NeuronStore::collect(const StopFlag& stop) {
    RETURN_IF_ERROR(submitSome());
    size_t arrived = 0;
    {
        const ScopedTimer timer(clock_, &flash_wait_ms_);
        ASSIGN_OR_RETURN(arrived, reader_.wait(1, completions_, stop));
    }
    Status status;
    for (size_t i = 0; i < arrived; ++i) {
        ++completed_;
        if (auto checked = check(completions_[i]); !checked && status) status = checked;
    }
    return status;
}

Status NeuronStore::finish(const StopFlag& stop) {
    while (completed_ < requests_.size()) {
        Status status = collect(stop);
        if (status && stop.requested() && completed_ < requests_.size()) {
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
    requests_.clear();
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
