// SPDX-License-Identifier: Apache-2.0
#include "core/model/feed_forward.h"

#include <algorithm>
#include <cmath>

#include "core/sparsity/activation.h"

namespace glowworm {

namespace {

// A guess asks the predictor twice: not worth it where that is more than so small a part of the
// block's bytes (sketches, shadows). With parallel attention the guess is the answer.
constexpr uint64_t kGuessShare = 16;

size_t valuesNeeded(const ModelConfig& config, const RecordLayout& record, uint32_t tokens) {
    const size_t chunk = RecordStream::chunkRecords(record, config.ff_width);
    return std::max<size_t>(config.ff_width, chunk * tokens);
}

}  // namespace

FeedForward::FeedForward(const FeedForwardParts& parts, uint32_t chunk_tokens)
    : parts_(parts) {
    const size_t width = parts.config.ff_width;
    const size_t values = valuesNeeded(parts.config, parts.record, chunk_tokens);
    gate_.resize(values);
    up_.resize(values);
    value_.resize(width);
    scales_.resize(width);
    rows_.reserve(width);
    columns_.reserve(width);
    places_.reserve(width);
    active_.neurons.reserve(width);
    guess_.neurons.reserve(width);
    missed_.resize(parts.config.layers, 1);
    const uint64_t neurons = uint64_t{parts.config.layers} * width;
    cheap_guess_ = parts.predictor != nullptr &&
                   (parts.config.parallel_attention ||
                    parts.predictor->bytes() <= neurons * parts.record.stride / kGuessShare);
}

uint64_t FeedForward::bytesNeeded(const ModelConfig& config, const RecordLayout& record,
                                  uint32_t chunk_tokens) {
    return valuesNeeded(config, record, chunk_tokens) * 2 * sizeof(float) +
           uint64_t{config.ff_width} * (2 * sizeof(float) + 2 * sizeof(std::byte*) +
                                        sizeof(uint32_t) + 2 * sizeof(NeuronId)) +
           uint64_t{config.layers} * sizeof(uint32_t);
}

uint64_t FeedForward::bytes() const {
    return (gate_.capacity() + up_.capacity() + value_.capacity() + scales_.capacity()) *
               sizeof(float) +
           (rows_.capacity() + columns_.capacity()) * sizeof(std::byte*) +
           (places_.capacity() + missed_.capacity()) * sizeof(uint32_t) +
           (active_.neurons.capacity() + guess_.neurons.capacity()) * sizeof(NeuronId);
}

bool FeedForward::rowsResident(LayerId layer) const {
    return parts_.weights.layers[layer.value()].up.data != nullptr;
}

// No predictor and a split bundle: the up and gate rows of all neurons pass by for each token.
bool FeedForward::rowsStreamed() const {
    return !parts_.techniques.predictor && parts_.record.split && parts_.record.up.bytes != 0;
}

// Whether a neuron's true activation makes it part of the active set (decisions.md 3).
bool FeedForward::matters(LayerId layer, NeuronId neuron, float value) const {
    if (parts_.config.activation == FfnActivation::kRelu) return value != 0;
    const float* norm = parts_.weights.layers[layer.value()].down_norm;
    if (norm == nullptr || parts_.contribution_thresholds.empty()) return true;
    return std::abs(value) * norm[neuron.value()] > parts_.contribution_thresholds[layer.value()];
}

// Resident up and gate rows: every activation is known exactly before anything is read.
void FeedForward::activateResident(LayerId layer, const InputRows& x) {
    const LayerWeights& w = parts_.weights.layers[layer.value()];
    const size_t width = parts_.config.ff_width;
    Backend& backend = parts_.backend;
    backend.matmul(w.up, w.up_bias, x, up_.data());
    if (parts_.config.gated) backend.matmul(w.gate, nullptr, x, gate_.data());
    float* value = value_.data();
    if (parts_.config.gated) {
        std::copy_n(gate_.data(), width, value);
        activateNeurons(parts_.config, value, up_.data(), width);
    } else {
        std::copy_n(up_.data(), width, value);
        activateNeurons(parts_.config, value, nullptr, width);
    }
}

Status FeedForward::activateStreamed(LayerId layer, const InputRows& x, TokenStats& stats,
                                     const StopFlag& stop) {
    bool last = false;
    while (!last) {
        ASSIGN_OR_RETURN(const RecordChunk chunk, parts_.stream.next(stop));
        CHECK(chunk.layer == layer);
        const ScopedTimer timer(parts_.clock, &stats.ffn_ms);
        const float* value = activateChunk(chunk, x);
        for (size_t i = 0; i < chunk.neurons.size(); ++i) {
            value_[chunk.neurons[i].value()] = value[i];
        }
        last = chunk.last_of_layer;
    }
    return {};
}

// Exact: all neurons, in the order in which a dense pass adds them, so that the bits are the same.
Status FeedForward::findActive(LayerId layer, const InputRows& x, bool exact, TokenStats& stats,
                               const StopFlag& stop) {
    if (known_) return {};
    const bool streamed = rowsStreamed() && !exact;
    active_.neurons.clear();
    if (rowsResident(layer)) activateResident(layer, x);
    if (streamed) RETURN_IF_ERROR(activateStreamed(layer, x, stats, stop));
    if (exact || (parts_.predictor == nullptr && !rowsResident(layer) && !streamed)) {
        const auto order = parts_.stream.order(layer);
        active_.neurons.assign(order.begin(), order.end());
    } else if (rowsResident(layer) || streamed) {
        for (uint32_t n = 0; n < parts_.config.ff_width; ++n) {
            if (matters(layer, NeuronId(n), value_[n])) active_.neurons.push_back(NeuronId(n));
        }
    } else {
        parts_.predictor->predict(layer, x, 0, active_, parts_.backend.pool());
    }
    return {};
}

bool FeedForward::readsAhead(LayerId layer) const {
    return parts_.techniques.prefetch && cheap_guess_ && !rowsResident(layer) &&
           missed_[layer.value()] > 0;
}

Status FeedForward::readAhead(LayerId layer, const InputRows& x, bool certain,
                              TokenStats& stats) {
    ActiveSet& guess = certain ? active_ : guess_;
    {
        const ScopedTimer timer(parts_.clock, &stats.predictor_ms);
        parts_.predictor->predict(layer, x, 0, guess, parts_.backend.pool());
    }
    known_ = certain;
    return parts_.store.prefetch(layer, guess.neurons);
}

// While this layer's reads are under way.
void FeedForward::guessNext(TokenStats& stats) {
    if (!next_) return;
    const ScopedTimer timer(parts_.clock, &stats.predictor_ms);
    parts_.predictor->predict(next_->layer, next_->x, 0, guess_, parts_.backend.pool());
}

// Now that the disk has nothing to do.
Status FeedForward::readNext() {
    if (!next_) return {};
    const LayerId layer = next_->layer;
    next_.reset();
    return parts_.store.prefetch(layer, guess_.neurons);
}

void FeedForward::abandon() {
    known_ = false;
    next_.reset();
    parts_.store.abandon();
}

Status FeedForward::sparse(LayerId layer, const InputRows& x, bool exact, float* y,
                           TokenStats& stats, const StopFlag& stop) {
    CHECK(x.n_tokens == 1);
    const LayerWeights& w = parts_.weights.layers[layer.value()];
    std::fill_n(y, parts_.config.hidden, 0.0F);
    {
        // Rows that stream by are arithmetic and waiting, and counted as such.
        double elsewhere_ms = 0;
        const ScopedTimer timer(parts_.clock,
                                rowsStreamed() ? &elsewhere_ms : &stats.predictor_ms);
        RETURN_IF_ERROR(findActive(layer, x, exact, stats, stop));
        known_ = false;
    }
    if (parts_.listener != nullptr && !exact) {
        const ScopedTimer timer(parts_.clock, &stats.manager_ms);
        parts_.listener->active(layer, active_.neurons);
    }
    stats.active_neurons += active_.neurons.size();
    stats.total_neurons += parts_.config.ff_width;
    const uint64_t missed_before = parts_.store.cache().counters().misses;
    size_t done = 0;
    while (done < active_.neurons.size()) {
        ASSIGN_OR_RETURN(const CacheBatch batch,
                         parts_.store.start(layer, std::span(active_.neurons).subspan(done)));
        if (done == 0) approximateRest(layer, exact, y, stats);
        RETURN_IF_ERROR(computeBatch(layer, x, exact, done, batch, y, stats, stop));
        done += batch.slots.size();
    }
    if (active_.neurons.empty()) {
        approximateRest(layer, exact, y, stats);
        guessNext(stats);
        RETURN_IF_ERROR(readNext());
    }
    const uint64_t missed = parts_.store.cache().counters().misses - missed_before;
    missed_[layer.value()] = static_cast<uint32_t>(missed);
    RETURN_IF_ERROR(parts_.store.endLayer(layer));
    if (w.down_bias != nullptr) addInPlace(y, w.down_bias, parts_.config.hidden);
    return {};
}

Status FeedForward::computeBatch(LayerId layer, const InputRows& x, bool exact, size_t first,
                                 const CacheBatch& batch, float* y, TokenStats& stats,
                                 const StopFlag& stop) {
    const bool resident = rowsResident(layer) || (rowsStreamed() && !exact);
    {
        const ScopedTimer timer(parts_.clock, &stats.ffn_ms);
        if (resident) {
            for (size_t i = 0; i < batch.slots.size(); ++i) {
                scales_[i] = value_[active_.neurons[first + i].value()];
            }
        } else {
            activateSome(layer, x, first, batch, false);
        }
    }
    const bool last = first + batch.slots.size() == active_.neurons.size();
    if (last) guessNext(stats);
    RETURN_IF_ERROR(parts_.store.finish(stop));
    if (last) RETURN_IF_ERROR(readNext());
    {
        const ScopedTimer timer(parts_.clock, &stats.ffn_ms);
        if (!resident) activateSome(layer, x, first, batch, true);
    }
    RETURN_IF_ERROR(keepReading());
    const ScopedTimer timer(parts_.clock, &stats.ffn_ms);
    addDown(layer, batch.slots, y);
    for (size_t i = 0; i < batch.slots.size(); ++i) stats.fired_neurons += scales_[i] != 0;
    return {};
}

// Computes scales_[place] for the batch's neurons that were there already, or for those that had to
// be read. Misses come in ascending order of neuron, as the batch does.
void FeedForward::activateSome(LayerId layer, const InputRows& x, size_t first,
                               const CacheBatch& batch, bool misses) {
    const NeuronCache& cache = parts_.store.cache();
    const RecordLayout& record = parts_.record;
    const LayerWeights& w = parts_.weights.layers[layer.value()];
    places_.clear();
    rows_.clear();
    size_t next_miss = 0;
    for (uint32_t i = 0; i < batch.slots.size(); ++i) {
        const bool missed = next_miss < batch.misses.size() &&
                            batch.misses[next_miss].neuron == active_.neurons[first + i];
        next_miss += missed;
        if (missed != misses) continue;
        places_.push_back(i);
        rows_.push_back(cache.slotData(layer, batch.slots[i]));
    }
    const size_t count = places_.size();
    if (count == 0) return;
    const RecordPart& leading = parts_.config.gated ? record.gate : record.up;
    float* value = parts_.config.gated ? gate_.data() : up_.data();
    for (const std::byte*& row : rows_) row += leading.offset;
    parts_.backend.gatherDot(rows_, leading.dtype, x, 0, value);
    if (parts_.config.gated) {
        const auto step = ptrdiff_t{record.up.offset} - ptrdiff_t{leading.offset};
        for (const std::byte*& row : rows_) row += step;
        parts_.backend.gatherDot(rows_, record.up.dtype, x, 0, up_.data());
    } else if (w.up_bias != nullptr) {
        for (size_t i = 0; i < count; ++i) {
            value[i] += w.up_bias[active_.neurons[first + places_[i]].value()];
        }
    }
    activateNeurons(parts_.config, value,
             parts_.config.gated ? up_.data() : nullptr, count);
    for (size_t i = 0; i < count; ++i) scales_[places_[i]] = value[i];
}

// y += sum of scales_ * down columns, ascending.
void FeedForward::addDown(LayerId layer, std::span<const SlotId> slots, float* y) {
    const NeuronCache& cache = parts_.store.cache();
    const RecordPart& down = parts_.record.down;
    columns_.clear();
    for (const SlotId slot : slots) columns_.push_back(cache.slotData(layer, slot) + down.offset);
    parts_.backend.accumulateColumns(columns_, down.dtype, parts_.config.hidden, scales_.data(), 1,
                                     y);
}

}  // namespace glowworm
