// SPDX-License-Identifier: Apache-2.0
#include "core/model/neuron_store.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "core/base/check.h"
#include "core/kernels/work.h"
#include "core/model/damaged_record.h"

namespace glowworm {

namespace {

// A first guess must be right this often; the memory of that goes back some tokens.
constexpr float kWorthMin = 0.75F;
constexpr float kWorthStep = 0.25F;
constexpr uint32_t kTryEvery = 32;  // tokens

}  // namespace

NeuronStore::NeuronStore(NeuronCache& cache, FlashReader& reader, const NeuronTable& table,
                         uint32_t neurons, const Clock& clock, const Techniques& techniques,
                         ThreadPool* pool)
    : cache_(cache),
      reader_(reader),
      table_(table),
      clock_(clock),
      techniques_(techniques),
      pool_(pool),
      demand_(neurons, table.pieces().count),
      first_(neurons, table.pieces().count),
      second_(neurons, table.pieces().count) {
    for (Guessed& guessed : guessed_) {
        guessed.neurons.reserve(neurons);
        guessed.states.resize(neurons, Ahead::kNone);
    }
    pending_.reserve(neurons);
    wanted_.reserve(neurons);
    unread_.reserve(neurons);
    requests_.reserve(reader.depth());
    completions_.resize(reader.depth());
    landings_.reserve(reader.depth());
    worth_.resize(cache.layers(), 1.0F);
}

Result<std::unique_ptr<NeuronStore>> NeuronStore::create(NeuronCache& cache, FlashReader& reader,
                                                         const NeuronTable& table,
                                                         uint32_t neurons, const Clock& clock,
                                                         const Techniques& techniques,
                                                         ThreadPool* pool) {
    std::unique_ptr<NeuronStore> store(
        new NeuronStore(cache, reader, table, neurons, clock, techniques, pool));
    ASSIGN_OR_RETURN(store->staging_, Staging::reserve());
    return store;
}

uint64_t NeuronStore::bytesNeeded(const RecordLayout& layout, uint32_t neurons) {
    const uint32_t pieces = recordPieces(layout).count;
    return Staging::kBytes + 3 * ReadPlan::bytesNeeded(neurons, pieces) +
           neurons * (3 * sizeof(NeuronId) + 2 * sizeof(CacheMiss) + 2 * sizeof(Ahead)) +
           kReaderDepthMax * (sizeof(ReadCompletion) + sizeof(ReadRequest) + sizeof(Landing));
}

void NeuronStore::beginToken() {
    cache_.beginToken();
    ++tokens_;
}

Status NeuronStore::prefetch(LayerId layer, std::span<const NeuronId> guess) {
    Guessed& known = guessed(layer);
    const bool corrects = !known.neurons.empty();
    ReadPlan& plan = corrects ? second_ : first_;
    CHECK(demand_.finished() && plan.idle() && (!corrects || known.layer == layer));
    {
        const ScopedTimer timer(clock_, &manager_ms_);
        // What the first guess alone named and nobody has begun to read may wait for a demand.
        if (corrects) {
            first_.runs.resize(first_.submitted);
            known.first = known.neurons.size();
        }
        known.layer = layer;
        wanted_.clear();
        for (const CacheMiss& miss : cache_.prefetch(layer, guess)) {
            Ahead& state = known.of(miss.neuron);
            if (state == Ahead::kNone) {
                known.neurons.push_back(miss.neuron);
                state = Ahead::kUnread;
            }
            if (state == Ahead::kUnread) wanted_.push_back(miss);
        }
        plan.make(table_, layer, wanted_, kRunBytesMax, reader_.gapBytes());
    }
    return submitSome(plan, corrects ? kSecondTag : kFirstTag);
}

Status NeuronStore::keepReading() {
    if (first_.submitted == first_.runs.size() && second_.submitted == second_.runs.size()) {
        return {};
    }
    RETURN_IF_ERROR(collect(0, StopFlag()));
    RETURN_IF_ERROR(submitSome(second_, kSecondTag));
    return submitSome(first_, kFirstTag);
}

Result<CacheBatch> NeuronStore::start(LayerId layer, std::span<const NeuronId> active) {
    CHECK(demand_.finished() && (guessed(layer).neurons.empty() || guessed(layer).layer == layer));
    // Whether guesses have landed is asked before slots are taken.
    if (!first_.idle() || !second_.idle()) {
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
        takeOver(layer, batch);
        demand_.make(table_, layer, wanted_, kRunBytesMax, reader_.gapBytes());
        batch.misses = pending_;
    }
    if (auto status = submitSome(demand_, 0); !status) {
        abandon();
        return std::unexpected(status.error());
    }
    return batch;
}

// From here on the guess is known to be right or wrong: what was not begun is read only on demand.
void NeuronStore::takeOver(LayerId layer, const CacheBatch& batch) {
    first_.runs.resize(first_.submitted);
    second_.runs.resize(second_.submitted);
    pending_.clear();
    wanted_.clear();
    for (const CacheMiss& miss : batch.misses) {
        const Ahead state = miss.ahead ? guessed(layer).of(miss.neuron) : Ahead::kUnread;
        if (state == Ahead::kUnread) {
            wanted_.push_back(miss);
        } else {
            ahead_useful_bytes_ += table_.layout().stride;
            ++misses_ahead_;
        }
        if (state != Ahead::kLanded) pending_.push_back(miss);
    }
}

// As many of the plan's reads as there is room for, in one go.
Status NeuronStore::submitSome(ReadPlan& plan, uint64_t tag) {
    const ScopedTimer timer(clock_, &reading_ms_);
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
            run.staged = staging_.take(run.bytes);
            if (!run.staged) break;
            destination = staging_.data(*run.staged);
        }
        requests_.push_back({run.offset, run.bytes, destination, plan.submitted | tag});
        for (uint32_t i = 0; tag != 0 && run.piece.offset == last_piece && i < run.count; ++i) {
            guessed(plan.layer).of(plan.misses[run.first + i].neuron) = Ahead::kArriving;
        }
        ++plan.submitted;
    }
    if (requests_.empty()) return {};
    ASSIGN_OR_RETURN(const size_t taken, reader_.submit(requests_));
    CHECK(taken == requests_.size());
    return {};
}

