// SPDX-License-Identifier: Apache-2.0
#include "core/engine/curve_maker.h"

#include <algorithm>
#include <utility>

#include "core/base/check.h"
#include "core/model/read_gap.h"

namespace glowworm {

namespace {

// How often more than once a layer goes over its active neurons when only `slots` fit at a time.
double passesMore(double active, uint32_t slots) { return std::max(0.0, active / slots - 1); }

}  // namespace

CurveMaker::CurveMaker(const NeuronCache& cache, const NeuronTable& table, const MemoryPlan& plan,
                       uint32_t layers, uint32_t neurons, uint32_t gap_bytes)
    : cache_(cache),
      plan_(plan),
      working_set_(layers, neurons),
      ranks_(layers, neurons),
      runs_(table, layers, neurons, {gap_bytes, kRunBytesMax}),
      cost_(layers) {}

uint64_t CurveMaker::bytesNeeded(uint32_t layers, uint32_t neurons) {
    return sizeof(CurveMaker) + WorkingSet::bytesNeeded(layers, neurons) +
           FrequencyRanks::bytesNeeded(layers, neurons) + MissRuns::bytesNeeded(layers, neurons);
}

void CurveMaker::active(LayerId layer, std::span<const NeuronId> neurons) {
    working_set_.add(layer, neurons);
    ranks_.add(layer, neurons, working_set_.lastDistances());
    if (runs_.wants(layer)) runs_.sample(layer, neurons, working_set_.lastDistances());
    if (next_ != nullptr) next_->active(layer, neurons);
    seen_ += layer.value() + 1 == working_set_.layers();
}

void CurveMaker::token(const TokenStats& stats) {
    if (std::exchange(seen_told_, seen_) == seen_) return;
    double passes = 0;
    for (uint32_t l = 0; l < working_set_.layers(); ++l) {
        passes += passesMore(working_set_.activePerToken(LayerId(l)), cache_.quota(LayerId(l)));
    }
    cost_.add(stats, passes);
}

// By frequency no window is kept: that which would miss as often stands for it.
WindowPoint CurveMaker::windowAt(const LayerCurve& curve, double slots,
                                 uint32_t window_tokens) const {
    if (curve.sizes.empty()) {
        return windowOfSize(curve.windows, working_set_.neurons(), slots, window_tokens);
    }
    return windowOfMisses(curve.windows, missesOfSize(curve.sizes, working_set_.neurons(), slots));
}

CurvePoint CurveMaker::pointAt(uint64_t budget_bytes, uint32_t window_tokens,
                               std::span<const LayerCurve> layers) const {
    const auto cache_bytes = plan_.cacheBytes(budget_bytes);
    CHECK(cache_bytes.has_value());
    const std::vector<uint32_t> quotas = cache_.quotasFor(*cache_bytes);
    CurvePoint point{.budget_bytes = budget_bytes};
    double misses = 0;
    double firings = 0;
    double passes = 0;
    for (uint32_t l = 0; l < layers.size(); ++l) {
        const WindowPoint window = windowAt(layers[l], quotas[l], window_tokens);
        const MissCost cost = runs_.cost(LayerId(l), window.misses);
        misses += window.misses;
        const double active = layers[l].windows.front().misses;
        const double more = window.misses > 0 ? passesMore(active, quotas[l]) : 0;
        firings += active;
        passes += more;
        point.read_bytes += cost.bytes;
        point.reads += cost.reads + more;  // a run ends where a pass does
        point.window_tokens =
            l == 0 ? window.tokens : std::min(point.window_tokens, window.tokens);
    }
    point.hit_rate = firings > 0 ? 1 - misses / firings : 0;
    point.predicted_ms = cost_.computeMs() + cost_.flashMs(point.read_bytes, point.reads, passes);
    return point;
}

WorkingSetCurve CurveMaker::curve(uint32_t window_tokens) const {
    WorkingSetCurve curve;
    curve.tokens = seen_told_;
    if (curve.tokens == 0) return curve;
    curve.compute_ms = cost_.computeMs();
    const bool by_age =
        window_tokens != kWindowAuto || cache_.eviction() == EvictionOrder::kRecency;
    std::vector<LayerCurve> layers(working_set_.layers());
    for (uint32_t l = 0; l < layers.size(); ++l) {
        working_set_.windows(LayerId(l), layers[l].windows);
        if (!by_age) ranks_.sizes(LayerId(l), layers[l].sizes);
    }
    const uint64_t least = plan_.budgetBytesMin();
    const uint64_t range = plan_.budgetBytesMax() - least;
    curve.points.reserve(kPoints);
    for (size_t i = 0; i < kPoints; ++i) {
        const uint64_t budget = least + range * i / (kPoints - 1);
        curve.points.push_back(pointAt(budget, window_tokens, layers));
    }
    return curve;
}

}  // namespace glowworm
