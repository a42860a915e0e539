// SPDX-License-Identifier: Apache-2.0
// Strong types for numbers that must not be mixed up. Trivially copyable, ordered, hash by value().
#pragma once

#include <compare>
#include <cstdint>

namespace glowworm {

template <typename Tag, typename Int>
class StrongId {
  public:
    constexpr StrongId() = default;
    constexpr explicit StrongId(Int value) : value_(value) {}
    [[nodiscard]] constexpr Int value() const { return value_; }
    constexpr auto operator<=>(const StrongId&) const = default;

  private:
    Int value_ = 0;
};

// A transformer block, counted from 0.
using LayerId = StrongId<struct LayerTag, uint32_t>;
// One hidden unit of a layer's feed-forward block, in the model's own (logical) order. A layer with
// several experts numbers them expert * ff_width + index, so no interface assumes one expert.
using NeuronId = StrongId<struct NeuronTag, uint32_t>;
// A place in a layer's slots of the neuron cache.
using SlotId = StrongId<struct SlotTag, uint32_t>;
// An entry of the vocabulary.
using TokenId = StrongId<struct TokenTag, int32_t>;

}  // namespace glowworm
