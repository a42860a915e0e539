// SPDX-License-Identifier: Apache-2.0
// The neuron cache: which neurons of each layer lie in DRAM, and where (LLM in a Flash, sections
// 3.1 "sliding window" and 3.3 "memory management"). The window keeps the neurons that were active
// within the last k tokens. Slots of a layer are preallocated and contiguous; a neuron that leaves
// is overwritten by a newcomer or by the layer's last neuron, nothing else is moved; nothing is
// allocated after create(). Quotas are by layer: a token walks the layers in the same order, so one
// global list smaller than a token's working set would hit nothing.
//
// Owned and touched by the engine thread alone; holds no reader. Use, per layer and token:
//   batch = cache.acquire(layer, active.subspan(done));  // as many as fit, in ascending order
//   read batch.misses into cache.slotData(layer, miss.slot); on failure cache.forget(layer, misses)
//   compute over batch.slots; done += batch.slots.size(); repeat while done < active.size()
//   cache.endLayer(layer);      // drops what the window no longer covers
// and cache.beginToken() before the first layer.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/base/error.h"
#include "core/base/ids.h"
#include "core/base/reserved_memory.h"

namespace glowworm {

struct CacheMiss {
    NeuronId neuron;
    SlotId slot;
};

// Valid until the next call on the same cache.
struct CacheBatch {
    std::span<const SlotId> slots;       // of the first slots.size() neurons asked for
    std::span<const CacheMiss> misses;   // those among them that must be read now
};

struct CacheCounters {  // since the last beginToken()
    uint64_t hits = 0, misses = 0, loaded = 0, dropped = 0;
    uint32_t window_tokens = 0;  // the shortest window any layer was cut to this token
};

struct CacheLayout {
    uint32_t layers = 0;
    uint32_t neurons = 0;      // of each layer
    uint32_t slot_bytes = 0;   // the record's stride
    // Relative need of each layer (its calibrated active share); empty: all the same. A quota is
    // never below `slots_min` nor above `neurons`.
    std::vector<float> weights;
    uint32_t slots_min = 1;
};

class NeuronCache {
  public:
    // Reserves address space for all neurons and commits none. Tables are counted by tableBytes().
    static Result<NeuronCache> create(const CacheLayout& layout);

    // Sets the bytes that slots may take (all layers), rounded down to whole slots by layer; what is
    // above goes back to the system at once. Between tokens only. `bytes` >= bytesMin().
    void setCapacity(uint64_t bytes);
    // 0 (kWindowAuto): as many tokens as fit. Between tokens only.
    void setWindow(uint32_t tokens);

    void beginToken();
    CacheBatch acquire(LayerId layer, std::span<const NeuronId> active);
    void forget(LayerId layer, std::span<const CacheMiss> misses);
    void endLayer(LayerId layer);

    // Marks a neuron as active now without a read: the caller fills the slot (prefill leaves the
    // last prompt tokens' neurons behind). Nothing when no slot is free or older than the window.
    [[nodiscard]] std::byte* insert(LayerId layer, NeuronId neuron);

    [[nodiscard]] std::byte* slotData(LayerId layer, SlotId slot) const;
    [[nodiscard]] bool contains(LayerId layer, NeuronId neuron) const;
    [[nodiscard]] uint32_t quota(LayerId layer) const;   // slots this layer may use
    [[nodiscard]] CacheCounters counters() const;
    [[nodiscard]] uint64_t usedBytes() const;            // slots that hold a neuron
    [[nodiscard]] uint64_t capacityBytes() const;        // sum of quotas
    [[nodiscard]] uint64_t bytesMin() const;             // slots_min for every layer
    [[nodiscard]] uint64_t tableBytes() const;
    void clear();  // forgets everything and gives all pages back
};

}  // namespace glowworm
