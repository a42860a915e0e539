// SPDX-License-Identifier: Apache-2.0
// Denning's working-set theory for neurons: one histogram of reuse distances tells, for every
// window at once, what it would miss and how many neurons it would hold (design.md, "The curve that
// nobody else draws"; P. Denning, "The working set model for program behavior", 1968).
//
// Time is counted in tokens, by layer: each add() is one token of that layer. The reuse distance of
// a firing is how many tokens ago the neuron fired before. A window of k tokens hits it when the
// distance is at most k, and m(k), the misses per token, gives the mean size: s(0) = 0,
// s(k + 1) = s(k) + m(k). A neuron that fires for the first time is not counted as a miss of every
// window: all that is known is that its distance exceeds the tokens seen so far, and the estimate
// says no more than that (Kaplan and Meier's product limit).
//
// Engine thread only. O(1) for each firing; nothing is allocated after the constructor.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/base/ids.h"

namespace glowworm {

// Sees the active set of each layer of each sparse token, ascending. Must return quickly.
class ActiveSetListener {
  public:
    virtual ~ActiveSetListener() = default;
    virtual void active(LayerId layer, std::span<const NeuronId> neurons) = 0;
};

// Distances fall into buckets: each its own up to 64, then eight to an octave up to 32,768.
class DistanceBuckets {
  public:
    static constexpr uint32_t kExact = 64;
    static constexpr uint32_t kPerOctave = 8;
    static constexpr uint32_t kDistanceMax = 1 << 15;  // what is longer counts as this
    static constexpr uint32_t kCount = kExact + kPerOctave * 9;

    static uint32_t of(uint32_t distance);   // distance >= 1
    static uint32_t last(uint32_t bucket);   // the longest distance in it
};

// What a window of `tokens` would do in one layer.
struct WindowPoint {
    double tokens = 0;
    double misses = 0;  // per token
    double size = 0;    // mean neurons held at the end of a token
};

class WorkingSet {
  public:
    // What lies this many tokens back counts half: the curve follows the conversation.
    static constexpr uint32_t kHalfLifeTokens = 1024;
    static constexpr uint32_t kNever = UINT32_MAX;  // a distance: not seen before

    // `half_life_tokens` 0: nothing ages.
    WorkingSet(uint32_t layers, uint32_t neurons, uint32_t half_life_tokens = kHalfLifeTokens);
    // What the constructor takes, for the memory plan.
    static uint64_t bytesNeeded(uint32_t layers, uint32_t neurons);

    // One more token of a layer: `active` fired, each once.
    void add(LayerId layer, std::span<const NeuronId> active);
    // The distances of the neurons of the last add(), kNever for a first firing.
    [[nodiscard]] std::span<const uint32_t> lastDistances() const { return distances_; }

    [[nodiscard]] uint32_t layers() const { return static_cast<uint32_t>(layers_.size()); }
    [[nodiscard]] uint32_t neurons() const { return neurons_; }
    // Tokens of the layer so far, all of them.
    [[nodiscard]] uint32_t tokens(LayerId layer) const { return at(layer).tokens; }
    // Mean firings per token, the older the less.
    [[nodiscard]] double activePerToken(LayerId layer) const;
    // Firings whose distance was known and at most `window`; without aging a whole number, exact
    // for windows up to DistanceBuckets::kExact.
    [[nodiscard]] double hits(LayerId layer, uint32_t window) const;

    // The layer's curve: windows of 0, 1, 2, ... 64 tokens, then the ends of the buckets, as far
    // as there is evidence. Fills `points` (capacity kCount + 1 is enough); empty before add().
    void windows(LayerId layer, std::vector<WindowPoint>& points) const;

  private:
    struct Layer {
        uint32_t tokens = 0;
        double weight = 1;          // of a firing now; grows, so that the older counts less
        double weight_sum = 0;      // of all tokens
        double active_sum = 0;      // of all firings
        double events[DistanceBuckets::kCount] = {};    // known distances
        double censored[DistanceBuckets::kCount] = {};  // first firings, by the tokens seen before
    };
    [[nodiscard]] const Layer& at(LayerId layer) const;
    static void rescale(Layer& layer);

    uint32_t neurons_;
    double growth_;
    std::vector<Layer> layers_;
    std::vector<uint32_t> last_;       // [layers, neurons] token of the last firing, from 1; 0 none
    std::vector<uint32_t> distances_;  // capacity neurons
};

// What a layer that may hold `slots` neurons misses per token, and the window that this is: the one
// whose mean size fills the slots, at most `window_tokens_most` (0: no limit). Slots for all
// neurons miss nothing; fewer than one token's neurons lose what they hold while the token passes.
[[nodiscard]] WindowPoint windowOfSize(std::span<const WindowPoint> points, uint32_t neurons,
                                       double slots, uint32_t window_tokens_most);
// The shortest window that misses no more than `misses` per token, with just these misses; as far
// as there is evidence.
[[nodiscard]] WindowPoint windowOfMisses(std::span<const WindowPoint> points, double misses);

}  // namespace glowworm
