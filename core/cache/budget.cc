// SPDX-License-Identifier: Apache-2.0
#include "core/cache/budget.h"

#include <algorithm>
#include <string>

#include "core/base/bytes.h"
#include "core/base/check.h"

namespace glowworm {

Result<uint64_t> MemoryPlan::cacheBytes(uint64_t budget_bytes) const {
    CHECK(cache_min <= cache_max);
    if (budget_bytes == 0) return cache_max;
    if (budget_bytes < budgetBytesMin()) {
        return fail(ErrorCode::kBudget,
                    "a budget of " + formatBytes(budget_bytes) +
                        " is too small: this model needs at least " +
                        formatBytes(budgetBytesMin()) + " (" + std::to_string(budgetBytesMin()) +
                        " bytes: weights " + formatBytes(resident_weights) + ", predictor " +
                        formatBytes(predictor) + ", memory of the conversation " +
                        formatBytes(kv_cache) + ", buffers " + formatBytes(buffers) +
                        ", neuron cache " + formatBytes(cache_min) +
                        "); raise the budget or choose a shorter context");
    }
    return std::min(budget_bytes - fixedBytes(), cache_max);
}

MemoryBreakdown MemoryPlan::breakdown(uint64_t budget_bytes, uint64_t cache_used,
                                      uint64_t cache_capacity) const {
    CHECK(cache_used <= cache_capacity);
    return {.resident_weights = resident_weights,
            .predictor = predictor,
            .neuron_cache_used = cache_used,
            .neuron_cache_free = cache_capacity - cache_used,
            .kv_cache = kv_cache,
            .buffers = buffers,
            .budget_bytes = budget_bytes};
}

}  // namespace glowworm
