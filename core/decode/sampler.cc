// SPDX-License-Identifier: Apache-2.0
#include "core/decode/sampler.h"

#include <algorithm>
#include <cmath>

#include "core/base/check.h"

namespace glowworm {

namespace {

void penalise(std::span<float> logits, std::span<const TokenId> recent, float penalty) {
    for (size_t i = 0; i < recent.size(); ++i) {
        const TokenId token = recent[i];
        // Once per token, however often it was said.
        if (std::find(recent.begin(), recent.begin() + static_cast<ptrdiff_t>(i), token) !=
            recent.begin() + static_cast<ptrdiff_t>(i)) {
            continue;
        }
        const auto index = static_cast<size_t>(token.value());
        if (token.value() < 0 || index >= logits.size()) continue;
        float& logit = logits[index];
        logit = logit > 0 ? logit / penalty : logit * penalty;
    }
}

TokenId greedy(std::span<const float> logits) {
    size_t best = 0;
    float best_logit = -INFINITY;
    for (size_t i = 0; i < logits.size(); ++i) {
        if (logits[i] > best_logit) {
            best_logit = logits[i];
            best = i;
        }
    }
    return TokenId(static_cast<int32_t>(best));
}

}  // namespace

Sampler::Sampler(size_t vocabulary, const SamplerOptions& options)
    : options_(options), random_(options.seed) {
    CHECK(vocabulary > 0);
    candidates_.reserve(vocabulary);
}

TokenId Sampler::sample(std::span<float> logits, std::span<const TokenId> recent) {
    if (options_.repeat_penalty != 1.0F) penalise(logits, recent, options_.repeat_penalty);
    if (!(options_.temperature > 0)) return greedy(logits);

    candidates_.clear();
    for (size_t i = 0; i < logits.size(); ++i) {
        if (std::isfinite(logits[i])) candidates_.push_back({logits[i], static_cast<int32_t>(i)});
    }
    if (candidates_.empty()) return greedy(logits);

    size_t kept = keepTopK(candidates_.size());
    if (options_.top_p < 1.0F) kept = keepTopP(kept);
    if (options_.min_p > 0.0F) {
        // p >= min_p * p_max is logit >= logit_max + log(min_p).
        const float lowest = candidates_[0].logit + std::log(options_.min_p);
        while (kept > 1 && candidates_[kept - 1].logit < lowest) --kept;
    }
    return draw(kept);
}

// Sorts the most likely to the front (ties by id, so that results repeat) and says how many stay.
size_t Sampler::keepTopK(size_t count) {
    const auto likelier = [](const Candidate& a, const Candidate& b) {
        return a.logit != b.logit ? a.logit > b.logit : a.id < b.id;
    };
    size_t kept = options_.top_k == 0 ? count : std::min<size_t>(options_.top_k, count);
    std::partial_sort(candidates_.begin(), candidates_.begin() + static_cast<ptrdiff_t>(kept),
                      candidates_.end(), likelier);
    return kept;
}

size_t Sampler::keepTopP(size_t kept) {
    double total = 0;
    for (size_t i = 0; i < kept; ++i) {
        total += std::exp(static_cast<double>(candidates_[i].logit - candidates_[0].logit));
    }
    double reached = 0;
    for (size_t i = 0; i < kept; ++i) {
        reached += std::exp(static_cast<double>(candidates_[i].logit - candidates_[0].logit));
        if (reached >= static_cast<double>(options_.top_p) * total) return i + 1;
    }
    return kept;
}

TokenId Sampler::draw(size_t kept) {
    double total = 0;
    const auto weight = [&](size_t i) {
        const float below = candidates_[i].logit - candidates_[0].logit;
        return std::exp(static_cast<double>(below) / static_cast<double>(options_.temperature));
    };
    for (size_t i = 0; i < kept; ++i) total += weight(i);
    // The top 53 bits as a number in [0, 1): the same on every standard library.
    const double unit = static_cast<double>(random_() >> 11) * 0x1.0p-53;
    double left = unit * total;
    for (size_t i = 0; i < kept; ++i) {
        left -= weight(i);
        if (left < 0) return TokenId(candidates_[i].id);
    }
    return TokenId(candidates_[kept - 1].id);
}

}  // namespace glowworm
