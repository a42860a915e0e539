// SPDX-License-Identifier: Apache-2.0
#include "core/cache/neuron_cache.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <new>

#include <sys/mman.h>

#include "core/base/check.h"
#include "core/cache/quotas.h"

namespace glowworm {

namespace {

constexpr uint64_t kNeuronsMax = uint64_t{1} << 30;  // all layers: bounds the tables
constexpr uint64_t kBytesMax = uint64_t{1} << 46;    // of address space

Status checkLayout(const CacheLayout& layout) {
    const uint64_t neurons = uint64_t{layout.layers} * layout.neurons;
    const bool sizes_fit = layout.layers > 0 && layout.neurons > 0 && layout.slot_bytes > 0 &&
                           neurons <= kNeuronsMax && neurons <= kBytesMax / layout.slot_bytes;
    const bool minimum_fits = layout.slots_min >= 1 && layout.slots_min <= layout.neurons;
    const bool weights_fit =
        (layout.weights.empty() || layout.weights.size() == layout.layers) &&
        std::ranges::all_of(layout.weights, [](float w) { return std::isfinite(w) && w >= 0; });
    if (sizes_fit && minimum_fits && weights_fit) return {};
    return fail(ErrorCode::kInvalidArgument,
                "a neuron cache of " + std::to_string(layout.layers) + " layers with " +
                    std::to_string(layout.neurons) + " neurons of " +
                    std::to_string(layout.slot_bytes) +
                    " bytes cannot be made (the model's files may be damaged: import it again)");
}

}  // namespace

Result<NeuronCache> NeuronCache::create(const CacheLayout& layout) {
    RETURN_IF_ERROR(checkLayout(layout));
    NeuronCache cache;
    cache.layout_ = layout;
    cache.page_bytes_ = slotPageBytes(uint64_t{layout.neurons} * layout.slot_bytes);
    cache.layer_bytes_ = cache.pagesBytes(layout.neurons);
    const bool huge = cache.page_bytes_ == kHugeSlotPageBytes;
    ASSIGN_OR_RETURN(cache.memory_,
                     ReservedMemory::reserve(cache.layer_bytes_ * layout.layers,
                                             huge ? Pages::kHuge : Pages::kSmall));
    // Where pages are counted as small ones, a huge one would make 2 MiB resident for one slot.
    if (!huge) madvise(cache.memory_.data(), cache.memory_.size(), MADV_NOHUGEPAGE);
    try {
        cache.layers_.reserve(layout.layers);
        for (uint64_t layer = 0; layer < layout.layers; ++layer) {
            std::byte* data = cache.memory_.data() + layer * cache.layer_bytes_;
            cache.layers_.push_back({LayerSlots(layout.neurons, data, layout.slot_bytes)});
        }
        cache.quotas_.resize(layout.layers);
        cache.slots_.reserve(layout.neurons);
        cache.misses_.reserve(layout.neurons);
        cache.ahead_.reserve(layout.neurons);
        cache.guessed_.resize(layout.neurons);
    } catch (const std::bad_alloc&) {
        return fail(ErrorCode::kOutOfMemory,
                    "no memory for the tables of the neuron cache (close other programs)");
    }
    cache.setWindow(kWindowAuto);
    cache.setCapacity(cache.bytesMin());
    return cache;
}

NeuronCache::Layer& NeuronCache::at(LayerId layer) {
    CHECK(layer.value() < layers_.size());
    return layers_[layer.value()];
}

const NeuronCache::Layer& NeuronCache::at(LayerId layer) const {
    CHECK(layer.value() < layers_.size());
    return layers_[layer.value()];
}

uint64_t NeuronCache::pagesBytes(uint64_t slots) const {
    return slotPagesBytes(slots, layout_.slot_bytes, page_bytes_);
}

// Is the layer's oldest neuron outside the window?
bool NeuronCache::expired(const Layer& layer) const {
    return window_tokens_ != kWindowAuto && !layer.slots.empty() &&
           now_ - layer.slots.oldestToken() >= window_tokens_;
}

void NeuronCache::noteLeaves(Layer& layer, uint32_t token) {
    layer.lost_token = std::max(layer.lost_token, token);
    ++counters_.dropped;
}

void NeuronCache::noteOldestLeaves(Layer& layer) { noteLeaves(layer, layer.slots.oldestToken()); }

void NeuronCache::closeHoles(Layer& layer) {
    counters_.moved_bytes += uint64_t{layer.slots.closeHoles()} * layout_.slot_bytes;
}

void NeuronCache::releaseAbove(size_t layer, uint64_t keep_bytes) {
    uint64_t& taken = layers_[layer].taken_bytes;
    if (taken <= keep_bytes) return;
    memory_.release(layer * layer_bytes_ + keep_bytes, taken - keep_bytes);
    taken = keep_bytes;
}

void NeuronCache::setCapacity(uint64_t bytes) {
    planQuotas(layout_, page_bytes_, std::min(bytes, bytesMax()), quotas_);
    for (size_t i = 0; i < layers_.size(); ++i) {
        Layer& layer = layers_[i];
        CHECK(layer.slots.heldCount() == 0);
        layer.quota = quotas_[i];
        layer.slots.frequency().bringBack();
        for (uint32_t used = layer.slots.used(); used > layer.quota; --used) {
            const uint32_t leaving = nextToLeave(layer, now_ + 1);
            noteLeaves(layer, layer.slots.token(leaving));
            layer.slots.takeOut(leaving);
        }
        closeHoles(layer);
        releaseAbove(i, pagesBytes(layer.quota));
    }
}

bool NeuronCache::byFrequency() const {
    return window_tokens_ == kWindowAuto && layout_.eviction == EvictionOrder::kFrequency;
}

void NeuronCache::setWindow(uint32_t tokens) {
    window_tokens_ = tokens;
    for (Layer& layer : layers_) layer.slots.keepFrequency(byFrequency());
}

void NeuronCache::beginToken(uint32_t tokens) {
    // A prefill leaves only its last tokens: of what was before them, some was never here.
    if (tokens > 1) {
        for (Layer& layer : layers_) layer.lost_token = now_;
    }
    now_ += tokens;
    counters_ = {};
    if (const float factor = weight_.advance(now_); factor != 1) {
        for (Layer& layer : layers_) layer.slots.frequency().scale(factor);
    }
    weight_now_ = weight_.at(now_);
}

// Whose slot a newcomer gets, of those last active earlier than `before`; kNone: nobody's. Out of
// the window means leaving anyway: its slot is taken before a new one, so that endLayer() has fewer
// holes to fill.
uint32_t NeuronCache::nextToLeave(Layer& layer, uint32_t before) const {
    uint32_t leaving = layer.slots.recency().oldest();
    if (layer.slots.keepsFrequency()) {
        FrequencyOrder& order = layer.slots.frequency();
        leaving = order.lowest();
        while (leaving != FrequencyOrder::kNone && layer.slots.token(leaving) >= before) {
            order.setLowestAside();
            leaving = order.lowest();
        }
    }
    const bool leaves = leaving != RecencyList::kNone && layer.slots.token(leaving) < before;
    return leaves ? leaving : LayerSlots::kNone;
}

// A slot for a neuron that is not here: that of `leaving`, or with kNone a new one.
uint32_t NeuronCache::takeSlot(Layer& layer, uint32_t neuron, uint32_t token, uint32_t leaving) {
    ++counters_.loaded;
    if (leaving != LayerSlots::kNone) {
        noteLeaves(layer, layer.slots.token(leaving));
        return layer.slots.replace(leaving, neuron, token);
    }
    const uint32_t slot = layer.slots.addLast(neuron, token);
    layer.taken_bytes = std::max(layer.taken_bytes, pagesBytes(slot + 1));
    return slot;
}

CacheBatch NeuronCache::acquire(LayerId layer_id, std::span<const NeuronId> active) {
    CHECK(now_ > 0);
    Layer& layer = at(layer_id);
    // Held slots that this batch does not ask for are out of its reach.
    const size_t room = layer.quota - layer.slots.heldCount();
    const auto batch = active.first(std::min(active.size(), room));
    misses_.clear();
    slots_.clear();
    layer.slots.frequency().bringBack();
    // Hits first: it makes them the newest, so that no miss takes the slot of a hit.
    for (const NeuronId neuron : batch) {
        CHECK(neuron.value() < layout_.neurons);
        layer.slots.frequency().fired(neuron.value(), weight_now_);
        const uint32_t slot = layer.slots.slotOf(neuron.value());
        if (slot == LayerSlots::kNone) continue;
        if (layer.slots.isHeld(neuron.value())) {
            layer.slots.release(neuron.value(), now_);
            misses_.push_back({neuron, SlotId(slot), true});
            continue;
        }
        layer.slots.touch(neuron.value(), now_);
        ++counters_.hits;
    }
    const size_t ahead = misses_.size();
    for (const NeuronId neuron : batch) {
        uint32_t slot = layer.slots.slotOf(neuron.value());
        if (slot == LayerSlots::kNone) {
            uint32_t leaving = LayerSlots::kNone;
            if (layer.slots.used() == layer.quota || expired(layer)) {
                leaving = nextToLeave(layer, now_);
                // Only this token's are left: the oldest of them is of an earlier batch.
                if (leaving == LayerSlots::kNone) leaving = layer.slots.recency().oldest();
            }
            slot = takeSlot(layer, neuron.value(), now_, leaving);
            misses_.push_back({neuron, SlotId(slot)});
        }
        slots_.push_back(SlotId(slot));
    }
    counters_.misses += misses_.size();
    if (ahead > 0) std::ranges::sort(misses_, {}, &CacheMiss::neuron);
    return {slots_, misses_};
}

void NeuronCache::forget(LayerId layer_id, std::span<const CacheMiss> misses) {
    Layer& layer = at(layer_id);
    for (const CacheMiss& miss : misses) {
        CHECK(layer.slots.slotOf(miss.neuron.value()) == miss.slot.value());
        layer.slots.takeOut(miss.neuron.value());
        ++counters_.dropped;
    }
    closeHoles(layer);
}

// The first to leave that a guess may take the slot of; where age decides, from `from` on towards
// the newest.
uint32_t NeuronCache::guessVictim(Layer& layer, uint32_t from) const {
    const RecencyList& order = layer.slots.recency();
    uint32_t neuron = from;
    if (layer.slots.keepsFrequency()) {
        neuron = nextToLeave(layer, now_ - 1);
        while (neuron != LayerSlots::kNone && guessed_[neuron] != 0) {
            layer.slots.frequency().setLowestAside();
            neuron = nextToLeave(layer, now_ - 1);
        }
        return neuron;
    }
    while (neuron != RecencyList::kNone && guessed_[neuron] != 0) neuron = order.next(neuron);
    if (neuron == RecencyList::kNone || now_ - order.token(neuron) < 2) return RecencyList::kNone;
    return neuron;
}

std::span<const CacheMiss> NeuronCache::prefetch(LayerId layer_id,
                                                 std::span<const NeuronId> guess) {
    Layer& layer = at(layer_id);
    ahead_.clear();
    layer.slots.frequency().bringBack();
    for (const NeuronId neuron : guess) guessed_[neuron.value()] = 1;
    uint32_t victim = layer.slots.recency().oldest();
    for (const NeuronId neuron : guess) {
        uint32_t slot = layer.slots.slotOf(neuron.value());
        if (slot != LayerSlots::kNone) {
            if (layer.slots.isHeld(neuron.value())) ahead_.push_back({neuron, SlotId(slot), true});
            continue;
        }
        if (layer.slots.heldCount() >= layer.quota / 2) continue;
        const bool full = layer.slots.used() == layer.quota;
        if (full || expired(layer)) victim = guessVictim(layer, victim);
        const bool takes = (full || expired(layer)) && victim != RecencyList::kNone;
        if (full && !takes) continue;
        if (takes) {
            const uint32_t leaving = victim;
            victim = layer.slots.recency().next(victim);
            noteLeaves(layer, layer.slots.recency().token(leaving));
            slot = layer.slots.holdInstead(neuron.value(), leaving);
        } else {
            slot = layer.slots.hold(neuron.value());
            layer.taken_bytes = std::max(layer.taken_bytes, pagesBytes(slot + 1));
        }
        ++counters_.loaded;
        ahead_.push_back({neuron, SlotId(slot), true});
    }
    for (const NeuronId neuron : guess) guessed_[neuron.value()] = 0;
    return ahead_;
}

void NeuronCache::settle(LayerId layer_id, std::span<const NeuronId> guessed,
                         std::span<const NeuronId> unread) {
    Layer& layer = at(layer_id);
    for (const NeuronId neuron : unread) {
        if (!layer.slots.isHeld(neuron.value())) continue;
        layer.slots.takeOut(neuron.value());
        ++counters_.dropped;
    }
    for (const NeuronId neuron : guessed) {
        if (layer.slots.isHeld(neuron.value())) layer.slots.release(neuron.value(), 0);
    }
    closeHoles(layer);
}

bool NeuronCache::isHeld(LayerId layer, NeuronId neuron) const {
    return at(layer).slots.isHeld(neuron.value());
}

void NeuronCache::dropLayer(LayerId layer_id) {
    Layer& layer = at(layer_id);
    while (!layer.slots.empty()) {
        noteOldestLeaves(layer);
        layer.slots.takeOutOldest();
    }
    closeHoles(layer);
}

Status NeuronCache::rebuildLayer(LayerId layer_id) {
    Layer& layer = at(layer_id);
    if (layer.taken_bytes == 0) return {};
    const uint64_t bytes = uint64_t{layer.slots.used()} * layout_.slot_bytes;
    counters_.moved_bytes += bytes;
    return memory_.renew(layer_id.value() * layer_bytes_, layer.taken_bytes, bytes);
}

void NeuronCache::endLayer(LayerId layer_id) {
    Layer& layer = at(layer_id);
    CHECK(layer.slots.heldCount() == 0);
    while (expired(layer)) {
        noteOldestLeaves(layer);
        layer.slots.takeOutOldest();
    }
    layer.slots.frequency().bringBack();
    closeHoles(layer);
    const uint64_t needed = pagesBytes(layer.slots.used());
    if (layer.taken_bytes - needed > layer.taken_bytes / 4) releaseAbove(layer_id.value(), needed);
}

std::byte* NeuronCache::insert(LayerId layer_id, NeuronId neuron, uint32_t tokens_ago) {
    Layer& layer = at(layer_id);
    CHECK(neuron.value() < layout_.neurons);
    CHECK(tokens_ago < now_);
    const uint32_t token = now_ - tokens_ago;
    FrequencyOrder& frequency = layer.slots.frequency();
    frequency.fired(neuron.value(), weight_.at(token));
    if (layer.slots.slotOf(neuron.value()) != LayerSlots::kNone) {
        layer.slots.touch(neuron.value(), token);
        return nullptr;
    }
    const bool full = layer.slots.used() == layer.quota;
    const bool outside = window_tokens_ != kWindowAuto && tokens_ago >= window_tokens_;
    uint32_t leaving = LayerSlots::kNone;
    if (full || expired(layer)) leaving = nextToLeave(layer, token);
    const bool leaves_later = leaving != LayerSlots::kNone && layer.slots.keepsFrequency() &&
                              frequency.sum(leaving) > frequency.sum(neuron.value());
    if (outside || leaves_later || (full && leaving == LayerSlots::kNone)) {
        layer.lost_token = std::max(layer.lost_token, token);
        return nullptr;
    }
    return layer.slots.slotData(takeSlot(layer, neuron.value(), token, leaving));
}

void NeuronCache::touch(LayerId layer_id, NeuronId neuron) {
    Layer& layer = at(layer_id);
    CHECK(neuron.value() < layout_.neurons);
    layer.slots.frequency().fired(neuron.value(), weight_now_);
    if (layer.slots.slotOf(neuron.value()) != LayerSlots::kNone) {
        layer.slots.touch(neuron.value(), now_);
    }
}

std::byte* NeuronCache::slotData(LayerId layer, SlotId slot) const {
    CHECK(slot.value() < layout_.neurons);
    return at(layer).slots.slotData(slot.value());
}

bool NeuronCache::contains(LayerId layer, NeuronId neuron) const {
    CHECK(neuron.value() < layout_.neurons);
    return at(layer).slots.slotOf(neuron.value()) != LayerSlots::kNone;
}

const std::byte* NeuronCache::find(LayerId layer, NeuronId neuron) const {
    CHECK(neuron.value() < layout_.neurons);
    const LayerSlots& slots = at(layer).slots;
    const uint32_t slot = slots.slotOf(neuron.value());
    return slot == LayerSlots::kNone ? nullptr : slots.slotData(slot);
}

uint32_t NeuronCache::quota(LayerId layer) const { return at(layer).quota; }

std::vector<uint32_t> NeuronCache::quotasFor(uint64_t bytes) const {
    std::vector<uint32_t> quotas(layers_.size());
    planQuotas(layout_, page_bytes_, std::min(bytes, bytesMax()), quotas);
    return quotas;
}

std::vector<NeuronId> NeuronCache::held(LayerId layer) const {
    const RecencyList& recency = at(layer).slots.recency();
    std::vector<NeuronId> neurons;
    neurons.reserve(used(layer));
    if (at(layer).slots.empty()) return neurons;
    for (uint32_t n = recency.newest(); n != RecencyList::kNone; n = recency.previous(n)) {
        neurons.emplace_back(n);
    }
    if (byFrequency()) {
        const FrequencyOrder& frequency = at(layer).slots.frequency();
        std::ranges::stable_sort(neurons, [&](NeuronId a, NeuronId b) {
            return frequency.sum(a.value()) > frequency.sum(b.value());
        });
    }
    return neurons;
}

uint32_t NeuronCache::used(LayerId layer) const { return at(layer).slots.used(); }

CacheCounters NeuronCache::counters() const {
    CacheCounters counters = counters_;
    uint32_t tokens = window_tokens_ == kWindowAuto ? now_ : window_tokens_;
    for (const Layer& layer : layers_) {
        if (layer.lost_token > 0) tokens = std::min(tokens, now_ - layer.lost_token);
    }
    counters.window_tokens = tokens;
    return counters;
}

uint64_t NeuronCache::usedBytes() const {
    uint64_t bytes = 0;
    for (const Layer& layer : layers_) bytes += layer.taken_bytes;
    return bytes;
}

uint64_t NeuronCache::capacityBytes() const {
    uint64_t bytes = 0;
    for (const Layer& layer : layers_) bytes += pagesBytes(layer.quota);
    return bytes;
}

uint64_t NeuronCache::bytesMin() const { return pagesBytes(layout_.slots_min) * layout_.layers; }

uint64_t NeuronCache::bytesMax() const { return pagesBytes(layout_.neurons) * layout_.layers; }

uint64_t NeuronCache::tableBytes() const {
    const uint64_t batch_bytes =
        uint64_t{layout_.neurons} * (sizeof(SlotId) + 2 * sizeof(CacheMiss) + sizeof(uint8_t));
    const uint64_t layer_bytes =
        sizeof(Layer) + sizeof(uint32_t) + layout_.neurons * LayerSlots::kTableBytesPerNeuron;
    return batch_bytes + layer_bytes * layout_.layers;
}

void NeuronCache::clear() {
    for (size_t i = 0; i < layers_.size(); ++i) {
        layers_[i].slots.clear();
        layers_[i].lost_token = 0;
        releaseAbove(i, 0);
    }
    now_ = 0;
    weight_ = {};
    counters_ = {};
}

}  // namespace glowworm
