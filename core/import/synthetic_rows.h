// SPDX-License-Identifier: Apache-2.0
// The rows of a synthetic model that are more than noise. One set of planted directions runs
// through the whole model: what enters it moves along them from token to token (in the embedding,
// or in the learned positions where there are some), and each neuron's leading row (gate, or up)
// answers to a few of them. Where there are no biases, one more direction that every token shares
// holds the gates shut. Immutable once made; any thread may ask for any row.
#pragma once

#include <span>
#include <vector>

#include "core/import/synthetic_noise.h"
#include "core/import/synthetic_shapes.h"

namespace glowworm {

class SyntheticRows {
  public:
    SyntheticRows(const SyntheticShape& shape, const NoisePool& pool, uint64_t seed);

    // Directions, the shared one included as the last: [rank(), hidden], each about of length 1.
    [[nodiscard]] uint32_t rank() const { return rank_; }
    [[nodiscard]] std::span<const float> directions() const { return directions_; }

    // Adds what moves to `row`: state `index` of the drift, its share of the residual stream.
    void addDrift(uint32_t index, std::span<float> row) const;
    // What the residual stream has in common for all tokens.
    void addShared(std::span<float> row) const;

    // The leading row of a neuron, and its weights on the directions (`expand`, [rank()]).
    // `growth`: the power of the residual stream at this layer, 1 before the first.
    void leading(uint32_t layer, uint32_t neuron, float shift, float growth, std::span<float> row,
                 std::span<float> expand) const;
    // The neuron's own offset, for its bias where the model has biases.
    [[nodiscard]] float offset(uint32_t layer, uint32_t neuron) const;

  private:
    void plantWeights(CounterRandom random, uint32_t count, float weight,
                      std::span<float> expand) const;

    const SyntheticShape& shape_;
    const NoisePool& pool_;
    uint64_t seed_;
    uint32_t rank_ = 0, moving_ = 0;  // directions, and those that are not shared
    float shared_ = 0, drift_ = 0, jitter_ = 0;  // shares of the residual stream, as amplitudes
    std::vector<float> directions_;  // [rank_, hidden]
    std::vector<float> states_;      // [states, moving_] of the drift
};

}  // namespace glowworm
