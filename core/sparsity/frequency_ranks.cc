// SPDX-License-Identifier: Apache-2.0
#include "core/sparsity/frequency_ranks.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "core/base/check.h"

namespace glowworm {

namespace {

constexpr double kWeightMax = 1e9;  // then everything is scaled down
constexpr double kAtRiskLeast = 8;  // firings; with fewer the tail is a guess and is left out

}  // namespace

FrequencyRanks::FrequencyRanks(uint32_t layers, uint32_t neurons, uint32_t half_life_tokens)
    : neurons_(neurons),
      growth_(half_life_tokens == 0 ? 1 : std::exp2(1.0 / half_life_tokens)),
      layers_(layers),
      sums_(size_t{layers} * neurons),
      recent_(neurons) {
    for (Layer& layer : layers_) layer.last.reserve(neurons);
}

uint64_t FrequencyRanks::bytesNeeded(uint32_t layers, uint32_t neurons) {
    const uint64_t by_neuron = uint64_t{neurons} * (sizeof(float) + sizeof(uint32_t));
    return layers * (sizeof(Layer) + by_neuron) + neurons;
}

uint32_t FrequencyRanks::bucketOf(float sum) {
    return std::bit_cast<uint32_t>(sum) >> kBucketShift;
}

uint32_t FrequencyRanks::binOf(double rank) const {
    return std::min(kBins - 1, static_cast<uint32_t>((rank - 1) * kBins / neurons_));
}

void FrequencyRanks::age(Layer& layer, double growth) {
    layer.weight *= growth;
    if (layer.weight <= kWeightMax) return;
    const double scale = 1 / layer.weight;
    for (double& event : layer.events) event *= scale;
    for (double& censored : layer.censored) censored *= scale;
    layer.repeats *= scale;
    layer.weight_sum *= scale;
    layer.active_sum *= scale;
    layer.weight = 1;
}

// higher[i]: neurons whose bucket is above top - i.
void FrequencyRanks::countHigher(const Layer& layer, uint32_t top, std::span<uint32_t> higher) {
    uint32_t sum = 0;
    for (uint32_t i = 0; i < higher.size(); ++i) {
        higher[i] = sum;
        sum += i <= top ? layer.counts[top - i] : 0;
    }
}

void FrequencyRanks::rank(Layer& layer, std::span<const float> sums,
                          std::span<const NeuronId> active,
                          std::span<const uint32_t> distances) {
    // No sum is more than the weight of a half-life's firings in each token: 93 of the present one.
    const uint32_t top = bucketOf(layer.firing.at(layer.tokens) * 128);
    std::array<uint32_t, kOctaves << (23 - kBucketShift)> higher;
    countHigher(layer, top, higher);
    std::array<uint32_t, kReach> most = {};  // neurons of the largest token, of the last so many
    for (uint32_t d = 1; d < kReach && d < layer.tokens; ++d) {
        most[d] = std::max(most[d - 1], layer.active[(layer.tokens - d) % kReach]);
    }
    const uint32_t reach = std::min(kReach, layer.tokens) - 1;
    const auto last = static_cast<uint32_t>(layer.last.size());
    for (size_t i = 0; i < active.size(); ++i) {
        const NeuronId neuron = active[i];
        if (recent_[neuron.value()] != 0) {
            layer.repeats += layer.weight;
        } else if (sums[neuron.value()] == 0) {
            if (layer.seen > 0) layer.censored[binOf(layer.seen)] += layer.weight;
        } else {
            const uint32_t bucket = bucketOf(sums[neuron.value()]);
            const size_t below = std::min<size_t>(top - bucket, higher.size() - 1);
            const bool lowest = below + 1 == higher.size();
            const double before =
                std::max(most[std::min(distances[i], reach)], last + higher[below]);
            const double alike =
                lowest ? std::max(0.0, layer.seen - before) : layer.counts[bucket];
            layer.events[binOf(before + (alike + 1) / 2)] += layer.weight;
        }
    }
}

void FrequencyRanks::add(LayerId layer_id, std::span<const NeuronId> active,
                         std::span<const uint32_t> distances) {
    CHECK(layer_id.value() < layers_.size() && active.size() <= neurons_);
    CHECK(active.size() == distances.size());
    Layer& layer = layers_[layer_id.value()];
    const std::span sums(sums_.data() + size_t{layer_id.value()} * neurons_, neurons_);
    ++layer.tokens;
    age(layer, growth_);
    for (const uint32_t neuron : layer.last) recent_[neuron] = 1;
    if (const float factor = layer.firing.advance(layer.tokens); factor != 1) {
        layer.counts = {};
        for (uint32_t n = 0; n < neurons_; ++n) {
            // Not to nothing: it has been seen.
            if (sums[n] > 0) sums[n] = std::max(sums[n] * factor, 1e-37F);
            if (sums[n] > 0 && recent_[n] == 0) ++layer.counts[bucketOf(sums[n])];
        }
    }
    rank(layer, sums, active, distances);
    layer.active[layer.tokens % kReach] = static_cast<uint32_t>(active.size());
    for (const NeuronId id : active) {
        const uint32_t n = id.value();
        if (sums[n] > 0 && recent_[n] == 0) --layer.counts[bucketOf(sums[n])];
        layer.seen += sums[n] == 0;
        recent_[n] = recent_[n] != 0 ? 2 : 0;  // 2: in both tokens
    }
    for (const uint32_t n : layer.last) {
        if (recent_[n] == 1) ++layer.counts[bucketOf(sums[n])];
        recent_[n] = 0;
    }
    layer.last.clear();
    const float weight = layer.firing.at(layer.tokens);
    for (const NeuronId id : active) {
        sums[id.value()] += weight;
        layer.last.push_back(id.value());
    }
    layer.weight_sum += layer.weight;
    layer.active_sum += layer.weight * static_cast<double>(active.size());
}

void FrequencyRanks::sizes(LayerId layer_id, std::vector<SizePoint>& points) const {
    CHECK(layer_id.value() < layers_.size());
    const Layer& layer = layers_[layer_id.value()];
    points.clear();
    if (layer.tokens == 0) return;
    const double active = layer.active_sum / layer.weight_sum;
    double at_risk = layer.repeats;
    for (uint32_t b = 0; b < kBins; ++b) at_risk += layer.events[b] + layer.censored[b];
    points.push_back({0, active});
    double survives = at_risk > 0 ? 1 - layer.repeats / at_risk : 1;
    at_risk -= layer.repeats;
    points.push_back({active, active * survives});
    for (uint32_t b = 0; b < kBins && at_risk >= kAtRiskLeast * layer.weight; ++b) {
        survives *= std::max(0.0, 1 - layer.events[b] / at_risk);
        at_risk -= layer.events[b] + layer.censored[b];
        const double size = static_cast<double>(b + 1) * neurons_ / kBins;
        if (size > active) points.push_back({size, active * survives});
    }
}

double missesOfSize(std::span<const SizePoint> points, uint32_t neurons, double slots) {
    if (points.empty() || slots >= neurons) return 0;
    if (slots < points[1].size) {
        // Less than one token's neurons: they pass in parts, and what the last part left is found
        // again only as far as the parts of two tokens overlap.
        const double share = std::max(0.0, 2 * slots / points[1].size - 1);
        return points[0].misses + share * (points[1].misses - points[0].misses);
    }
    const auto above = std::ranges::upper_bound(points, slots, {}, &SizePoint::size);
    if (above == points.end()) return points.back().misses;
    const SizePoint& below = *(above - 1);
    const double share = (slots - below.size) / (above->size - below.size);
    return below.misses + share * (above->misses - below.misses);
}

}  // namespace glowworm
