// SPDX-License-Identifier: Apache-2.0
// The low-rank predictor of LLM in a Flash, section 3.1 ("Predicting ReLU sparsity"), made without
// training: score = E (R x) + b estimates a neuron's pre-activation, where E R is the best rank-r
// stand-in for the gate matrix (the up matrix where there is no gate) on calibration inputs.
#pragma once

#include <memory>

#include "core/base/error.h"
#include "core/bundle/manifest.h"
#include "core/bundle/resident_tensors.h"
#include "core/sparsity/predictor.h"
#include "core/sparsity/predictor_file.h"

namespace glowworm {

class LowRankPredictor final : public Predictor {
  public:
    // `resident` has the biases and must outlive the predictor.
    static Result<std::unique_ptr<Predictor>> create(const ModelConfig& config,
                                                     PredictorFile file,
                                                     const ResidentTensors& resident);

    void score(LayerId layer, const InputRows& x, size_t token, float* out,
               ThreadPool& pool) override;
    [[nodiscard]] const char* kind() const override { return "low-rank"; }
    [[nodiscard]] uint64_t bytes() const override { return file_.bytes(); }

  private:
    struct Layer {
        MatrixView reduce;            // [rank, hidden]
        MatrixView expand;            // [ff_width, rank]
        const float* bias = nullptr;  // [ff_width] or null
    };
    LowRankPredictor(const ModelConfig& config, PredictorFile file)
        : Predictor(config.layers, config.ff_width), file_(std::move(file)) {}
    PredictorFile file_;
    std::vector<Layer> layers_;
    std::vector<float> reduced_;        // [largest rank]
    std::vector<std::byte> quantised_;  // InputRows scratch for it
};

}  // namespace glowworm
