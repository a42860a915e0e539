// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/policies.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <deque>
#include <limits>

namespace glowworm::bench {

namespace {

// Who leaves first: a policy is told what fired, and gives each neuron that is here a rank; the
// lowest leaves.
class Order {
  public:
    virtual ~Order() = default;
    virtual void fired(uint32_t neuron, size_t token, bool hit) = 0;
    virtual double rank(uint32_t neuron, size_t token) = 0;
    virtual void left(uint32_t) {}
};

uint64_t replay(const LayerTrace& trace, uint32_t neurons, uint32_t slots, size_t warm,
                Order& order) {
    std::vector<bool> here(neurons);
    std::vector<uint32_t> held;
    std::vector<std::pair<double, uint32_t>> leaving;
    std::vector<size_t> active_at(neurons, SIZE_MAX);
    uint64_t hits = 0;
    for (size_t t = 0; t < trace.size(); ++t) {
        // More than fit: as in the engine, the first part is pushed out by the last.
        const auto& all = trace[t];
        const size_t passed = all.size() > slots ? all.size() - slots : 0;
        size_t missing = 0;
        for (size_t i = 0; i < all.size(); ++i) {
            const bool hit = here[all[i]];
            if (t >= warm && i < slots) hits += hit;
            active_at[all[i]] = i < passed ? SIZE_MAX : t;
            missing += !hit && i >= passed;
            order.fired(all[i], t, hit);
        }
        const size_t room = slots - std::min<size_t>(slots, held.size());
        if (missing > room) {
            leaving.clear();
            for (const uint32_t n : held) {
                if (active_at[n] != t) leaving.push_back({order.rank(n, t), n});
            }
            const size_t count = std::min(missing - room, leaving.size());
            std::nth_element(leaving.begin(), leaving.begin() + static_cast<ptrdiff_t>(count),
                             leaving.end());
            for (size_t i = 0; i < count; ++i) {
                here[leaving[i].second] = false;
                order.left(leaving[i].second);
            }
            std::erase_if(held, [&](uint32_t n) { return !here[n]; });
        }
        for (size_t i = passed; i < all.size(); ++i) {
            if (here[all[i]]) continue;
            here[all[i]] = true;
            held.push_back(all[i]);
        }
    }
    return hits;
}

class Recency : public Order {
  public:
    explicit Recency(uint32_t neurons) : last_(neurons) {}
    void fired(uint32_t neuron, size_t token, bool) override { last_[neuron] = token; }
    double rank(uint32_t neuron, size_t) override { return static_cast<double>(last_[neuron]); }

  private:
    std::vector<size_t> last_;
};

uint64_t window(const LayerTrace& trace, uint32_t neurons, uint32_t slots, size_t warm) {
    Recency order(neurons);
    return replay(trace, neurons, slots, warm, order);
}

// LFU with dynamic aging (Arlitt et al. 2000): a neuron's rank is its uses since it came plus the
// rank of the last one that left.
class DynamicAging : public Order {
  public:
    explicit DynamicAging(uint32_t neurons) : uses_(neurons), rank_(neurons) {}
    void fired(uint32_t neuron, size_t, bool hit) override {
        uses_[neuron] = hit ? uses_[neuron] + 1 : 1;
        rank_[neuron] = uses_[neuron] + age_;
    }
    double rank(uint32_t neuron, size_t) override { return rank_[neuron]; }
    void left(uint32_t neuron) override { age_ = std::max(age_, rank_[neuron]); }

  private:
    std::vector<double> uses_, rank_;
    double age_ = 0;
};

uint64_t agedLfu(const LayerTrace& trace, uint32_t neurons, uint32_t slots, size_t warm) {
    DynamicAging order(neurons);
    return replay(trace, neurons, slots, warm, order);
}

// Decayed frequency (LRFU, Lee et al. 2001), counted for all neurons whether they are here or not:
// every firing counts half after `half_life` tokens.
template <int kHalfLife>
class Decayed : public Order {
  public:
    explicit Decayed(uint32_t neurons) : sum_(neurons) {}
    void fired(uint32_t neuron, size_t token, bool) override {
        // Weights grow instead of sums shrinking: comparisons are the same.
        sum_[neuron] += std::exp2(static_cast<double>(token) / kHalfLife);
    }
    double rank(uint32_t neuron, size_t) override { return sum_[neuron]; }

  private:
    std::vector<double> sum_;
};

template <int kHalfLife>
uint64_t decayed(const LayerTrace& trace, uint32_t neurons, uint32_t slots, size_t warm) {
    Decayed<kHalfLife> order(neurons);
    return replay(trace, neurons, slots, warm, order);
}

// S3-FIFO (Yang et al. 2023), scan-resistant: newcomers pass a small queue of a tenth of the slots
// and stay only if they fire again; who fires soon after leaving enters the main queue at once.
// Queues become ranks: the small one leaves first while it is over its share.
class S3Fifo {
  public:
    S3Fifo(uint32_t neurons, uint32_t slots)
        : slots_(slots), small_most_(std::max<size_t>(1, slots / 10)), where_(neurons),
          uses_(neurons), ghost_(neurons, SIZE_MAX), active_(neurons, SIZE_MAX) {}

