// SPDX-License-Identifier: Apache-2.0
#include "app/engine/fakefigures.h"

#include <algorithm>
#include <cmath>

namespace glowworm {

namespace {
constexpr uint64_t kResident = 410ULL << 20;
constexpr uint64_t kPredictor = 52ULL << 20;
constexpr uint64_t kKv = 96ULL << 20;
constexpr uint64_t kBuffers = 38ULL << 20;
constexpr uint64_t kRecordBytes =
    (FakeFigures::kWholeBytes - kResident - kPredictor - kKv - kBuffers) / FakeFigures::kNeurons;
constexpr double kFlashBytesPerMs = 1.0e6;
constexpr double kAttentionMs = 6.5, kPredictorMs = 1.8, kFfnMs = 11;
constexpr double kManagerMs = 0.7, kOutputMs = 2.4;
constexpr double kHiddenMs = 3;  // of reading, behind arithmetic
constexpr double kNewPerToken = 0.30;  // of the active neurons that the token before did not use

double waitMs(double bytes) { return std::max(0.0, bytes / kFlashBytesPerMs - kHiddenMs); }

}  // namespace

void FakeFigures::setBudget(uint64_t bytes) {
    m_budget = std::clamp(bytes, kLeastBytes, kWholeBytes);
    m_cached = std::min(m_cached, slots());
}

uint64_t FakeFigures::slotsOf(uint64_t budget) {
    const uint64_t fixed = kResident + kPredictor + kKv + kBuffers;
    return std::min<uint64_t>((budget - fixed) / kRecordBytes, kNeurons);
}

double FakeFigures::shareOf(uint32_t window) {
    return 1 - std::pow(1 - kActiveShare * kNewPerToken, window);
}

double FakeFigures::hitRateOf(double share, double wobble) {
    return std::min(1.0, 0.45 + 0.55 * std::pow(share, 0.7) * wobble);
}

// How many tokens' neurons fit: the union of k active sets grows more slowly with each token.
uint32_t FakeFigures::windowOf(uint64_t slots) const {
    const double share = std::min(0.999, static_cast<double>(slots) / kNeurons);
    const double tokens = std::log1p(-share) / std::log1p(-kActiveShare * kNewPerToken);
    const auto fits = static_cast<uint32_t>(std::clamp(tokens, 1.0, 256.0));
    return m_windowAsked == 0 ? fits : std::min(m_windowAsked, fits);
}

TokenStats FakeFigures::nextToken() {
    std::uniform_real_distribution<double> wobble(0.85, 1.15);
    const uint32_t window = windowOf(slots());
    const double share = shareOf(window);
    ++m_tokens;
    const auto wanted = static_cast<uint64_t>(share * kNeurons);
    const auto active = static_cast<uint64_t>(kActiveShare * kNeurons * wobble(m_random));
    const double warm = std::min(
        1.0, static_cast<double>(m_cached) / static_cast<double>(std::max<uint64_t>(wanted, 1)));
    const double hitRate = warm * hitRateOf(share, wobble(m_random));
    TokenStats stats;
    stats.active_neurons = active;
    stats.fired_neurons = active * 9 / 10;
    stats.total_neurons = kNeurons;
    stats.hits = static_cast<uint64_t>(static_cast<double>(active) * std::min(hitRate, 1.0));
    stats.misses = active - stats.hits;
    stats.reads = stats.misses / 2;
    stats.read_bytes = stats.misses * kRecordBytes;
    stats.prefetch_bytes = stats.read_bytes / 2;
    stats.prefetch_useful_bytes = stats.prefetch_bytes * 4 / 5;
    stats.neurons_loaded = stats.misses;
    const uint64_t filled = m_cached + stats.misses;
    m_cached = std::min({filled, wanted, slots()});
    stats.neurons_dropped = filled - m_cached;
    stats.attention_ms = kAttentionMs * wobble(m_random);
    stats.predictor_ms = kPredictorMs * wobble(m_random);
    stats.ffn_ms = kFfnMs * wobble(m_random);
    stats.manager_ms = kManagerMs * wobble(m_random);
    stats.output_ms = kOutputMs * wobble(m_random);
    stats.flash_wait_ms = waitMs(static_cast<double>(stats.read_bytes));
    stats.time_ms = stats.attention_ms + stats.predictor_ms + stats.ffn_ms + stats.manager_ms +
                    stats.output_ms + stats.flash_wait_ms;
    stats.window_tokens = window;
    stats.window_tokens_asked = m_windowAsked;
    stats.memory_bytes = memory().usedBytes();
    stats.budget_bytes = m_budget;
    return stats;
}

WorkingSetCurve FakeFigures::curve() const {
    constexpr uint64_t kSteps = 40;
    WorkingSetCurve curve;
    if (m_tokens == 0) return curve;
    curve.tokens = m_tokens;
    curve.compute_ms = kAttentionMs + kPredictorMs + kFfnMs + kManagerMs + kOutputMs;
    for (uint64_t i = 0; i <= kSteps; ++i) {
        CurvePoint point;
        point.budget_bytes = kLeastBytes + (kWholeBytes - kLeastBytes) * i / kSteps;
        const uint32_t window = windowOf(slotsOf(point.budget_bytes));
        const double active = kActiveShare * kNeurons;
        point.window_tokens = window;
        point.hit_rate = hitRateOf(shareOf(window), 1);
        point.read_bytes = active * (1 - point.hit_rate) * static_cast<double>(kRecordBytes);
        point.reads = active * (1 - point.hit_rate) / 2;
        point.predicted_ms = curve.compute_ms + waitMs(point.read_bytes);
        curve.points.push_back(point);
    }
    return curve;
}

MemoryBreakdown FakeFigures::memory() const {
    return {.resident_weights = kResident,
            .predictor = kPredictor,
            .neuron_cache_used = m_cached * kRecordBytes,
            .neuron_cache_free = (slots() - m_cached) * kRecordBytes,
            .kv_cache = kKv,
            .buffers = kBuffers,
            .budget_bytes = m_budget};
}

}  // namespace glowworm
