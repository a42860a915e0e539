// SPDX-License-Identifier: Apache-2.0
#include "core/sparsity/working_set.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "core/base/check.h"

namespace glowworm {

namespace {

constexpr double kWeightMax = 1e9;    // then everything is scaled down
constexpr double kAtRiskLeast = 8;    // firings; with fewer the tail is a guess and is left out

WindowPoint between(const WindowPoint& a, const WindowPoint& b, double share) {
    return {a.tokens + share * (b.tokens - a.tokens), a.misses + share * (b.misses - a.misses),
            a.size + share * (b.size - a.size)};
}

}  // namespace

uint32_t DistanceBuckets::of(uint32_t distance) {
    if (distance <= kExact) return distance - 1;
    const uint32_t d = std::min(distance, kDistanceMax) - 1;  // 64 and more
    const auto octave = static_cast<uint32_t>(std::bit_width(d)) - 1;  // 6: [64, 128)
    const uint32_t part = (d - (1U << octave)) >> (octave - 3);
    return kExact + (octave - 6) * kPerOctave + part;
}

uint32_t DistanceBuckets::last(uint32_t bucket) {
    if (bucket < kExact) return bucket + 1;
    const uint32_t octave = 6 + (bucket - kExact) / kPerOctave;
    const uint32_t part = (bucket - kExact) % kPerOctave;
    return (1U << octave) + ((part + 1) << (octave - 3));
}

WorkingSet::WorkingSet(uint32_t layers, uint32_t neurons, uint32_t half_life_tokens)
    : neurons_(neurons),
      growth_(half_life_tokens == 0 ? 1 : std::exp2(1.0 / half_life_tokens)),
      layers_(layers),
      last_(size_t{layers} * neurons) {
    distances_.reserve(neurons);
}

uint64_t WorkingSet::bytesNeeded(uint32_t layers, uint32_t neurons) {
    return layers * (sizeof(Layer) + uint64_t{neurons} * sizeof(uint32_t)) +
           uint64_t{neurons} * sizeof(uint32_t);
}

const WorkingSet::Layer& WorkingSet::at(LayerId layer) const {
    CHECK(layer.value() < layers_.size());
    return layers_[layer.value()];
}

void WorkingSet::rescale(Layer& layer) {
    const double scale = 1 / layer.weight;
    for (double& event : layer.events) event *= scale;
    for (double& censored : layer.censored) censored *= scale;
    layer.weight_sum *= scale;
    layer.active_sum *= scale;
    layer.weight = 1;
}

void WorkingSet::add(LayerId layer_id, std::span<const NeuronId> active) {
    CHECK(layer_id.value() < layers_.size() && active.size() <= neurons_);
    Layer& layer = layers_[layer_id.value()];
    uint32_t* last = last_.data() + size_t{layer_id.value()} * neurons_;
    const uint32_t before = layer.tokens++;
    const uint32_t now = layer.tokens;
    layer.weight *= growth_;
    if (layer.weight > kWeightMax) rescale(layer);
    distances_.resize(active.size());
    for (size_t i = 0; i < active.size(); ++i) {
        const uint32_t neuron = active[i].value();
        DCHECK(neuron < neurons_);
        const uint32_t distance = last[neuron] == 0 ? kNever : now - last[neuron];
        distances_[i] = distance;
        last[neuron] = now;
        if (distance != kNever) {
            layer.events[DistanceBuckets::of(distance)] += layer.weight;
        } else if (before > 0) {
            layer.censored[DistanceBuckets::of(before)] += layer.weight;
        }
    }
    layer.weight_sum += layer.weight;
    layer.active_sum += layer.weight * static_cast<double>(active.size());
}

double WorkingSet::activePerToken(LayerId layer_id) const {
    const Layer& layer = at(layer_id);
    return layer.weight_sum > 0 ? layer.active_sum / layer.weight_sum : 0;
}

double WorkingSet::hits(LayerId layer_id, uint32_t window) const {
    const Layer& layer = at(layer_id);
    double hits = 0;
    for (uint32_t b = 0; b < DistanceBuckets::kCount && DistanceBuckets::last(b) <= window; ++b) {
        hits += layer.events[b];
    }
    return hits;
}

void WorkingSet::windows(LayerId layer_id, std::vector<WindowPoint>& points) const {
    const Layer& layer = at(layer_id);
    points.clear();
    if (layer.tokens == 0) return;
    const double active = activePerToken(layer_id);
    double at_risk = 0;
    for (uint32_t b = 0; b < DistanceBuckets::kCount; ++b) {
        at_risk += layer.events[b] + layer.censored[b];
    }
    WindowPoint point{0, active, 0};
    points.push_back(point);
    double survives = 1;  // the share of firings whose distance is longer than point.tokens
    for (uint32_t b = 0; b < DistanceBuckets::kCount; ++b) {
        if (at_risk < kAtRiskLeast * layer.weight && b > 0) break;
        if (at_risk > 0) survives *= std::max(0.0, 1 - layer.events[b] / at_risk);
        at_risk -= layer.events[b] + layer.censored[b];
        const double width = DistanceBuckets::last(b) - point.tokens;
        const double misses = active * survives;
        // The sum of m over the bucket's windows, m falling evenly from one end to the other.
        const double grown = width * point.misses + (misses - point.misses) * (width - 1) / 2;
        point = {point.tokens + width, misses,
                 std::min(point.size + grown, static_cast<double>(neurons_))};
        points.push_back(point);
    }
}

WindowPoint windowOfSize(std::span<const WindowPoint> points, uint32_t neurons, double slots,
                         uint32_t window_tokens_most) {
    if (points.empty()) return {};
    WindowPoint found = points.back();
    const auto larger = std::ranges::find_if(
        points, [slots](const WindowPoint& point) { return point.size > slots; });
    if (slots >= neurons) {
        found.misses = 0;
        found.size = std::max(found.size, std::min<double>(slots, neurons));
    } else if (larger == points.begin() + 1) {
        // Less than one token's neurons: they pass in parts, and what the last part left is found
        // again only as far as the parts of two tokens overlap.
        const double share = std::max(0.0, 2 * slots / larger->size - 1);
        found = between(points.front(), *larger, share);
        found.tokens = slots / larger->size;
        found.size = slots;
    } else if (larger != points.end()) {
        const WindowPoint& below = *(larger - 1);
        found = between(below, *larger, (slots - below.size) / (larger->size - below.size));
    }
    if (window_tokens_most == 0 || found.tokens <= window_tokens_most) return found;
    const auto longer = std::ranges::find_if(points, [&](const WindowPoint& point) {
        return point.tokens >= window_tokens_most;
    });
    if (longer == points.end() || longer == points.begin()) return found;
    const WindowPoint& below = *(longer - 1);
    return between(below, *longer,
                   (window_tokens_most - below.tokens) / (longer->tokens - below.tokens));
}

WindowPoint windowOfMisses(std::span<const WindowPoint> points, double misses) {
    if (points.empty()) return {};
    const auto fewer = std::ranges::find_if(
        points, [misses](const WindowPoint& point) { return point.misses <= misses; });
    WindowPoint found = fewer == points.end() ? points.back() : *fewer;
    if (fewer != points.end() && fewer != points.begin()) {
        const WindowPoint& below = *(fewer - 1);
        found = between(below, *fewer, (below.misses - misses) / (below.misses - fewer->misses));
    }
    found.misses = misses;
    return found;
}

}  // namespace glowworm
