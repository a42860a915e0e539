// SPDX-License-Identifier: Apache-2.0
// The neurons of one layer in order of their last activity, oldest first: a doubly linked list
// whose links lie in arrays by neuron, so every step is O(1) and nothing is allocated after the
// constructor. Tokens are counted by the cache; along the list they never decrease.
#pragma once

#include <cstdint>
#include <vector>

#include "core/base/check.h"

namespace glowworm {

class RecencyList {
  public:
    static constexpr uint32_t kNone = UINT32_MAX;

    explicit RecencyList(uint32_t neurons) : previous_(neurons), next_(neurons), token_(neurons) {}

    [[nodiscard]] uint32_t oldest() const { return oldest_; }  // kNone: the list is empty
    [[nodiscard]] uint32_t newest() const { return newest_; }
    [[nodiscard]] uint32_t next(uint32_t neuron) const { return next_[neuron]; }
    [[nodiscard]] uint32_t previous(uint32_t neuron) const { return previous_[neuron]; }
    // When a neuron of the list was last active.
    [[nodiscard]] uint32_t token(uint32_t neuron) const { return token_[neuron]; }

    // Adds where the order wants it, looking from `near`, a neuron of the list or kNone if it is
    // empty: O(1) when near was added just before in either order of tokens.
    void addNear(uint32_t neuron, uint32_t token, uint32_t near) {
        uint32_t after = near;
        while (after != kNone && token_[after] > token) after = previous_[after];
        while (after != kNone && next_[after] != kNone && token_[next_[after]] <= token) {
            after = next_[after];
        }
        const uint32_t before = after == kNone ? oldest_ : next_[after];
        token_[neuron] = token;
        previous_[neuron] = after;
        next_[neuron] = before;
        (after == kNone ? oldest_ : next_[after]) = neuron;
        (before == kNone ? newest_ : previous_[before]) = neuron;
    }

    void remove(uint32_t neuron) {
        const uint32_t after = previous_[neuron];
        const uint32_t before = next_[neuron];
        DCHECK((after == kNone ? oldest_ : next_[after]) == neuron);
        (after == kNone ? oldest_ : next_[after]) = before;
        (before == kNone ? newest_ : previous_[before]) = after;
    }

    void clear() { oldest_ = newest_ = kNone; }

  private:
    std::vector<uint32_t> previous_, next_, token_;  // by neuron
    uint32_t oldest_ = kNone, newest_ = kNone;
};

}  // namespace glowworm
