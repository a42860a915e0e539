// SPDX-License-Identifier: Apache-2.0
// The neuron cache: which neurons of each layer lie in DRAM, and where (LLM in a Flash, sections
// 3.1 "sliding window" and 3.3 "memory management"). The window keeps the neurons that were active
// within the last k tokens. Slots of a layer are preallocated and contiguous; a neuron that leaves
// is overwritten by a newcomer or by the layer's last neuron, nothing else is moved; nothing is
// allocated after create(). Quotas are by layer: a token walks the layers in the same order, so one
// global list smaller than a token's working set would hit nothing. cache.md tells the algorithm.
//
// Owned and touched by the engine thread alone; holds no reader. Use, per layer and token:
//   batch = cache.acquire(layer, active.subspan(done));  // as many as fit, in ascending order
//   read batch.misses into cache.slotData(layer, miss.slot); on failure, once no read is in flight
//   any more, cache.forget(layer, misses)
//   compute over batch.slots; done += batch.slots.size(); repeat while done < active.size()
//   cache.endLayer(layer);      // drops what the window no longer covers
// Before a layer's acquire() there may be prefetch(layer, guess), once or more, whose slots are
// filled meanwhile: a guess never changes what is computed, only what is already there.
// and cache.beginToken() before the first layer. Prefill instead calls beginToken(tokens), then per
// layer insert() for the last tokens' neurons, newest first, and endLayer().
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/base/controls.h"
#include "core/base/error.h"
#include "core/base/ids.h"
#include "core/base/reserved_memory.h"
#include "core/cache/layer_slots.h"
#include "core/sparsity/firing_weight.h"

namespace glowworm {

// Who leaves first when a quota is full and no window of the person's says it.
enum class EvictionOrder : uint8_t {
    kFrequency,  // the lowest decayed frequency (frequency_order.h)
    kRecency,    // the least recently active
};

struct CacheMiss {
    NeuronId neuron;
    SlotId slot;
    bool ahead = false;  // asked for by prefetch(): not to be read again
};

// Valid until the next call on the same cache.
struct CacheBatch {
    std::span<const SlotId> slots;       // of the first slots.size() neurons asked for
    std::span<const CacheMiss> misses;   // those among them that must be read now
};

struct CacheCounters {  // since the last beginToken()
    uint64_t hits = 0, misses = 0;
    uint64_t loaded = 0;       // neurons that entered, by acquire() or insert()
    uint64_t dropped = 0;      // neurons that left, for whatever reason
    uint64_t moved_bytes = 0;  // copied from last slots into holes
    // The effective window: all that was active within so many tokens lies here, over all layers
    // the smallest. An explicit window that fits: itself. Automatic: the tokens since the latest
    // one of which something has left. By frequency that is less than what the memory is worth:
    // older neurons that fire often lie here too. 0: not even this token's active neurons fit
    // together.
    uint32_t window_tokens = 0;
};

struct CacheLayout {
    uint32_t layers = 0;
    uint32_t neurons = 0;      // of each layer
    uint32_t slot_bytes = 0;   // the record's stride
    // Relative need of each layer (its calibrated active share, finite and not negative); empty:
    // all the same. A quota is never below `slots_min` (1..neurons) nor above `neurons`.
    std::vector<float> weights;
    uint32_t slots_min = 1;
    EvictionOrder eviction = EvictionOrder::kFrequency;  // under an automatic window
};

class NeuronCache {
  public:
    // Reserves address space for all neurons and commits none: the capacity is bytesMin() until
    // setCapacity(). Tables are counted by tableBytes(). Fails with kInvalidArgument for a layout
    // that makes no sense, kOutOfMemory where the system refuses.
    static Result<NeuronCache> create(const CacheLayout& layout);

    // Sets the bytes that slots may take (all layers, whole pages by layer). Of what no longer fits
    // the first to leave leaves, and its pages go back to the system at once. Between tokens only.
    // `bytes` >= bytesMin(); more than the whole model is never used.
    void setCapacity(uint64_t bytes);
    // k: what is older leaves at endLayer(), and of what does not fit the oldest leaves first.
    // 0 (kWindowAuto): as much as fits stays, and the layout's order says who leaves first.
    // Between tokens only.
    void setWindow(uint32_t tokens);

    // One more token, or, before the inserts of a prefill, as many as will be inserted.
    void beginToken(uint32_t tokens = 1);
    // Makes room for a prefix of `active` (ascending, each once): all of it where the quota allows,
    // else quota(layer) of it. Nothing of the prefix is evicted; earlier prefixes of the same token
    // are only where nothing else is left. Each neuron asked for counts as fired.
    CacheBatch acquire(LayerId layer, std::span<const NeuronId> active);
    // Takes back misses of the last acquire() whose read failed. Moves slots: the batch is over.
    void forget(LayerId layer, std::span<const CacheMiss> misses);
    void endLayer(LayerId layer);

