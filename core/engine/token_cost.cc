// SPDX-License-Identifier: Apache-2.0
#include "core/engine/token_cost.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace glowworm {

namespace {

// An ordinary disk, in milliseconds: 1 GB/s, 10 us a read, 70 us until a layer's first arrives.
constexpr double kByteMs = 1e-6, kReadMs = 0.01, kStallMs = 0.07;
// After a stall threads wake up and caches are cold: that much of a layer's computing goes with the
// stall and would not be there without it. At most a share of the computing.
constexpr double kColdMs = 0.03, kColdShareMost = 0.3;
constexpr double kKeep = 0.998;   // of what went before, at each token
constexpr double kPrior = 0.002;  // pull towards the ordinary disk's proportions

}  // namespace

TokenCost::Terms TokenCost::terms(double bytes, double reads, double passes) const {
    const double stalls = layers_ * (1 - std::exp(-reads / layers_)) + passes;
    return {bytes * kByteMs, reads * kReadMs, stalls * kStallMs};
}

void TokenCost::add(const TokenStats& stats, double passes) {
    const Terms x = terms(static_cast<double>(stats.read_bytes), static_cast<double>(stats.reads),
                          passes);
    const double measured = stats.attention_ms + stats.predictor_ms + stats.ffn_ms +
                            stats.manager_ms + stats.output_ms;
    const double cold = x.back() / kStallMs * kColdMs;
    const double compute = measured - std::min(cold, kColdShareMost * measured);
    // What is left beside waiting is copying and comparing what arrived: it goes with the reads.
    const double flash = std::max(0.0, stats.time_ms - compute);
    tokens_ = tokens_ * kKeep + 1;
    compute_ms_ = compute_ms_ * kKeep + compute;
    for (size_t i = 0; i < kTerms; ++i) {
        for (size_t j = 0; j < kTerms; ++j) {
            products_[i][j] = products_[i][j] * kKeep + x[i] * x[j];
        }
        moments_[i] = moments_[i] * kKeep + x[i] * flash;
    }
}

double TokenCost::computeMs() const { return tokens_ > 0 ? compute_ms_ / tokens_ : 0; }

// Least squares around one common factor for all three terms, by Gauss elimination.
TokenCost::Terms TokenCost::solve() const {
    double all = 0;
    double moment = 0;
    double trace = 0;
    for (size_t i = 0; i < kTerms; ++i) {
        moment += moments_[i];
        trace += products_[i][i];
        for (size_t j = 0; j < kTerms; ++j) all += products_[i][j];
    }
    if (all <= 0) return {1, 1, 1};
    const double common = moment / all;
    std::array<Terms, kTerms> m = products_;
    Terms factor = moments_;
    for (size_t i = 0; i < kTerms; ++i) {
        m[i][i] += kPrior * trace;
        factor[i] += kPrior * trace * common;
    }
    for (size_t i = 0; i < kTerms; ++i) {
        for (size_t row = 0; row < kTerms; ++row) {
            if (row == i) continue;
            const double ratio = m[row][i] / m[i][i];
            for (size_t j = 0; j < kTerms; ++j) m[row][j] -= ratio * m[i][j];
            factor[row] -= ratio * factor[i];
        }
    }
    for (size_t i = 0; i < kTerms; ++i) {
        factor[i] /= m[i][i];
        if (!(factor[i] >= 0)) return {common, common, common};
    }
    return factor;
}

double TokenCost::flashMs(double bytes, double reads, double passes) const {
    const Terms x = terms(bytes, reads, passes);
    const Terms factor = solve();
    double ms = 0;
    for (size_t i = 0; i < kTerms; ++i) ms += x[i] * factor[i];
    return ms;
}

}  // namespace glowworm
