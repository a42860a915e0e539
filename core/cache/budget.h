// SPDX-License-Identifier: Apache-2.0
// What a memory budget leaves for the neuron cache. Everything else has a size that is fixed when
// the model is opened; the cache takes the rest, up to the whole model. Pure arithmetic.
#pragma once

#include <cstdint>

#include "core/base/error.h"
#include "core/base/stats.h"

namespace glowworm {

struct MemoryPlan {
    // Fixed once the model is open, in bytes.
    uint64_t resident_weights = 0;  // embeddings, attention, norms, resident feed-forward rows
    uint64_t predictor = 0;
    uint64_t kv_cache = 0;  // for the whole context
    uint64_t buffers = 0;   // activations, logits, staging, tables of the neuron cache, tokenizer
    // The neuron cache between its smallest and the whole model, as NeuronCache counts.
    uint64_t cache_min = 0;
    uint64_t cache_max = 0;

    // The smallest budget that works (one byte less is refused), and the largest that is of use.
    [[nodiscard]] uint64_t budgetBytesMin() const { return fixedBytes() + cache_min; }
    [[nodiscard]] uint64_t budgetBytesMax() const { return fixedBytes() + cache_max; }

    // The capacity for the neuron cache under `budget_bytes` (0: the largest of use). A budget that
    // is too small is kBudget; the message says what needs how much and the smallest that works.
    [[nodiscard]] Result<uint64_t> cacheBytes(uint64_t budget_bytes) const;

    // Where the budget goes, when the cache has taken `cache_used` of `cache_capacity`.
    [[nodiscard]] MemoryBreakdown breakdown(uint64_t budget_bytes, uint64_t cache_used,
                                            uint64_t cache_capacity) const;

  private:
    [[nodiscard]] uint64_t fixedBytes() const {
        return resident_weights + predictor + kv_cache + buffers;
    }
};

}  // namespace glowworm
