// SPDX-License-Identifier: Apache-2.0
// What calibration remembers of a text: the input of every feed-forward block at every position, in
// F16. Everything else (activations, active sets) follows from it layer by layer, so that no more
// than one layer's activations are ever held.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/bundle/manifest.h"
#include "core/model/feed_forward.h"

namespace glowworm {

class InputRecorder final : public ActivationObserver {
  public:
    InputRecorder(const ModelConfig& config, uint32_t tokens_max);

    void input(LayerId layer, const float* x, size_t tokens) override;
    void activations(LayerId, std::span<const NeuronId>, const float*, size_t) override {}

    // Positions recorded for every layer.
    [[nodiscard]] uint32_t tokens() const;
    // Decodes a layer's inputs into `out` [tokens(), hidden].
    void decode(LayerId layer, std::vector<float>& out) const;
    // All of it: F16 [layers, tokens_max, hidden].
    [[nodiscard]] std::span<const std::byte> bytes() const { return values_; }
    // F16 of all layers for `tokens_max` tokens, in bytes.
    static uint64_t bytesNeeded(const ModelConfig& config, uint32_t tokens_max);

  private:
    uint32_t hidden_, tokens_max_;
    std::vector<uint32_t> tokens_;     // by layer
    std::vector<std::byte> values_;    // [layers, tokens_max, hidden] F16
};

// Keeps one layer's activations of a dense pass: values [tokens, ff_width] by logical neuron.
class ActivationKeeper final : public ActivationObserver {
  public:
    ActivationKeeper(uint32_t ff_width, uint32_t tokens_max)
        : width_(ff_width), values_(size_t{ff_width} * tokens_max) {}
    void input(LayerId, const float*, size_t) override {}
    void activations(LayerId layer, std::span<const NeuronId> neurons, const float* values,
                     size_t tokens) override;
    [[nodiscard]] const float* token(size_t t) const { return values_.data() + t * width_; }
    // Where the next pass begins to write.
    void setFirstToken(size_t t) { first_ = t; }

  private:
    uint32_t width_;
    size_t first_ = 0;
    std::vector<float> values_;
};

}  // namespace glowworm