    // Takes slots for neurons that are likely to be active next in `layer`, for the caller to fill:
    // those of `guess` (ascending) that are not here, as far as there is room. Room is what is free
    // in the quota, what the window no longer covers, and the next to leave that the guess does
    // not name; never one that was active in this token or the last, and never more than half of
    // the quota. The slots are held: nothing takes or moves them until acquire() asks for the
    // neuron (it then comes as a miss with `ahead` set), or settle(). A later call for the layer
    // names those of its guess that are held already as well. Valid until the next call of
    // prefetch(), for whatever layer.
    std::span<const CacheMiss> prefetch(LayerId layer, std::span<const NeuronId> guess);
    // The reads for `layer` have ended: what is still held was guessed in vain and counts as never
    // active: where age decides it is the first to leave, else its sum alone places it. Those of
    // `unread` (held, never filled) are forgotten, which moves slots. `guessed`: what prefetch()
    // named for the layer since the last settle().
    void settle(LayerId layer, std::span<const NeuronId> guessed,
                std::span<const NeuronId> unread);
    [[nodiscard]] bool isHeld(LayerId layer, NeuronId neuron) const;

    // For measuring what the window and the manager are worth: everything of a layer leaves, its
    // pages stay; its slots are allocated and copied anew.
    void dropLayer(LayerId layer);
    Status rebuildLayer(LayerId layer);

    // Marks a neuron as active `tokens_ago` (0: now) without a read. Returns the slot that the
    // caller fills before endLayer(), or nullptr: it is here already, or is older than the window,
    // or would have to evict a neuron that is not older or leaves later. Call in order of
    // tokens_ago, 0 first: then no insert takes another's slot.
    [[nodiscard]] std::byte* insert(LayerId layer, NeuronId neuron, uint32_t tokens_ago = 0);

    // Marks a neuron as active now if it is here.
    void touch(LayerId layer, NeuronId neuron);

    // Valid until slots move: forget(), endLayer(), setCapacity(), clear().
    [[nodiscard]] std::byte* slotData(LayerId layer, SlotId slot) const;
    [[nodiscard]] bool contains(LayerId layer, NeuronId neuron) const;
    // The neuron's record in its slot, nullptr when it is not here. Does not count as use; valid as
    // long as slotData().
    [[nodiscard]] const std::byte* find(LayerId layer, NeuronId neuron) const;
    [[nodiscard]] uint32_t layers() const { return layout_.layers; }
    [[nodiscard]] uint32_t quota(LayerId layer) const;  // slots this layer may use
    // The quotas by layer that a capacity of `bytes` (>= bytesMin()) would give.
    [[nodiscard]] std::vector<uint32_t> quotasFor(uint64_t bytes) const;
    // Who leaves first under an automatic window.
    [[nodiscard]] EvictionOrder eviction() const { return layout_.eviction; }
    // The neurons of a layer, the last to leave first.
    [[nodiscard]] std::vector<NeuronId> held(LayerId layer) const;
    [[nodiscard]] uint32_t used(LayerId layer) const;   // slots that hold a neuron
    [[nodiscard]] CacheCounters counters() const;
    // Bytes of the pages that slots have taken and not given back: never less than what is
    // resident. A layer gives pages back when a quarter of them lies idle.
    [[nodiscard]] uint64_t usedBytes() const;
    [[nodiscard]] uint64_t capacityBytes() const;  // sum of the quotas in whole pages
    [[nodiscard]] uint64_t bytesMin() const;       // slots_min for every layer
    [[nodiscard]] uint64_t bytesMax() const;       // every neuron of every layer
    [[nodiscard]] uint64_t tableBytes() const;
    void clear();  // forgets everything and gives all pages back

  private:
    struct Layer {
        LayerSlots slots;
        uint32_t quota = 0;
        uint64_t taken_bytes = 0;  // whole pages from the front that may be resident
        uint32_t lost_token = 0;   // the latest token of which an active neuron has left; 0: none
    };

    NeuronCache() = default;
    Layer& at(LayerId layer);
    [[nodiscard]] const Layer& at(LayerId layer) const;
    [[nodiscard]] bool expired(const Layer& layer) const;
    [[nodiscard]] uint64_t pagesBytes(uint64_t slots) const;
    [[nodiscard]] bool byFrequency() const;
    uint32_t nextToLeave(Layer& layer, uint32_t before) const;
    uint32_t takeSlot(Layer& layer, uint32_t neuron, uint32_t token, uint32_t leaving);
    void noteLeaves(Layer& layer, uint32_t token);
    void noteOldestLeaves(Layer& layer);
    uint32_t guessVictim(Layer& layer, uint32_t from) const;
    void closeHoles(Layer& layer);
    void releaseAbove(size_t layer, uint64_t keep_bytes);

    CacheLayout layout_;
    uint64_t page_bytes_ = 0;
    uint64_t layer_bytes_ = 0;  // distance of two layers in memory_
    ReservedMemory memory_;
    std::vector<Layer> layers_;
    std::vector<uint32_t> quotas_;   // scratch of setCapacity
    std::vector<SlotId> slots_;      // of the last batch
    std::vector<CacheMiss> misses_;  // of the last batch
    std::vector<CacheMiss> ahead_;   // of the last prefetch
    std::vector<uint8_t> guessed_;   // by neuron, while prefetch() looks for room
    uint32_t window_tokens_ = kWindowAuto;
    uint32_t now_ = 0;  // tokens begun
    FiringWeight weight_;
    float weight_now_ = 1;
    CacheCounters counters_;
};

}  // namespace glowworm
