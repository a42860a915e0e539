// SPDX-License-Identifier: Apache-2.0
// The slots of one layer: which neuron lies where, and when it was last active. Slots in use are
// always [0, used()): a neuron that leaves is overwritten by a newcomer, or by the neuron of the
// last slot (LLM in a Flash, section 3.3). Knows no quota and no window; NeuronCache decides.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/cache/frequency_order.h"
#include "core/cache/recency_list.h"

namespace glowworm {

class LayerSlots {
  public:
    static constexpr uint32_t kNone = UINT32_MAX;
    static constexpr uint64_t kTableBytesPerNeuron =
        6 * sizeof(uint32_t) + sizeof(uint8_t) + FrequencyOrder::kTableBytesPerNeuron;

    // `data` has room for `neurons` slots of `slot_bytes`; owned by the cache.
    LayerSlots(uint32_t neurons, std::byte* data, uint32_t slot_bytes);

    [[nodiscard]] uint32_t used() const { return used_; }
    [[nodiscard]] uint32_t slotOf(uint32_t neuron) const { return slot_of_[neuron]; }  // or kNone
    [[nodiscard]] std::byte* slotData(uint32_t slot) const {
        return data_ + static_cast<size_t>(slot) * slot_bytes_;
    }
    [[nodiscard]] const RecencyList& recency() const { return recency_; }
    [[nodiscard]] bool empty() const { return recency_.oldest() == RecencyList::kNone; }
    [[nodiscard]] uint32_t oldestToken() const { return recency_.token(recency_.oldest()); }
    [[nodiscard]] uint32_t token(uint32_t neuron) const { return recency_.token(neuron); }

    // The order by frequency has those of the recency order while it is kept, else nobody. Its sums
    // are the caller's to feed.
    [[nodiscard]] FrequencyOrder& frequency() { return frequency_; }
    [[nodiscard]] const FrequencyOrder& frequency() const { return frequency_; }
    [[nodiscard]] bool keepsFrequency() const { return keeps_frequency_; }
    void keepFrequency(bool keep);

    // A neuron that is here was active at `token`; earlier than what is known changes nothing.
    void touch(uint32_t neuron, uint32_t token);
    // A neuron that is not here gets the slot after the last one; returns it.
    uint32_t addLast(uint32_t neuron, uint32_t token);
    // A neuron that is not here takes the slot of one that leaves; returns it.
    uint32_t replace(uint32_t leaving, uint32_t neuron, uint32_t token);

    // Held: a neuron that is being read ahead has a slot but no place in either order, so it is
    // never the next to leave. hold() gives it the slot after the last one, holdInstead() that of
    // one that leaves; both return the slot. release() puts it into them.
    uint32_t hold(uint32_t neuron);
    uint32_t holdInstead(uint32_t neuron, uint32_t leaving);
    void release(uint32_t neuron, uint32_t token);
    [[nodiscard]] bool isHeld(uint32_t neuron) const { return held_[neuron] != 0; }
    [[nodiscard]] uint32_t heldCount() const { return held_count_; }

    // Takes neurons out; their slots are holes until closeHoles(), which must come next.
    void takeOut(uint32_t neuron);
    void takeOutOldest() { takeOut(recency_.oldest()); }
    // Fills each hole from the last slot; returns how many slots were copied.
    uint32_t closeHoles();

    void clear();

  private:
    void place(uint32_t neuron, uint32_t slot, uint32_t token);
    void addToOrder(uint32_t neuron, uint32_t token);
    void addToOrders(uint32_t neuron, uint32_t token);
    void removeFromOrders(uint32_t neuron);

    std::byte* data_;
    uint32_t slot_bytes_;
    uint32_t used_ = 0;
    uint32_t last_ordered_ = kNone;  // where a neuron that is not the newest is put near
    std::vector<uint32_t> slot_of_;    // by neuron
    std::vector<uint32_t> neuron_of_;  // by slot; kNone in a hole
    std::vector<uint32_t> holes_;      // room for all slots
    std::vector<uint8_t> held_;        // by neuron
    uint32_t held_count_ = 0;
    RecencyList recency_;
    FrequencyOrder frequency_;
    bool keeps_frequency_ = false;
};

}  // namespace glowworm
