// SPDX-License-Identifier: Apache-2.0
#include "core/import/synthetic_rows.h"

#include <algorithm>
#include <cmath>

#include "core/base/check.h"

namespace glowworm {

namespace {

// Of the counter's streams: what is drawn for whom.
enum Stream : uint64_t { kDirections = 1, kDrift, kJitter, kOffset, kFamily, kOwn, kRowNoise };
constexpr uint64_t kStreams = 16;

// Neurons come in families that fire together: 5 of a row's 8 directions are its family's.
constexpr uint32_t kFamilyNeurons = 16, kFamilyWeights = 5, kOwnWeights = 3;

uint64_t streamOf(uint32_t layer, Stream stream) { return (layer + 1) * kStreams + stream; }

// Members of a family lie scattered over the layer, so that an order by co-activation has work.
uint32_t familyOf(uint32_t neuron, uint32_t width) {
    return static_cast<uint32_t>(uint64_t{neuron} * 7919 % width) / kFamilyNeurons;
}

}  // namespace

SyntheticRows::SyntheticRows(const SyntheticShape& shape, const NoisePool& pool, uint64_t seed)
    : shape_(shape), pool_(pool), seed_(seed) {
    const ModelConfig& c = shape.config;
    rank_ = std::clamp(c.hidden / 16 / 32 * 32, 32U, 128U);
    moving_ = c.ffn_bias ? rank_ : rank_ - 1;
    shared_ = c.ffn_bias ? 0.0F : std::sqrt(0.4F);
    jitter_ = std::sqrt(0.15F);
    drift_ = std::sqrt(1 - shared_ * shared_ - jitter_ * jitter_);
    directions_.assign(size_t{rank_} * c.hidden, 0.0F);
    const float unit = 1 / std::sqrt(static_cast<float>(c.hidden));
    for (uint32_t k = 0; k < rank_; ++k) {
        CounterRandom random(seed_, kDirections, k);
        pool_.addTo(std::span(directions_).subspan(size_t{k} * c.hidden, c.hidden), unit, random);
    }
    const bool by_position = c.positions == PositionKind::kLearned;
    const uint32_t states = by_position ? c.context_max + c.position_offset : c.vocabulary;
    states_.assign(size_t{states} * moving_, 0.0F);
    const float keep = shape.drift_correlation, renew = std::sqrt(1 - keep * keep);
    for (uint32_t i = 0; i < states; ++i) {
        float* state = states_.data() + size_t{i} * moving_;
        CounterRandom random(seed_, kDrift, i);
        pool_.addTo(std::span(state, moving_), i == 0 ? 1 : renew, random);
        for (uint32_t k = 0; k < moving_ && i > 0; ++k) state[k] += keep * (state - moving_)[k];
    }
}

void SyntheticRows::addDrift(uint32_t index, std::span<float> row) const {
    const size_t hidden = row.size();
    const float* state = states_.data() + size_t{index} * moving_;
    const float scale =
        drift_ * std::sqrt(static_cast<float>(hidden) / static_cast<float>(moving_));
    for (uint32_t k = 0; k < moving_; ++k) {
        const float weight = scale * state[k];
        const float* direction = directions_.data() + k * hidden;
        for (size_t c = 0; c < hidden; ++c) row[c] += weight * direction[c];
    }
    CounterRandom random(seed_, kJitter, index);
    pool_.addTo(row, jitter_, random);
}

void SyntheticRows::addShared(std::span<float> row) const {
    if (moving_ == rank_) return;
    const float scale = shared_ * std::sqrt(static_cast<float>(row.size()));
    const float* direction = directions_.data() + moving_ * row.size();
    for (size_t c = 0; c < row.size(); ++c) row[c] += scale * direction[c];
}

float SyntheticRows::offset(uint32_t layer, uint32_t neuron) const {
    CounterRandom random(seed_, streamOf(layer, kOffset), neuron);
    return shape_.spread * pool_.one(random);
}

void SyntheticRows::plantWeights(CounterRandom random, uint32_t count, float weight,
                                 std::span<float> expand) const {
    for (uint32_t i = 0; i < count; ++i) {
        const size_t k = random.below(moving_);
        expand[k] += weight * pool_.one(random);
    }
}

void SyntheticRows::leading(uint32_t layer, uint32_t neuron, float shift, float growth,
                            std::span<float> row, std::span<float> expand) const {
    const auto hidden = static_cast<float>(row.size());
    std::ranges::fill(row, 0.0F);
    std::ranges::fill(expand, 0.0F);
    // A normed input has drift_ * sqrt(hidden / (moving_ * growth)) of N(0, 1) in each direction.
    const float input = drift_ * std::sqrt(hidden / (static_cast<float>(moving_) * growth));
    const auto used = static_cast<float>(kFamilyWeights + kOwnWeights);
    const float weight = std::sqrt((1 - shape_.noise) / used) / input;
    plantWeights(CounterRandom(seed_, streamOf(layer, kFamily),
                               familyOf(neuron, shape_.config.ff_width)),
                 kFamilyWeights, weight, expand);
    plantWeights(CounterRandom(seed_, streamOf(layer, kOwn), neuron), kOwnWeights, weight, expand);
    if (moving_ < rank_) {
        expand[moving_] = (offset(layer, neuron) - shift) / (shared_ * std::sqrt(hidden / growth));
    }
    CounterRandom random(seed_, streamOf(layer, kRowNoise), neuron);
    pool_.addTo(row, std::sqrt(shape_.noise / hidden), random);
    for (uint32_t k = 0; k < rank_; ++k) {
        const float w = expand[k];
        if (w == 0) continue;
        const float* direction = directions_.data() + k * row.size();
        for (size_t c = 0; c < row.size(); ++c) row[c] += w * direction[c];
    }
}

}  // namespace glowworm
