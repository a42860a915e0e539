// SPDX-License-Identifier: Apache-2.0
// Which neurons of a layer fire together: exact counts over at most 4,096 tokens, of which each
// neuron's closest friends are kept. Memory is bounded: a bit for each neuron and token (8 MiB for
// 16,384 neurons) and kFriends entries a neuron (4 MiB). Worker thread only.
#pragma once

#include <cstdint>
#include <vector>

#include "core/base/thread_pool.h"
#include "core/train/layer_truth.h"

namespace glowworm {

struct Friend {
    uint32_t neuron = 0;
    uint32_t together = 0;  // tokens in which both fired, at least 1
};

class Coactivation {
  public:
    static constexpr uint32_t kTokensMax = 4096;
    static constexpr uint32_t kFriends = 32;

    // Of tokens spread over the truth.
    static Coactivation count(const LayerTruth& truth, ThreadPool& pool);

    [[nodiscard]] uint32_t neurons() const { return static_cast<uint32_t>(fired_.size()); }
    [[nodiscard]] uint32_t tokens() const { return tokens_; }
    [[nodiscard]] uint32_t fired(uint32_t neuron) const { return fired_[neuron]; }
    // At most kFriends, the closest first; equal ones by ascending number.
    [[nodiscard]] const std::vector<Friend>& friends(uint32_t neuron) const {
        return friends_[neuron];
    }
    // Tokens in which both fired, whoever they are.
    [[nodiscard]] uint32_t together(uint32_t a, uint32_t b) const;

  private:
    uint32_t tokens_ = 0, words_ = 0;
    std::vector<uint64_t> bits_;  // [neurons, words]: the tokens in which a neuron fired
    std::vector<uint32_t> fired_;
    std::vector<std::vector<Friend>> friends_;
};

}  // namespace glowworm
