// SPDX-License-Identifier: Apache-2.0
// The dense half of FeedForward: all neurons of a layer, streamed by once for a chunk of tokens.
#include <algorithm>

#include "core/base/check.h"
#include "core/sparsity/activation.h"
#include "core/model/feed_forward.h"

namespace glowworm {

Status FeedForward::dense(LayerId layer, const InputRows& x, uint32_t keep_tokens, float* y,
                          TokenStats& stats, const StopFlag& stop) {
    const LayerWeights& w = parts_.weights.layers[layer.value()];
    const size_t hidden = parts_.config.hidden;
    std::fill_n(y, x.n_tokens * hidden, 0.0F);
    if (observer_ != nullptr) observer_->input(layer, x.values, x.n_tokens);
    bool last = false;
    while (!last) {
        ASSIGN_OR_RETURN(const RecordChunk chunk, parts_.stream.next(stop));
        CHECK(chunk.layer == layer);
        denseChunk(chunk, x, y, stats);
        keepActive(chunk, x, keep_tokens);
        last = chunk.last_of_layer;
    }
    if (w.down_bias != nullptr) {
        for (size_t t = 0; t < x.n_tokens; ++t) addInPlace(y + t * hidden, w.down_bias, hidden);
    }
    stats.total_neurons += parts_.config.ff_width * x.n_tokens;
    stats.active_neurons += parts_.config.ff_width * x.n_tokens;
    return {};
}

// A matrix's rows for a chunk's neurons: in its records, or resident. Resident rows of a chunk are
// consecutive only when the physical order is the logical one; importers keep that.
MatrixView FeedForward::rowsOf(const MatrixView& resident, const RecordPart& part,
                               const RecordChunk& chunk) const {
    const size_t count = chunk.neurons.size();
    if (resident.data == nullptr) {
        return {chunk.part(part), part.dtype, count, parts_.config.hidden, chunk.stride(part)};
    }
    const uint32_t first = chunk.neurons.front().value();
    CHECK(chunk.neurons.back().value() - first + 1 == count);
    MatrixView view = resident;
    view.rows = count;
    view.data = resident.row(first);
    return view;
}

// [tokens, count] values after the activation (and the gate), in gate_ or up_.
float* FeedForward::activateChunk(const RecordChunk& chunk, const InputRows& x) {
    const LayerWeights& w = parts_.weights.layers[chunk.layer.value()];
    const std::span<const NeuronId> neurons = chunk.neurons;
    const size_t count = neurons.size();
    Backend& backend = parts_.backend;
    backend.matmul(rowsOf(w.up, parts_.record.up, chunk), nullptr, x, up_.data());
    if (w.up_bias != nullptr) {
        for (size_t t = 0; t < x.n_tokens; ++t) {
            for (size_t i = 0; i < count; ++i) {
                up_[t * count + i] += w.up_bias[neurons[i].value()];
            }
        }
    }
    float* value = up_.data();
    if (parts_.config.gated) {
        backend.matmul(rowsOf(w.gate, parts_.record.gate, chunk), nullptr, x,
                       gate_.data());
        value = gate_.data();
    }
    activateNeurons(parts_.config, value,
             parts_.config.gated ? up_.data() : nullptr, x.n_tokens * count);
    return value;
}

void FeedForward::denseChunk(const RecordChunk& chunk, const InputRows& x, float* y,
                             TokenStats& stats) {
    const ScopedTimer timer(parts_.clock, &stats.ffn_ms);
    const std::span<const NeuronId> neurons = chunk.neurons;
    const size_t count = neurons.size();
    const float* value = activateChunk(chunk, x);
    if (observer_ != nullptr) observer_->activations(chunk.layer, neurons, value, x.n_tokens);
    const RecordPart& down = parts_.record.down;
    columns_.clear();
    for (size_t i = 0; i < count; ++i) {
        columns_.push_back(chunk.part(down) + i * chunk.stride(down));
    }
    parts_.backend.accumulateColumns(columns_, down.dtype, parts_.config.hidden, value, x.n_tokens,
                                     y);
    for (size_t i = 0; i < x.n_tokens * count; ++i) stats.fired_neurons += value[i] != 0;
}

// Leaves the neurons that were active in the last tokens in the cache, so that the answer's first
// token does not start from an empty window.
void FeedForward::keepActive(const RecordChunk& chunk, const InputRows& x, uint32_t keep_tokens) {
    NeuronCache& cache = parts_.store.cache();
    const Techniques& techniques = parts_.techniques;
    if (!techniques.window) return;
    const bool keep_all = cache.quota(chunk.layer) >= parts_.config.ff_width || pinned(chunk);
    const size_t count = chunk.neurons.size();
    const float* value = parts_.config.gated ? gate_.data() : up_.data();
    const size_t first = x.n_tokens - std::min<size_t>(keep_tokens, x.n_tokens);
    for (size_t i = 0; i < count; ++i) {
        bool keep = keep_all;
        for (size_t t = first; t < x.n_tokens && !keep; ++t) {
            keep = matters(chunk.layer, chunk.neurons[i], value[t * count + i]);
        }
        if (!keep) continue;
        if (std::byte* slot = cache.insert(chunk.layer, chunk.neurons[i])) {
            chunk.copyRecord(i, slot);
        }
    }
}

// The hybrid baseline keeps as many neurons as fit, the same for good: whole chunks at even
// distances, so that the flash is never idle while a long run of them is computed.
bool FeedForward::pinned(const RecordChunk& chunk) const {
    const Techniques& techniques = parts_.techniques;
    if (techniques.predictor || parts_.record.split || parts_.record.up.bytes == 0) return false;
    const NeuronCache& cache = parts_.store.cache();
    const uint64_t quota = cache.quota(chunk.layer);
    if (cache.used(chunk.layer) + chunk.neurons.size() > quota) return false;
    const uint64_t begin = chunk.first, end = begin + chunk.neurons.size();
    return end * quota / parts_.config.ff_width / chunk.neurons.size() !=
           begin * quota / parts_.config.ff_width / chunk.neurons.size();
}

}  // namespace glowworm
