// SPDX-License-Identifier: Apache-2.0
#include "core/cache/layer_slots.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace glowworm {

LayerSlots::LayerSlots(uint32_t neurons, std::byte* data, uint32_t slot_bytes)
    : data_(data),
      slot_bytes_(slot_bytes),
      slot_of_(neurons, kNone),
      neuron_of_(neurons, kNone),
      held_(neurons, 0),
      recency_(neurons),
      frequency_(neurons) {
    holes_.reserve(neurons);
}

void LayerSlots::touch(uint32_t neuron, uint32_t token) {
    if (recency_.token(neuron) >= token) return;
    recency_.remove(neuron);
    addToOrder(neuron, token);
}

void LayerSlots::addToOrder(uint32_t neuron, uint32_t token) {
    uint32_t near = recency_.newest();
    const bool is_newest = empty() || token >= recency_.token(near);
    const bool has_hint = last_ordered_ != kNone && last_ordered_ != neuron &&
                          slot_of_[last_ordered_] != kNone && !isHeld(last_ordered_);
    if (!empty() && token <= oldestToken()) {
        near = recency_.oldest();
    } else if (!is_newest && has_hint) {
        near = last_ordered_;
    }
    recency_.addNear(neuron, token, near);
    last_ordered_ = neuron;
}

void LayerSlots::addToOrders(uint32_t neuron, uint32_t token) {
    addToOrder(neuron, token);
    if (keeps_frequency_) frequency_.add(neuron);
}

void LayerSlots::removeFromOrders(uint32_t neuron) {
    recency_.remove(neuron);
    if (keeps_frequency_) frequency_.remove(neuron);
}

void LayerSlots::keepFrequency(bool keep) {
    if (std::exchange(keeps_frequency_, keep) == keep) return;
    frequency_.leaveAll();
    if (!keep || empty()) return;
    for (uint32_t n = recency_.oldest(); n != RecencyList::kNone; n = recency_.next(n)) {
        frequency_.add(n);
    }
}

void LayerSlots::place(uint32_t neuron, uint32_t slot, uint32_t token) {
    DCHECK(slot_of_[neuron] == kNone);
    addToOrders(neuron, token);
    slot_of_[neuron] = slot;
    neuron_of_[slot] = neuron;
}

uint32_t LayerSlots::addLast(uint32_t neuron, uint32_t token) {
    CHECK(used_ < neuron_of_.size());
    place(neuron, used_, token);
    return used_++;
}

uint32_t LayerSlots::replace(uint32_t leaving, uint32_t neuron, uint32_t token) {
    const uint32_t slot = slot_of_[leaving];
    removeFromOrders(leaving);
    slot_of_[leaving] = kNone;
    place(neuron, slot, token);
    return slot;
}

uint32_t LayerSlots::hold(uint32_t neuron) {
    DCHECK(slot_of_[neuron] == kNone);
    CHECK(used_ < neuron_of_.size());
    held_[neuron] = 1;
    ++held_count_;
    slot_of_[neuron] = used_;
    neuron_of_[used_] = neuron;
    return used_++;
}

uint32_t LayerSlots::holdInstead(uint32_t neuron, uint32_t leaving) {
    DCHECK(slot_of_[neuron] == kNone && !isHeld(leaving));
    const uint32_t slot = slot_of_[leaving];
    removeFromOrders(leaving);
    slot_of_[leaving] = kNone;
    held_[neuron] = 1;
    ++held_count_;
    slot_of_[neuron] = slot;
    neuron_of_[slot] = neuron;
    return slot;
}

void LayerSlots::release(uint32_t neuron, uint32_t token) {
    CHECK(isHeld(neuron));
    held_[neuron] = 0;
    --held_count_;
    addToOrders(neuron, token);
}

void LayerSlots::takeOut(uint32_t neuron) {
    const uint32_t slot = slot_of_[neuron];
    CHECK(slot != kNone);
    if (isHeld(neuron)) {
        held_[neuron] = 0;
        --held_count_;
    } else {
        removeFromOrders(neuron);
    }
    slot_of_[neuron] = kNone;
    neuron_of_[slot] = kNone;
    holes_.push_back(slot);
}

uint32_t LayerSlots::closeHoles() {
    uint32_t copied = 0;
    for (const uint32_t hole : holes_) {
        while (used_ > 0 && neuron_of_[used_ - 1] == kNone) --used_;
        if (hole >= used_) continue;
        const uint32_t last = --used_;
        const uint32_t neuron = neuron_of_[last];
        std::memcpy(slotData(hole), slotData(last), slot_bytes_);
        neuron_of_[hole] = neuron;
        neuron_of_[last] = kNone;
        slot_of_[neuron] = hole;
        ++copied;
    }
    holes_.clear();
    return copied;
}

void LayerSlots::clear() {
    std::ranges::fill(slot_of_, kNone);
    std::ranges::fill(neuron_of_, kNone);
    std::ranges::fill(held_, 0);
    held_count_ = 0;
    recency_.clear();
    frequency_.forget();
    used_ = 0;
    last_ordered_ = kNone;
}

}  // namespace glowworm
