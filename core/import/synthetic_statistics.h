// SPDX-License-Identifier: Apache-2.0
// What is planted into a synthetic model's gates, told before a weight is written. A neuron's
// pre-activation for a token is about
//
//     z = -shift + offset + signal + noise
//
// offset N(0, spread^2) is the neuron's own and stays, signal N(0, 1 - noise) comes from the
// planted directions (the predictor sees it), noise N(0, noise) from all others (it does not).
#pragma once

#include <vector>

#include "core/bundle/manifest.h"

namespace glowworm {

struct PlantedGate {
    float shift = 0;
    float power = 0;  // mean square of a neuron's activation
    // What the planted predictor then does: threshold of -shift + offset + signal, and its quality.
    LayerCalibration calibration;
    // SiLU: what the contributions exceed by share, as a shadow has them (kScoreLines of them).
    std::vector<float> score_lines;
};

struct PlantedNoise {
    double noise = 0.2;  // share of a pre-activation's power that no predictor sees
    double spread = 0.5;
    double recall = 0.95;  // LLM in a Flash: 5 % of those that fire are missed
};

// ReLU: `fired` of the neurons fire.
[[nodiscard]] PlantedGate plantRelu(double fired, const PlantedNoise& noise);
// SiLU, gated: `kept` of the neurons contribute more than the threshold, which is told for down
// columns of norm 1.
[[nodiscard]] PlantedGate plantSilu(double kept, const PlantedNoise& noise);

}  // namespace glowworm
