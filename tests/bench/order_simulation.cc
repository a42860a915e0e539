// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/order_simulation.h"

#include <algorithm>
#include <cmath>

#include "core/io/read_tuning.h"

namespace glowworm::bench {

namespace {

constexpr uint64_t kReadBytesMax = 256 << 10;  // as NeuronStore's staging blocks

// The neurons used last, of one layer.
class RecentNeurons {
  public:
    RecentNeurons(size_t neurons, uint32_t slots) : used_(neurons, 0), slots_(slots) {}
    [[nodiscard]] bool has(uint32_t n) const { return used_[n] != 0; }
    void use(uint32_t n, uint64_t now) {
        held_ += used_[n] == 0;
        used_[n] = now;
    }
    // Between two tokens: what was used longest ago goes.
    void shrink() {
        if (held_ <= slots_) return;
        if (slots_ == 0) {
            std::ranges::fill(used_, 0);
            held_ = 0;
            return;
        }
        std::vector<uint64_t> times;
        for (const uint64_t t : used_) {
            if (t != 0) times.push_back(t);
        }
        const auto cut = times.begin() + static_cast<ptrdiff_t>(held_ - slots_);
        std::ranges::nth_element(times, cut);
        for (uint64_t& t : used_) {
            if (t == 0 || t >= *cut) continue;
            t = 0;
            --held_;
        }
    }

  private:
    std::vector<uint64_t> used_;  // 0: not held
    size_t held_ = 0;
    uint32_t slots_;
};

// Places ascending, each `stride` bytes: the reads that the engine would make of them.
void addReads(std::vector<uint32_t>& places, uint64_t stride, OrderFigures& figures) {
    std::ranges::sort(places);
    uint64_t begin = 0, end = 0;
    for (size_t i = 0; i < places.size(); ++i) {
        const uint64_t at = places[i] * stride;
        const bool near = at - end <= ReadTuning{}.gap_bytes;
        figures.runs += i == 0 || places[i] != places[i - 1] + 1;
        if (end != 0 && near && at + stride - begin <= kReadBytesMax) {
            end = at + stride;
            continue;
        }
        figures.bytes += static_cast<double>(end - begin);
        figures.reads += 1;
        begin = at;
        end = at + stride;
    }
    figures.bytes += static_cast<double>(end - begin);
}

double explained(const std::vector<double>& x, const std::vector<double>& y, double& slope) {
    const auto n = static_cast<double>(x.size());
    double sx = 0, sy = 0, sxx = 0, sxy = 0, syy = 0;
    for (size_t i = 0; i < x.size(); ++i) {
        sx += x[i];
        sy += y[i];
        sxx += x[i] * x[i];
        sxy += x[i] * y[i];
        syy += y[i] * y[i];
    }
    const double vx = sxx - sx * sx / n, vy = syy - sy * sy / n, cov = sxy - sx * sy / n;
    if (vx <= 0 || vy <= 0) return 0;
    slope = cov / vx;
    return cov * cov / (vx * vy);
}

}  // namespace

void OrderFigures::add(const OrderFigures& other) {
    tokens = std::max(tokens, other.tokens);
    misses += other.misses;
    reads += other.reads;
    bytes += other.bytes;
    runs += other.runs;
}

Trace traceOf(const LayerTruth& truth) {
    Trace trace(truth.tokens());
    for (size_t t = 0; t < trace.size(); ++t) {
        for (uint32_t n = 0; n < truth.neurons(); ++n) {
            if (truth.token(t)[n] != 0) trace[t].push_back(n);
        }
    }
    return trace;
}

OrderFigures simulateOrder(const Trace& trace, const std::vector<uint32_t>& order, uint32_t slots,
                           uint32_t stride) {
    RecentNeurons cache(order.size(), slots);
    OrderFigures figures;
    std::vector<uint32_t> places;
    for (size_t t = 0; t < trace.size(); ++t) {
        places.clear();
        for (const uint32_t n : trace[t]) {
            if (!cache.has(n)) places.push_back(order[n]);
            cache.use(n, t + 1);
        }
        figures.misses += static_cast<double>(places.size());
        if (!places.empty()) addReads(places, stride, figures);
        cache.shrink();
    }
    figures.tokens = static_cast<double>(trace.size());
    return figures;
}

OrderFigures simulateFriendBundles(const Trace& trace, const Coactivation& coactivation,
                                   uint32_t slots, uint32_t stride) {
    RecentNeurons cache(coactivation.neurons(), slots);
    OrderFigures figures;
    std::vector<uint32_t> places;
    for (size_t t = 0; t < trace.size(); ++t) {
        places.clear();
        for (const uint32_t n : trace[t]) {
            if (!cache.has(n)) {
                places.push_back(n);
                figures.misses += 1;
                const auto& friends = coactivation.friends(n);
                if (!friends.empty()) cache.use(friends.front().neuron, t + 1);
            }
            cache.use(n, t + 1);
        }
        if (!places.empty()) addReads(places, uint64_t{stride} * 2, figures);
        cache.shrink();
    }
    figures.tokens = static_cast<double>(trace.size());
    return figures;
}

Fit fitRanks(std::vector<uint32_t> counts) {
    std::ranges::sort(counts, std::ranges::greater());
    while (!counts.empty() && counts.back() == 0) counts.pop_back();
    std::vector<double> log_rank, share, log_count;
    // Ranks evenly spaced in the logarithm, so that the many small ones do not decide alone.
    for (double rank = 1; rank <= static_cast<double>(counts.size()); rank *= 1.1) {
        const auto at = static_cast<size_t>(rank) - 1;
        log_rank.push_back(std::log(rank));
        share.push_back(rank / static_cast<double>(counts.size()));
        log_count.push_back(std::log(static_cast<double>(counts[at])));
    }
    Fit fit;
    if (log_rank.size() < 3) return fit;
    fit.power_explains = explained(log_rank, log_count, fit.power);
    fit.decay_explains = explained(share, log_count, fit.decay);
    return fit;
}

}  // namespace glowworm::bench
