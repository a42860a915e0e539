// SPDX-License-Identifier: Apache-2.0
// The neurons of one layer by decayed frequency (LRFU: Lee et al. 2001): each firing counts half
// after a half-life, and the lowest sum leaves first. Sums are kept for all neurons of the layer,
// whether they are here or not; firing_weight.h says what a firing counts.
//
// A heap of those that are here, the lowest on top; equal sums by number. It is lazy in two ways.
// A sum only grows, so a firing does not touch the heap: an entry's key may be older than its sum,
// which makes it a lower bound, and lowest() brings the top up to date until it holds. And who
// leaves otherwise than from the top leaves its entry behind, until that comes to the top or the
// neuron comes back. A hit is O(1), one that comes or leaves O(log n); no neuron has two entries.
// Nothing is allocated after the constructor.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace glowworm {

class FrequencyOrder {
  public:
    static constexpr uint32_t kNone = UINT32_MAX;
    static constexpr uint64_t kTableBytesPerNeuron =
        sizeof(float) + sizeof(uint64_t) + sizeof(uint8_t);

    explicit FrequencyOrder(uint32_t neurons);

    void fired(uint32_t neuron, float weight) { sums_[neuron] += weight; }
    [[nodiscard]] float sum(uint32_t neuron) const { return sums_[neuron]; }

    void add(uint32_t neuron);     // that is not in the order
    void remove(uint32_t neuron);  // that is
    // Who leaves first, of those that are not set aside; kNone where there is none.
    [[nodiscard]] uint32_t lowest();
    // The lowest, as just asked for, may not leave now: sets it aside until bringBack(), even if it
    // leaves otherwise and returns meanwhile.
    void setLowestAside();
    void bringBack();

    // All sums times `factor`, 0..1.
    void scale(float factor);
    void leaveAll();  // sums stay
    void forget();    // sums too

  private:
    enum State : uint8_t { kOut, kHere, kLeft };  // kLeft: not here, but its entry is

    // A sum's bits above the neuron: sums are not negative, so integers order them.
    using Entry = uint64_t;
    static uint32_t neuronOf(Entry entry) { return static_cast<uint32_t>(entry); }
    [[nodiscard]] Entry entryOf(uint32_t neuron) const {
        return uint64_t{std::bit_cast<uint32_t>(sums_[neuron])} << 32 | neuron;
    }
    void siftUp(size_t place, Entry entry);
    void siftDown(size_t place, Entry entry);
    void dropTop();

    std::vector<float> sums_;     // by neuron
    std::vector<uint8_t> state_;  // by neuron
    std::vector<Entry> entries_;  // the heap, then those set aside
    size_t heap_ = 0;             // how many of them are the heap
};

}  // namespace glowworm
