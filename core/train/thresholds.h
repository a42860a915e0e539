// SPDX-License-Identifier: Apache-2.0
// Where to draw the line: a layer's threshold from scores and true contributions over the
// calibration text. The higher it lies, the fewer neurons are read and the more is lost; the line
// is drawn where what is lost reaches a stated share of the layer's output power.
#pragma once

#include <cstdint>
#include <vector>

#include "core/bundle/manifest.h"

namespace glowworm {

// Each token of a text weighs the same: the first ones often carry activations a hundred times as
// large as all others, and would decide alone. So a token's contributions are scaled to power 1;
// this is the factor (0 where nothing contributes). `values` and `norms` [neurons].
[[nodiscard]] float contributionScale(const float* values, const float* norms, uint32_t neurons);

// Gathers (score, contribution) pairs of one layer and finds the threshold. Contribution: the true
// |activation| * norm(down column). `matters`: it counts for recall. A broken model's numbers end
// nothing: a score that is not a number comes last, such a contribution counts as none.
class ThresholdFinder {
  public:
    void add(float score, float contribution, bool matters);

    // The largest threshold at which the neurons left out carry at most `loss_share` of the sum of
    // squared contributions, and at least `recall_min` of those that matter are found. Fills
    // threshold, active_share, recall, false_positive_rate, precision.
    [[nodiscard]] LayerCalibration find(double loss_share, double recall_min = 0);

  private:
    struct Pair {
        float score, contribution;
        bool matters;
    };
    std::vector<Pair> pairs_;
};

}  // namespace glowworm
