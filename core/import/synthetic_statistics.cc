// SPDX-License-Identifier: Apache-2.0
#include "core/import/synthetic_statistics.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

#include "core/import/synthetic_noise.h"
#include "core/sparsity/shadow_predictor.h"

namespace glowworm {

namespace {

double above(double x) { return 0.5 * std::erfc(x / std::sqrt(2.0)); }  // P(N(0, 1) > x)

template <typename Falling>
double solve(const Falling& falling, double target) {
    double low = -10, high = 10;
    for (int i = 0; i < 60; ++i) {
        const double middle = (low + high) / 2;
        (falling(middle) > target ? low : high) = middle;
    }
    return (low + high) / 2;
}

// Evenly spaced quantiles of the upper `share` of a standard normal distribution.
std::vector<double> upperQuantiles(double share) {
    constexpr int kSteps = 512;
    std::vector<double> quantiles(kSteps);
    for (int i = 0; i < kSteps; ++i) quantiles[i] = solve(above, share * (i + 0.5) / kSteps);
    return quantiles;
}

// Mean of f over them, times that share.
template <typename F>
double overUpper(const std::vector<double>& quantiles, double share, const F& f) {
    double sum = 0;
    for (const double z : quantiles) sum += f(z);
    return sum / static_cast<double>(quantiles.size()) * share;
}

}  // namespace

PlantedGate plantRelu(double fired, const PlantedNoise& n) {
    const double score_power = 1 - n.noise + n.spread * n.spread;
    const double deviation = std::sqrt(score_power + n.noise);
    const double line = solve(above, fired);  // in deviations of z
    const std::vector<double> firing = upperQuantiles(fired);
    // Given z, the score is normal: how many of those that fire does a threshold find?
    const double slope = score_power / deviation;
    const double rest = std::sqrt(score_power * n.noise) / deviation;
    const auto found = [&](double threshold) {
        return overUpper(firing, fired,
                         [&](double z) { return above((threshold - slope * z) / rest); });
    };
    const double threshold = solve(found, n.recall * fired);
    const double predicted = above(threshold / std::sqrt(score_power));
    PlantedGate gate;
    gate.shift = static_cast<float>(line * deviation);
    gate.power = static_cast<float>(overUpper(
        firing, fired, [&](double z) { return std::pow((z - line) * deviation, 2); }));
    LayerCalibration& c = gate.calibration;
    c.threshold = static_cast<float>(threshold - line * deviation);
    c.zero_share = static_cast<float>(1 - fired);
    c.active_share = static_cast<float>(predicted);
    c.recall = static_cast<float>(n.recall);
    c.precision = static_cast<float>(n.recall * fired / predicted);
    c.false_positive_rate = static_cast<float>((predicted - n.recall * fired) / (1 - fired));
    return gate;
}

PlantedGate plantSilu(double kept, const PlantedNoise& n) {
    constexpr double kShift = 1;
    constexpr size_t kDrawn = 1 << 18;
    const NoisePool pool(1);
    const double deviation = std::sqrt(1 + n.spread * n.spread);
    std::vector<float> contributions(kDrawn);
    double power = 0;
    for (size_t i = 0; i < kDrawn; ++i) {
        const double z = static_cast<double>(pool.values()[2 * i]) * deviation - kShift;
        const double value = z / (1 + std::exp(-z)) * static_cast<double>(pool.values()[2 * i + 1]);
        contributions[i] = static_cast<float>(std::abs(value));
        power += value * value / kDrawn;
    }
    std::ranges::sort(contributions, std::greater());
    const auto lineAt = [&](double share) {
        return contributions[static_cast<size_t>(share * (kDrawn - 1))];
    };
    PlantedGate gate;
    gate.shift = kShift;
    gate.power = static_cast<float>(power);
    LayerCalibration& c = gate.calibration;
    c.threshold = c.contribution_threshold = lineAt(kept);  // for down columns of norm 1
    c.active_share = static_cast<float>(kept);
    c.recall = c.precision = 1;  // the sketch differs from the rows by rounding only
    for (uint32_t i = 0; i < kScoreLines; ++i) {
        gate.score_lines.push_back(lineAt((i + 1.0) / kScoreLines));
    }
    return gate;
}

}  // namespace glowworm
