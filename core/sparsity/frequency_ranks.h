// SPDX-License-Identifier: Apache-2.0
// What a cache that evicts by decayed frequency would hit, for every size at once: the counterpart
// of the working set (working_set.h) for that order. Decayed frequency is a stack algorithm: a
// cache of n slots holds what fired in the last token and then the highest sums, so the rank of a
// neuron in that order, the largest since it last fired, is the size that would have held it (R.
// Mattson et al., "Evaluation techniques for storage hierarchies", 1970). Neurons with higher sums
// only become more, so the rank is taken when it fires; but a token since then that alone needed
// more slots has pushed it out. One histogram of ranks by layer gives the misses of every size. A
// neuron that fires for the first time says only that its rank exceeds the number of neurons seen
// so far (Kaplan and Meier's product limit, as there).
//
// Ranks come from counts of sums in sixteen buckets to an octave, so they are right to within half
// a bucket's neurons. Engine thread only. O(1) for each firing and O(kOctaves) for a layer's token;
// nothing is allocated after the constructor.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "core/base/ids.h"
#include "core/sparsity/firing_weight.h"
#include "core/sparsity/working_set.h"

namespace glowworm {

// What a cache of `size` slots would do in one layer.
struct SizePoint {
    double size = 0;
    double misses = 0;  // per token
};

class FrequencyRanks {
  public:
    // `half_life_tokens` of the histogram, 0: nothing ages. That of the sums is FiringWeight's.
    FrequencyRanks(uint32_t layers, uint32_t neurons,
                   uint32_t half_life_tokens = WorkingSet::kHalfLifeTokens);
    static uint64_t bytesNeeded(uint32_t layers, uint32_t neurons);

    // One more token of a layer: `active` fired, each once; `distances` as WorkingSet gives them.
    void add(LayerId layer, std::span<const NeuronId> active,
             std::span<const uint32_t> distances);

    // The layer's curve, by size, as far as there is evidence: no slot, one token's neurons, then
    // the ends of the histogram's bins. Empty before add().
    void sizes(LayerId layer, std::vector<SizePoint>& points) const;

  private:
    static constexpr uint32_t kBins = 256;          // of ranks, even parts of the layer
    static constexpr uint32_t kBucketShift = 19;    // of a float's bits: sixteen to an octave
    static constexpr uint32_t kBuckets = 1U << (31 - kBucketShift);
    static constexpr uint32_t kOctaves = 48;  // below the highest sum; what is lower is all alike
    static constexpr uint32_t kReach = 256;   // tokens whose active neurons are remembered

    struct Layer {
        uint32_t tokens = 0;
        FiringWeight firing;
        double weight = 1;      // of a firing in the histogram now
        double weight_sum = 0;  // of all tokens
        double active_sum = 0;  // of all firings
        double repeats = 0;     // firings in two tokens running
        std::array<double, kBins> events = {};    // known ranks
        std::array<double, kBins> censored = {};  // first firings, by the neurons seen before
        uint32_t seen = 0;
        std::array<uint32_t, kBuckets> counts = {};  // seen neurons but those of the last token
        std::vector<uint32_t> last;                  // those that fired in the last token
        std::array<uint32_t, kReach> active = {};    // how many fired, by token modulo kReach
    };
    static uint32_t bucketOf(float sum);
    [[nodiscard]] uint32_t binOf(double rank) const;
    static void age(Layer& layer, double growth);
    static void countHigher(const Layer& layer, uint32_t top, std::span<uint32_t> higher);
    void rank(Layer& layer, std::span<const float> sums, std::span<const NeuronId> active,
              std::span<const uint32_t> distances);

    uint32_t neurons_;
    double growth_;
    std::vector<Layer> layers_;
    std::vector<float> sums_;      // [layers, neurons]
    std::vector<uint8_t> recent_;  // by neuron: fired in the last token; only within add()
};

// What a layer that may hold `slots` neurons misses per token. Slots for all neurons miss nothing;
// fewer than one token's neurons lose what they hold while the token passes.
[[nodiscard]] double missesOfSize(std::span<const SizePoint> points, uint32_t neurons,
                                  double slots);

}  // namespace glowworm
