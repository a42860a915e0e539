// SPDX-License-Identifier: Apache-2.0
// What really happens in one layer on recorded inputs: who fires, and how much it contributes. One
// byte a neuron and token, so that a layer of 16,384 neurons over 16,384 tokens
// takes 256 MiB. Worker thread only.
#pragma once

#include <cstdint>
#include <vector>

#include "core/engine/model_session.h"

namespace glowworm {

class LayerTruth {
  public:
    // `x` [tokens, hidden], `gate` and `up` [ff_width, hidden] as F32 (`up` empty where the block
    // is not gated: `gate` is the up matrix then). The products are those of F32 weights: beside
    // what the engine computes with quantised ones, a neuron at the very edge may differ. A neuron
    // fires when its contribution |activation| * norm(down column) exceeds `contribution_least`: 0
    // with ReLU.
    static LayerTruth compute(ModelSession& session, LayerId layer, const std::vector<float>& gate,
                              const std::vector<float>& up, float contribution_least,
                              const float* x, uint32_t tokens);
    // The same, the rows read from where they lie.
    static Result<LayerTruth> read(ModelSession& session, LayerId layer, float contribution_least,
                                   const std::vector<float>& x, uint32_t tokens);

    [[nodiscard]] uint32_t tokens() const { return tokens_; }
    [[nodiscard]] uint32_t neurons() const { return neurons_; }
    // Of one token, by neuron: 0 is silent, 1 to 255 fires; see contribution().
    [[nodiscard]] const uint8_t* token(size_t t) const { return levels_.data() + t * neurons_; }
    // A level's share of the token's contribution vector (its norm is 1): |activation| times the
    // down column's norm, so that every token weighs the same.
    [[nodiscard]] static float contribution(uint8_t level);
    [[nodiscard]] double zeroShare() const;

  private:
    uint32_t tokens_ = 0, neurons_ = 0;
    std::vector<uint8_t> levels_;  // [tokens, neurons]
};

}  // namespace glowworm
