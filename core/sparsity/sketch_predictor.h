// SPDX-License-Identifier: Apache-2.0
// The sketch: a low-bit copy of the gate and up rows. With SiLU nothing is exactly zero, so what
// counts is the contribution |act(gate . x) * (up . x)| * norm(down column) (design.md, idea 3);
// the score is that contribution computed from the copy.
#pragma once

#include <memory>
#include <vector>

#include "core/base/error.h"
#include "core/bundle/manifest.h"
#include "core/bundle/resident_tensors.h"
#include "core/sparsity/contribution_rows.h"
#include "core/sparsity/predictor.h"
#include "core/sparsity/predictor_file.h"

namespace glowworm {

class SketchPredictor final : public Predictor {
  public:
    // `resident` has the norms of the down columns and must outlive the predictor.
    static Result<std::unique_ptr<Predictor>> create(const ModelConfig& config,
                                                     PredictorFile file,
                                                     const ResidentTensors& resident);

    void score(LayerId layer, const InputRows& x, size_t token, float* out,
               ThreadPool& pool) override;
    [[nodiscard]] const char* kind() const override { return "sketch"; }
    [[nodiscard]] uint64_t bytes() const override { return file_.bytes(); }

  private:
    SketchPredictor(const ModelConfig& config, PredictorFile file)
        : Predictor(config.layers, config.ff_width),
          file_(std::move(file)),
          config_(config),
          up_(config.ff_width) {}
    PredictorFile file_;
    ModelConfig config_;
    std::vector<ContributionRows> layers_;
    std::vector<float> up_;  // [ff_width]
};

}  // namespace glowworm