// A run's bytes are here: into the slots, unless they are there already, and compared. The parts of
// a split record are compared when all of them are here. On any thread.
void NeuronStore::takeIn(Landing& landing) {
    const ReadPlan& plan = *landing.plan;
    const ReadRun& run = *landing.run;
    for (uint32_t i = run.first; i < run.first + run.count; ++i) {
        const CacheMiss& miss = plan.misses[i];
        std::byte* slot = cache_.slotData(plan.layer, miss.slot);
        if (run.staged) {
            const uint64_t offset = table_.pieceOffset(plan.layer, miss.neuron, run.piece);
            std::memcpy(slot + run.piece.offset, staging_.data(*run.staged) + (offset - run.offset),
                        run.piece.bytes);
        }
        const bool whole = !table_.layout().split;
        if (whole && !table_.recordMatches(plan.layer, miss.neuron, slot)) landing.damaged = i;
    }
}

Status NeuronStore::arrived(const Landing& landing) {
    const ReadPlan& plan = *landing.plan;
    ReadRun& run = *landing.run;
    const bool guess = &plan != &demand_;
    for (uint32_t i = run.first; i < run.first + run.count; ++i) {
        if (!guess || table_.layout().split || landing.damaged == i) continue;
        guessed(plan.layer).of(plan.misses[i].neuron) = Ahead::kLanded;
    }
    if (run.staged) staging_.give(*run.staged, run.bytes);
    read_bytes_ += run.bytes;
    ++reads_;
    if (guess) ahead_bytes_ += run.bytes;
    if (landing.damaged < 0) return {};
    return damagedRecord(table_, plan.layer, plan.misses[landing.damaged].neuron);
}

