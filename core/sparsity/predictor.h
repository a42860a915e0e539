// SPDX-License-Identifier: Apache-2.0
// Guesses the active set of a layer before any neuron weight is read (design.md, idea 4). A missed
// neuron costs accuracy, a spurious one costs bandwidth.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/base/ids.h"
#include "core/base/thread_pool.h"
#include "core/kernels/kernels.h"

namespace glowworm {

// Neurons of one layer in ascending order; capacity is the layer's width, made once, so that
// filling it allocates nothing.
struct ActiveSet {
    std::vector<NeuronId> neurons;
};

// One instance serves all layers of a model. Engine thread only. Owns its scratch.
class Predictor {
  public:
    virtual ~Predictor() = default;

    // Scores of every neuron of `layer` for a token of `x` (the block's normed input): [ff_width].
    // Comparable with threshold(layer); a low-rank score estimates the gate's pre-activation, a
    // sketch's or resident score the contribution |act(gate) * up| * norm(down column).
    virtual void score(LayerId layer, const InputRows& x, size_t token, float* out,
                       ThreadPool& pool) = 0;

    // The neurons whose score exceeds the layer's threshold, ascending.
    void predict(LayerId layer, const InputRows& x, size_t token, ActiveSet& out, ThreadPool& pool);

    // What the neurons outside `active` would have added to the block's output, as far as the
    // predictor can tell from what it saw in its last score() of this layer, into y [hidden]:
    // nothing, unless it is a shadow. Bits depend on that input and `active` alone.
    virtual void approximate(LayerId, std::span<const NeuronId> /*active*/, float* /*y: zero*/,
                             ThreadPool&) {}

    [[nodiscard]] virtual const char* kind() const = 0;   // as in the manifest
    [[nodiscard]] virtual uint64_t bytes() const = 0;     // resident memory of its weights
    [[nodiscard]] float threshold(LayerId layer) const { return thresholds_[layer.value()]; }
    void setThreshold(LayerId layer, float value) { thresholds_[layer.value()] = value; }

  protected:
    Predictor(uint32_t layers, uint32_t neurons) : thresholds_(layers), scores_(neurons) {}

  private:
    std::vector<float> thresholds_;  // [layers]
    std::vector<float> scores_;      // [ff_width]
};

}  // namespace glowworm
