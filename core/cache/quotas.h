// SPDX-License-Identifier: Apache-2.0
// How many slots each layer may use: in proportion to its weight, between slots_min and all of its
// neurons, so that all layers together, each rounded up to whole pages, stay within a capacity.
#pragma once

#include <cstdint>
#include <span>

#include "core/cache/neuron_cache.h"

namespace glowworm {

inline constexpr uint64_t kHugeSlotPageBytes = uint64_t{2} << 20;
// The pages in which a layer of `layer_bytes` (all of its neurons) is counted and given back: huge
// ones where so many fill it that their rounding costs little. Reads past the page cache into them
// and walks from record to record cost the processor much less.
[[nodiscard]] uint64_t slotPageBytes(uint64_t layer_bytes);
// Bytes that `slots` of a layer occupy in whole pages.
[[nodiscard]] uint64_t slotPagesBytes(uint64_t slots, uint32_t slot_bytes, uint64_t page_bytes);

// Fills quotas[layer]. `bytes` is at least what slots_min of every layer takes (CHECK). More bytes
// never make any quota smaller, save by the page that rounding may move between layers.
void planQuotas(const CacheLayout& layout, uint64_t page_bytes, uint64_t bytes,
                std::span<uint32_t> quotas);

}  // namespace glowworm
