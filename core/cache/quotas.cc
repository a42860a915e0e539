// SPDX-License-Identifier: Apache-2.0
#include "core/cache/quotas.h"

#include <algorithm>

#include <unistd.h>

#include "core/base/check.h"

namespace glowworm {

namespace {

class Planner {
  public:
    Planner(const CacheLayout& layout, uint64_t page_bytes) : layout_(layout), page_(page_bytes) {}

    // Slots of a layer when one unit of weight is worth `scale` slots.
    [[nodiscard]] uint32_t slots(size_t layer, double scale) const {
        const double weight = layout_.weights.empty() ? 1.0 : double{layout_.weights[layer]};
        const double wanted = std::min(weight * scale, static_cast<double>(layout_.neurons));
        return std::max(layout_.slots_min, static_cast<uint32_t>(wanted));
    }
    [[nodiscard]] uint64_t cost(uint64_t slots) const {
        return slotPagesBytes(slots, layout_.slot_bytes, page_);
    }
    [[nodiscard]] uint64_t costOfAll(double scale) const {
        uint64_t total = 0;
        for (size_t layer = 0; layer < layout_.layers; ++layer) total += cost(slots(layer, scale));
        return total;
    }
    // The largest scale that fits, by halving: cost grows with it.
    [[nodiscard]] double scaleFor(uint64_t bytes) const {
        double low = 0;
        double high = 1;
        while (costOfAll(high) <= bytes && high < 1e18) high *= 2;
        for (int step = 0; step < 100; ++step) {
            const double middle = low + (high - low) / 2;
            (costOfAll(middle) <= bytes ? low : high) = middle;
        }
        return low;
    }

  private:
    const CacheLayout& layout_;
    uint64_t page_;
};

}  // namespace

uint64_t slotPageBytes(uint64_t layer_bytes) {
    static const auto small = static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
    constexpr uint64_t kHugePagesMin = 16;
    return layer_bytes < kHugePagesMin * kHugeSlotPageBytes ? small : kHugeSlotPageBytes;
}

uint64_t slotPagesBytes(uint64_t slots, uint32_t slot_bytes, uint64_t page_bytes) {
    return (slots * slot_bytes + page_bytes - 1) / page_bytes * page_bytes;
}

void planQuotas(const CacheLayout& layout, uint64_t page_bytes, uint64_t bytes,
                std::span<uint32_t> quotas) {
    const Planner planner(layout, page_bytes);
    CHECK(quotas.size() == layout.layers);
    CHECK(planner.cost(layout.slots_min) * layout.layers <= bytes);
    const double scale = planner.scaleFor(bytes);
    uint64_t left = bytes - planner.costOfAll(scale);
    for (size_t layer = 0; layer < quotas.size(); ++layer) {
        uint32_t& quota = quotas[layer];
        quota = planner.slots(layer, scale);
        // What rounding left over: the rest of this layer's last page, or one more slot.
        const uint64_t cost = planner.cost(quota);
        const uint64_t in_pages = std::min<uint64_t>(cost / layout.slot_bytes, layout.neurons);
        quota = std::max(quota, static_cast<uint32_t>(in_pages));
        const uint64_t more = quota < layout.neurons ? planner.cost(quota + 1) - cost : 0;
        if (more > 0 && more <= left) {
            left -= more;
            ++quota;
        }
    }
}

}  // namespace glowworm
