// SPDX-License-Identifier: Apache-2.0
#include "core/train/thresholds.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace glowworm {

namespace {
double square(float value) { return static_cast<double>(value) * static_cast<double>(value); }
double share(size_t part, size_t whole) {
    return whole == 0 ? 1.0 : static_cast<double>(part) / static_cast<double>(whole);
}
}  // namespace

float contributionScale(const float* values, const float* norms, uint32_t neurons) {
    double power = 0;
    for (uint32_t n = 0; n < neurons; ++n) {
        const auto contribution = static_cast<double>(values[n] * norms[n]);
        power += contribution * contribution;
    }
    return power > 0 ? static_cast<float>(1 / std::sqrt(power)) : 0.0F;
}

void ThresholdFinder::add(float score, float contribution, bool matters) {
    constexpr float kMost = std::numeric_limits<float>::max();
    pairs_.push_back({std::isnan(score) ? -kMost : std::clamp(score, -kMost, kMost),
                      std::isfinite(contribution) ? contribution : 0.0F, matters});
}

LayerCalibration ThresholdFinder::find(double loss_share, double recall_min) {
    std::ranges::sort(pairs_, {}, &Pair::score);
    double total = 0;
    size_t important = 0;
    for (const Pair& pair : pairs_) {
        total += square(pair.contribution);
        important += pair.matters;
    }
    // Leave out from the lowest score up, whole groups of equal score, while the loss allows it.
    size_t left_out = 0;
    double lost = 0;
    const auto missed_max =
        static_cast<size_t>((1 - recall_min) * static_cast<double>(important));
    size_t missed = 0;
    while (left_out < pairs_.size()) {
        size_t end = left_out;
        double group = 0;
        size_t group_important = 0;
        while (end < pairs_.size() && pairs_[end].score == pairs_[left_out].score) {
            group_important += pairs_[end].matters;
            group += square(pairs_[end++].contribution);
        }
        if (lost + group > loss_share * total) break;
        if (missed + group_important > missed_max) break;
        missed += group_important;
        lost += group;
        left_out = end;
    }
    LayerCalibration found;
    found.threshold =
        left_out == 0 ? std::numeric_limits<float>::lowest() : pairs_[left_out - 1].score;
    size_t named_important = 0;
    for (size_t i = left_out; i < pairs_.size(); ++i) named_important += pairs_[i].matters;
    const size_t named = pairs_.size() - left_out;
    found.active_share = static_cast<float>(share(named, pairs_.size()));
    found.recall = static_cast<float>(share(named_important, important));
    found.precision = static_cast<float>(share(named_important, named));
    found.false_positive_rate =
        static_cast<float>(share(named - named_important, pairs_.size() - important));
    return found;
}

}  // namespace glowworm
