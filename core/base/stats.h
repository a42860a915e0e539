// SPDX-License-Identifier: Apache-2.0
// The figures of one token and of the memory. Plain structs: the panel, `--json` and the benchmarks
// read the same records. Times are milliseconds of wall clock on the engine thread.
#pragma once

#include <algorithm>
#include <cstdint>

namespace glowworm {

// What the budget is spent on now, in bytes. One struct per moment; sums to memory_bytes.
struct MemoryBreakdown {
    uint64_t resident_weights = 0;   // embeddings, attention, norms, resident feed-forward rows
    uint64_t predictor = 0;          // low-rank factors, sketches, thresholds
    uint64_t neuron_cache_used = 0;  // slots that hold a neuron
    uint64_t neuron_cache_free = 0;  // slots the budget allows that hold nothing yet
    uint64_t kv_cache = 0;           // reserved for the whole context
    uint64_t buffers = 0;            // activations, logits, read staging, tables, tokenizer
    uint64_t budget_bytes = 0;       // the ceiling itself

    [[nodiscard]] uint64_t usedBytes() const {
        return resident_weights + predictor + neuron_cache_used + kv_cache + buffers;
    }
};

// One generated token. All counts are of this token alone.
struct TokenStats {
    double time_ms = 0;        // from one token to the next, everything included
    double attention_ms = 0;   // norms, projections, attention
    double predictor_ms = 0;   // naming the active sets
    double ffn_ms = 0;         // feed-forward arithmetic over the active neurons
    double flash_wait_ms = 0;  // the engine thread stood still for reads
    double manager_ms = 0;     // the neuron cache's own bookkeeping
    double reading_ms = 0;     // starting reads, and checking what they brought
    double output_ms = 0;      // final norm, logits, sampling
    uint64_t read_bytes = 0;   // bytes read from flash
    uint64_t reads = 0;        // read requests
    uint64_t hits = 0;         // active neurons that lay in the cache
    uint64_t misses = 0;       // active neurons that were read
    uint64_t active_neurons = 0;      // predicted active, all layers
    uint64_t fired_neurons = 0;       // of these, those whose activation was not zero
    uint64_t total_neurons = 0;       // of the model
    uint64_t neurons_loaded = 0;      // entered the cache
    uint64_t neurons_dropped = 0;     // left the cache
    uint64_t prefetch_bytes = 0;      // read ahead of need (part of read_bytes)
    uint64_t prefetch_useful_bytes = 0;  // of these, what was then needed
    uint64_t misses_ahead = 0;        // of the misses, those whose reads had begun ahead of need
    uint32_t window_tokens = 0;       // effective window, over all layers the smallest
    uint32_t window_tokens_asked = 0; // 0 = automatic
    uint64_t memory_bytes = 0;        // engine's own count, MemoryBreakdown::usedBytes()
    uint64_t budget_bytes = 0;

    [[nodiscard]] double hitRate() const {
        const uint64_t asked = hits + misses;
        return asked == 0 ? 0.0 : static_cast<double>(hits) / static_cast<double>(asked);
    }
    // Of what was needed and not in the cache, the share that a guess had begun to read.
    [[nodiscard]] double guessRecall() const {
        return misses == 0 ? 0.0
                           : static_cast<double>(misses_ahead) / static_cast<double>(misses);
    }
    [[nodiscard]] uint64_t prefetchWastedBytes() const {
        return prefetch_bytes - std::min(prefetch_bytes, prefetch_useful_bytes);
    }
};

}  // namespace glowworm