    uint64_t run(const LayerTrace& trace, size_t warm) {
        uint64_t hits = 0;
        for (size_t t = 0; t < trace.size(); ++t) {
            // Of more than fit only the last part stays, as in replay().
            const size_t passed = std::max(trace[t].size(), slots_) - slots_;
            for (size_t i = 0; i < trace[t].size(); ++i) {
                const uint32_t neuron = trace[t][i];
                const bool hit = where_[neuron] != kOut;
                if (i >= passed) active_[neuron] = t;
                if (t >= warm && i < slots_) hits += hit;
                if (hit) uses_[neuron] = std::min<uint8_t>(3, uses_[neuron] + 1);
            }
            for (size_t i = passed; i < trace[t].size(); ++i) {
                if (where_[trace[t][i]] == kOut) enter(trace[t][i], t);
            }
        }
        return hits;
    }

  private:
    enum Where : uint8_t { kOut, kSmall, kMain };
    void enter(uint32_t neuron, size_t t) {
        if (small_.size() + main_.size() >= slots_) evict(t);
        const bool remembered = ghost_[neuron] != SIZE_MAX && left_ - ghost_[neuron] < slots_;
        where_[neuron] = remembered ? kMain : kSmall;
        uses_[neuron] = 0;
        (remembered ? main_ : small_).push_back(neuron);
    }
    // One leaves that is not of the present token: there is one, since those that stay of a token
    // fit together.
    void evict(size_t t) {
        const bool small_first = small_.size() > small_most_ || main_.empty();
        if (small_first && evictFromSmall(t)) return;
        while (!evictFromMain(t) && !evictFromSmall(t)) {
        }
    }
    bool evictFromSmall(size_t t) {
        for (size_t tries = small_.size(); tries > 0; --tries) {
            const uint32_t neuron = small_.front();
            small_.pop_front();
            if (uses_[neuron] > 1) {
                uses_[neuron] = 0;
                where_[neuron] = kMain;
                main_.push_back(neuron);
            } else if (active_[neuron] == t) {
                small_.push_back(neuron);
            } else {
                ghost_[neuron] = left_;
                leave(neuron);
                return true;
            }
        }
        return false;
    }
    bool evictFromMain(size_t t) {
        // A use is taken away in each round, so the fourth finds who may leave.
        for (size_t tries = 4 * main_.size(); tries > 0; --tries) {
            const uint32_t neuron = main_.front();
            main_.pop_front();
            if (active_[neuron] != t && uses_[neuron] == 0) {
                leave(neuron);
                return true;
            }
            if (active_[neuron] != t) --uses_[neuron];
            main_.push_back(neuron);
        }
        return false;
    }
    void leave(uint32_t neuron) {
        where_[neuron] = kOut;
        ++left_;
    }

    size_t slots_, small_most_, left_ = 0;
    std::deque<uint32_t> small_, main_;
    std::vector<Where> where_;
    std::vector<uint8_t> uses_;
    std::vector<size_t> ghost_, active_;
};

uint64_t s3Fifo(const LayerTrace& trace, uint32_t neurons, uint32_t slots, size_t warm) {
    return S3Fifo(neurons, slots).run(trace, warm);
}

// Belady's optimum: who is needed latest leaves first.
class Optimum : public Order {
  public:
    Optimum(const LayerTrace& trace, uint32_t neurons) : uses_(neurons), next_(neurons) {
        for (size_t t = 0; t < trace.size(); ++t) {
            for (const uint32_t n : trace[t]) uses_[n].push_back(t);
        }
    }
    void fired(uint32_t neuron, size_t, bool) override { ++next_[neuron]; }
    double rank(uint32_t neuron, size_t) override {
        const auto& uses = uses_[neuron];
        return next_[neuron] < uses.size() ? -static_cast<double>(uses[next_[neuron]])
                                           : -std::numeric_limits<double>::infinity();
    }

  private:
    std::vector<std::vector<size_t>> uses_;
    std::vector<size_t> next_;
};

uint64_t optimum(const LayerTrace& trace, uint32_t neurons, uint32_t slots, size_t warm) {
    Optimum order(trace, neurons);
    return replay(trace, neurons, slots, warm, order);
}

constexpr std::array kPolicies = {
    Policy{"window (LRU)", window},
    Policy{"LFU, dynamic aging", agedLfu},
    Policy{"S3-FIFO", s3Fifo},
    Policy{"decayed, 16 tokens", decayed<16>},
    Policy{"decayed, 64 tokens", decayed<64>},
    Policy{"decayed, 256 tokens", decayed<256>},
    Policy{"optimum (Belady)", optimum},
};

}  // namespace

std::span<const Policy> policies() { return kPolicies; }

}  // namespace glowworm::bench