Status NeuronStore::checkSplit(const ReadPlan& plan) {
    for (const CacheMiss& miss : plan.misses) {
        if (&plan != &demand_) {
            Ahead& state = guessed(plan.layer).of(miss.neuron);
            if (state != Ahead::kArriving) continue;
            state = Ahead::kLanded;
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
    const ScopedTimer timer(clock_, &reading_ms_);
    Status status;
    landings_.clear();
    for (size_t i = 0; i < count; ++i) {
        const uint64_t tag = completions_[i].tag;
        ReadPlan& plan = (tag & kFirstTag) != 0    ? first_
                         : (tag & kSecondTag) != 0 ? second_
                                                   : demand_;
        ++plan.completed;
        if (completions_[i].ok) {
            landings_.push_back({&plan, &plan.runs[tag & ~(kFirstTag | kSecondTag)], -1});
        } else if (status) {
            status = std::unexpected(reader_.error());
        }
    }
    const auto takeInSome = [&](size_t begin, size_t end, size_t) {
        for (size_t i = begin; i < end; ++i) takeIn(landings_[i]);
    };
    if (pool_ != nullptr) {
        forPieces(*pool_, landings_.size(), 1, table_.layout().stride, takeInSome);
    } else {
        takeInSome(0, landings_.size(), 0);
    }
    for (const Landing& landing : landings_) {
        if (const Status one = arrived(landing); !one && status) status = one;
    }
    return status;
}

// Reads for the layer after `layer` may be under way: they are not waited for.
bool NeuronStore::arrivedAll(LayerId layer) const {
    const auto here = [layer](const ReadPlan& plan) { return plan.layer != layer || plan.idle(); };
    return demand_.finished() && here(first_) && here(second_);
}

Status NeuronStore::finishReads(LayerId layer, const StopFlag& stop) {
    while (!arrivedAll(layer)) {
        RETURN_IF_ERROR(submitSome(demand_, 0));
        RETURN_IF_ERROR(collect(1, stop));
        if (stop.requested() && !arrivedAll(layer)) {
            return fail(ErrorCode::kCancelled, "stopped");
        }
    }
    if (!table_.layout().split) return {};
    for (const ReadPlan* plan : {&demand_, &first_, &second_}) {
        if (plan->layer == layer) RETURN_IF_ERROR(checkSplit(*plan));
    }
    return {};
}

Status NeuronStore::finish(const StopFlag& stop) {
    const Status status = finishReads(demand_.layer, stop);
    if (!status) abandon();
    pending_.clear();
    return status;
}

bool NeuronStore::firstGuessPays(LayerId layer) const {
    return worth_[layer.value()] >= kWorthMin || tokens_ % kTryEvery == 0;
}

// What acquire() took is no longer held.
void NeuronStore::noteWorth(const Guessed& known) {
    if (known.first == 0) return;
    const auto first = std::span(known.neurons).first(known.first);
    const auto vain = std::ranges::count_if(
        first, [&](NeuronId neuron) { return cache_.isHeld(known.layer, neuron); });
    const float share = 1.0F - static_cast<float>(vain) / static_cast<float>(known.first);
    float& worth = worth_[known.layer.value()];
    worth += (share - worth) * kWorthStep;
}

// What was guessed in vain stays until its slot is needed; what was never read goes.
void NeuronStore::settle(LayerId layer) {
    Guessed& known = guessed(layer);
    unread_.clear();
    for (const NeuronId neuron : known.neurons) {
        if (known.of(neuron) != Ahead::kLanded) unread_.push_back(neuron);
        known.of(neuron) = Ahead::kNone;
    }
    noteWorth(known);
    cache_.settle(layer, known.neurons, unread_);
    known.neurons.clear();
    known.first = 0;
    for (ReadPlan* plan : {&demand_, &first_, &second_}) {
        if (plan->layer == layer) plan->clear();
    }
}

void NeuronStore::abandon() {
    reader_.drain();
    if (!pending_.empty()) cache_.forget(demand_.layer, pending_);
    pending_.clear();
    for (const Guessed& known : guessed_) {
        if (!known.neurons.empty()) settle(known.layer);
    }
    demand_.clear();
    first_.clear();
    second_.clear();
    staging_.giveAll();
}

Status NeuronStore::endLayer(LayerId layer) {
    if (auto status = finishReads(layer, StopFlag()); !status) {
        abandon();
        return status;
    }
    const ScopedTimer timer(clock_, &manager_ms_);
    settle(layer);
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
    stats.reading_ms += std::exchange(reading_ms_, 0.0);
    stats.read_bytes += std::exchange(read_bytes_, 0);
    stats.reads += std::exchange(reads_, 0);
    stats.prefetch_bytes += std::exchange(ahead_bytes_, 0);
    stats.prefetch_useful_bytes += std::exchange(ahead_useful_bytes_, 0);
    stats.misses_ahead += std::exchange(misses_ahead_, 0);
}

}  // namespace glowworm
