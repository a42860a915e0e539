// SPDX-License-Identifier: Apache-2.0
// One layer's low-rank predictor, from recorded inputs: the SVD and the trained one, both judged on
// the last fifth of the tokens, which neither has seen; the better is kept. Worker thread only.
#pragma once

#include <cstdint>
#include <vector>

#include "core/base/controls.h"
#include "core/engine/model_session.h"
#include "core/train/low_rank_trainer.h"
#include "core/train/rank_plan.h"
#include "core/train/recorded_inputs.h"

namespace glowworm {

struct LowRankLayer {
    RankOption option;
    LowRankFactors factors;
    bool trained = false;           // else the SVD was better, or as good
    LayerCalibration svd;           // at the stated recall
    LayerCalibration chosen;        // of what was kept
    std::vector<uint32_t> firings;  // [ff_width] over all tokens
};

// A layer's weights and inputs, read once for what follows.
class LowRankLayerWork {
  public:
    // Takes every `stride`-th token of the inputs.
    static Result<LowRankLayerWork> open(ModelSession& session, const RecordedInputs& inputs,
                                         LayerId layer, uint32_t stride);

    // False positives at the recall of the SVD under each option, into its cost.
    void price(std::vector<RankOption>& options, double recall);
    // The predictor itself.
    Result<LowRankLayer> make(const RankOption& option, double recall,
                              const TrainingOptions& training, const StopFlag& stop);

    // Tokens at the end that are kept for judging, of so many.
    static uint32_t heldOut(uint32_t tokens) { return tokens / 5; }

  private:
    LowRankLayerWork(ModelSession& session, LayerId layer) : session_(session), layer_(layer) {}
    [[nodiscard]] uint32_t seen() const { return truth_.tokens() - heldOut(truth_.tokens()); }
    [[nodiscard]] const float* bias() const;
    [[nodiscard]] LayerCalibration judge(const LowRankFactors& factors, Dtype dtype, double recall,
                                         size_t pairs_max) const;

    ModelSession& session_;
    LayerId layer_;
    std::vector<float> gate_;  // [ff_width, hidden]: rows of the gate, or of up
    std::vector<float> x_;     // [tokens, hidden]
    LayerTruth truth_;
};

}  // namespace glowworm
