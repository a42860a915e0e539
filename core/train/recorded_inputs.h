// SPDX-License-Identifier: Apache-2.0
// The inputs of every feed-forward block over a text, on disk: window by window as the model reads,
// layer by layer as training wants them. A recording that was cut short goes on at its first
// missing window. Worker thread only; borrows the job.
#pragma once

#include <span>
#include <vector>

#include "core/base/controls.h"
#include "core/engine/model_session.h"
#include "core/train/calibration_job.h"

namespace glowworm {

class RecordedInputs {
  public:
    // Tokens of a window: at most a context, and of no more than 256 MiB of inputs.
    static uint32_t windowTokens(const ModelConfig& config);
    // What recording so many tokens takes on disk, in bytes.
    static uint64_t bytesNeeded(const ModelConfig& config, uint64_t tokens);

    // Runs the windows that are not there yet through the model, every neuron computed.
    static Result<RecordedInputs> record(ModelSession& session, const CalibrationJob& job,
                                         std::span<const TokenId> tokens,
                                         const ProgressSink& progress, const StopFlag& stop);

    [[nodiscard]] uint32_t tokens() const { return tokens_; }
    // Decodes a layer's inputs into `out` [tokens(), hidden].
    Status read(LayerId layer, std::vector<float>& out) const;

  private:
    RecordedInputs(const CalibrationJob& job, const ModelConfig& config, uint32_t tokens)
        : job_(job), config_(config), tokens_(tokens) {}
    const CalibrationJob& job_;
    const ModelConfig& config_;
    uint32_t tokens_;
};

}  // namespace glowworm
