// SPDX-License-Identifier: Apache-2.0
// The shadow: a resident low-bit copy of a layer's gate and up rows and of its down matrix, for
// models without ReLU. Like a sketch it names the neurons that matter by their contribution
// |act(gate . x) * (up . x)| * norm(down column); unlike it, what is not read at full precision is
// not dropped: the copy's activations go through the copy's down matrix (design.md, "Models without
// ReLU"; the nearest published work is DecDEC, OSDI 2025).
//
// The down matrix lies as rows of outputs, [hidden, ff_width], so that the rest of a layer is one
// product with the activations, zero where a neuron is read. How it is made: core/train.
#pragma once

#include <array>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/bundle/manifest.h"
#include "core/bundle/resident_tensors.h"
#include "core/sparsity/contribution_rows.h"
#include "core/sparsity/predictor.h"
#include "core/sparsity/predictor_file.h"

namespace glowworm {

// Scores of the calibration text by share: line i is what (i + 1) / kScoreLines of them exceed.
inline constexpr uint32_t kScoreLines = 128;

// The encoding and the manifest's name of a shadow of 2, 3 or 4 bits.
[[nodiscard]] Dtype shadowDtype(uint32_t bits);
[[nodiscard]] std::string shadowKind(uint32_t bits);

class ShadowPredictor final : public Predictor {
  public:
    // `resident` has the norms of the down columns and must outlive the predictor. `kind` is the
    // manifest's: "shadow-2", "shadow-3", "shadow-4".
    static Result<std::unique_ptr<Predictor>> create(const ModelConfig& config, std::string kind,
                                                     PredictorFile file,
                                                     const ResidentTensors& resident);

    void score(LayerId layer, const InputRows& x, size_t token, float* out,
               ThreadPool& pool) override;
    void approximate(LayerId layer, std::span<const NeuronId> active, float* y,
                     ThreadPool& pool) override;
    [[nodiscard]] const char* kind() const override { return kind_.c_str(); }
    [[nodiscard]] uint64_t bytes() const override { return file_.bytes(); }

    // Sets every layer's threshold to what `share` of the calibration text's scores exceed (0: none
    // is read, 1: all). For measurements, and whoever wants another trade than the calibrated one.
    void setReadShare(double share);
    // Off: the rest is dropped, as with a sketch. For measurements.
    void setApproximates(bool on) { approximates_ = on; }

  private:
    struct Layer {
        ContributionRows rows;
        MatrixView down;               // [hidden, ff_width]
        const float* lines = nullptr;  // [kScoreLines]
    };
    // Activations of the last two layers scored, so that one may be looked at ahead of its turn.
    struct Scored {
        LayerId layer = LayerId(UINT32_MAX);
        std::vector<float> values;  // [ff_width]
    };
    ShadowPredictor(const ModelConfig& config, std::string kind, PredictorFile file);
    Result<Layer> openLayer(LayerId layer, const ResidentTensors& resident) const;

    std::string kind_;
    PredictorFile file_;
    ModelConfig config_;
    std::vector<Layer> layers_;
    std::array<Scored, 2> scored_;
    std::vector<float> up_;             // [ff_width]
    std::vector<std::byte> quantised_;  // InputRows scratch for the activations
    bool approximates_ = true;
};

}  // namespace glowworm
