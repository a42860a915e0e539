// SPDX-License-Identifier: Apache-2.0
#include "core/train/coactivation.h"

#include <algorithm>
#include <bit>

namespace glowworm {

Coactivation Coactivation::count(const LayerTruth& truth, ThreadPool& pool) {
    Coactivation counted;
    const uint32_t neurons = truth.neurons();
    counted.tokens_ = std::min(truth.tokens(), kTokensMax);
    counted.words_ = (counted.tokens_ + 63) / 64;
    counted.bits_.resize(size_t{neurons} * counted.words_);
    counted.fired_.resize(neurons);
    counted.friends_.resize(neurons);
    for (uint32_t i = 0; i < counted.tokens_; ++i) {
        const size_t t = uint64_t{i} * truth.tokens() / counted.tokens_;
        const uint8_t* levels = truth.token(t);
        for (uint32_t n = 0; n < neurons; ++n) {
            if (levels[n] == 0) continue;
            counted.bits_[size_t{n} * counted.words_ + i / 64] |= uint64_t{1} << (i % 64);
            ++counted.fired_[n];
        }
    }
    const auto closer = [](const Friend& a, const Friend& b) {
        return a.together != b.together ? a.together > b.together : a.neuron < b.neuron;
    };
    pool.forSlices(neurons, 1, [&](size_t begin, size_t end, size_t) {
        for (size_t n = begin; n < end; ++n) {
            const auto a = static_cast<uint32_t>(n);
            std::vector<Friend>& best = counted.friends_[a];  // a heap, the farthest on top
            for (uint32_t b = 0; b < neurons; ++b) {
                const bool full = best.size() == kFriends;
                const uint32_t most = std::min(counted.fired_[a], counted.fired_[b]);
                if (b == a || most == 0 || (full && most < best.front().together)) continue;
                const Friend one{b, counted.together(a, b)};
                if (one.together == 0 || (full && !closer(one, best.front()))) continue;
                if (full) {
                    std::ranges::pop_heap(best, closer);
                    best.pop_back();
                }
                best.push_back(one);
                std::ranges::push_heap(best, closer);
            }
            std::ranges::sort(best, closer);
        }
    });
    return counted;
}

uint32_t Coactivation::together(uint32_t a, uint32_t b) const {
    const uint64_t* x = bits_.data() + size_t{a} * words_;
    const uint64_t* y = bits_.data() + size_t{b} * words_;
    uint32_t sum = 0;
    for (uint32_t w = 0; w < words_; ++w) sum += static_cast<uint32_t>(std::popcount(x[w] & y[w]));
    return sum;
}

}  // namespace glowworm
