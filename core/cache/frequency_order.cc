// SPDX-License-Identifier: Apache-2.0
#include "core/cache/frequency_order.h"

#include <algorithm>

#include "core/base/check.h"

namespace glowworm {

namespace {

constexpr size_t kChildren = 4;  // half as deep as with two, and they share a cache line

}  // namespace

FrequencyOrder::FrequencyOrder(uint32_t neurons) : sums_(neurons), state_(neurons, kOut) {
    entries_.reserve(neurons);
}

void FrequencyOrder::siftUp(size_t place, Entry entry) {
    while (place > 0) {
        const size_t parent = (place - 1) / kChildren;
        if (entries_[parent] <= entry) break;
        entries_[place] = entries_[parent];
        place = parent;
    }
    entries_[place] = entry;
}

void FrequencyOrder::siftDown(size_t place, Entry entry) {
    for (size_t first = kChildren * place + 1; first < heap_; first = kChildren * place + 1) {
        const auto begin = entries_.begin() + static_cast<ptrdiff_t>(first);
        const auto count = static_cast<ptrdiff_t>(std::min(kChildren, heap_ - first));
        const auto least = std::min_element(begin, begin + count);
        if (*least >= entry) break;
        entries_[place] = *least;
        place = static_cast<size_t>(least - entries_.begin());
    }
    entries_[place] = entry;
}

void FrequencyOrder::add(uint32_t neuron) {
    DCHECK(state_[neuron] != kHere);
    const bool has_entry = state_[neuron] == kLeft;
    state_[neuron] = kHere;
    if (has_entry) return;
    const Entry entry = entryOf(neuron);
    entries_.push_back(entry);
    entries_.back() = entries_[heap_];
    siftUp(heap_++, entry);
}

void FrequencyOrder::remove(uint32_t neuron) {
    DCHECK(state_[neuron] == kHere);
    state_[neuron] = kLeft;
    if (heap_ > 0 && neuronOf(entries_.front()) == neuron) dropTop();
}

void FrequencyOrder::dropTop() {
    state_[neuronOf(entries_.front())] = kOut;
    const Entry last = entries_[--heap_];
    if (heap_ > 0) siftDown(0, last);
    entries_[heap_] = entries_.back();
    entries_.pop_back();
}

uint32_t FrequencyOrder::lowest() {
    while (heap_ > 0) {
        const uint32_t neuron = neuronOf(entries_.front());
        const Entry entry = entryOf(neuron);
        if (state_[neuron] == kLeft) {
            dropTop();
        } else if (entries_.front() == entry) {
            return neuron;
        } else {
            siftDown(0, entry);
        }
    }
    return kNone;
}

void FrequencyOrder::setLowestAside() {
    CHECK(heap_ > 0);
    const Entry top = entries_.front();
    const Entry last = entries_[--heap_];
    if (heap_ > 0) siftDown(0, last);
    entries_[heap_] = top;
}

void FrequencyOrder::bringBack() {
    while (heap_ < entries_.size()) {
        const Entry entry = entryOf(neuronOf(entries_[heap_]));
        siftUp(heap_++, entry);
    }
}

void FrequencyOrder::scale(float factor) {
    bringBack();
    for (float& sum : sums_) sum *= factor;
    for (Entry& entry : entries_) entry = entryOf(neuronOf(entry));
    for (size_t place = heap_ / kChildren + 1; place-- > 0;) {
        if (place < heap_) siftDown(place, entries_[place]);
    }
}

void FrequencyOrder::leaveAll() {
    std::ranges::fill(state_, kOut);
    entries_.clear();
    heap_ = 0;
}

void FrequencyOrder::forget() {
    leaveAll();
    std::ranges::fill(sums_, 0);
}

}  // namespace glowworm
