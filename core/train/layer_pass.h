// SPDX-License-Identifier: Apache-2.0
// One layer of an open model at a time, for calibration: its true activations on recorded inputs.
// Layers are visited in order, from 0, once. Worker thread only; borrows the session.
#pragma once

#include <memory>
#include <vector>

#include "core/engine/model_session.h"
#include "core/train/recorder.h"

namespace glowworm {

class LayerPass {
  public:
    static Result<std::unique_ptr<LayerPass>> create(ModelSession& session,
                                                     uint32_t tokens_max);
    // Waits for what is in flight into its own buffers: a cancelled pass ends between two layers.
    ~LayerPass();

    // Activations of all neurons (after act and gate) on x [tokens, hidden]; see values().
    Status activations(LayerId layer, const std::vector<float>& x, uint32_t tokens,
                       const StopFlag& stop);
    [[nodiscard]] const float* values(size_t token) const { return keeper_.token(token); }

  private:
    LayerPass(ModelSession& session, uint32_t tokens_max);

    ModelSession& session_;
    ActivationKeeper keeper_;
    std::unique_ptr<NeuronStore> store_;
    std::optional<RecordStream> stream_;
    std::unique_ptr<FeedForward> feed_forward_;
    std::vector<float> y_;
    std::vector<std::byte> quantised_;
};

}  // namespace glowworm
