// SPDX-License-Identifier: Apache-2.0
// Scratch of the forward pass, made once when a model is opened. The attention half of a layer
// works through its tokens in blocks, so only the feed-forward half needs whole chunks.
#pragma once

#include <cstdint>
#include <vector>

#include "core/bundle/manifest.h"
#include "core/kernels/kernels.h"

namespace glowworm {

// Tokens that the attention half takes at once: bounds the time between two looks at Stop.
inline constexpr uint32_t kAttentionBlock = 64;

// Tokens that prefill takes at once. A constant of the model, never of the budget, so that any
// budget computes the same sums. Large models profit from fewer passes over flash; for small ones
// the buffers would be a large part of a small budget.
[[nodiscard]] uint32_t prefillChunkTokens(const ModelConfig& config, uint32_t context_tokens);

struct Activations {
    Activations(const ModelConfig& config, uint32_t context_tokens, size_t threads);

    uint32_t chunk;                // prefillChunkTokens()
    std::vector<float> x;          // [chunk, hidden] the residual stream
    std::vector<float> normed;     // [chunk, hidden] input of the feed-forward block
    std::vector<float> block_in;   // [kAttentionBlock, hidden] normed input of attention
    std::vector<float> q;          // [kAttentionBlock, heads * head_dim]
    std::vector<float> k, v;       // [kAttentionBlock, kv_heads * head_dim]
    std::vector<float> attended;   // [kAttentionBlock, heads * head_dim]
    std::vector<float> projected;  // [kAttentionBlock, hidden]
    std::vector<float> ffn_out;    // [chunk, hidden]
    std::vector<float> attention_out;  // [chunk, hidden], parallel attention only
    std::vector<float> scores;     // attentionScoresNeeded(context, threads)
    std::vector<float> cos_sin;    // [context, head_dim / 2, 2], rotary positions only
    std::vector<float> logits;     // [vocabulary]
    std::vector<uint32_t> visible; // [kAttentionBlock]
    std::vector<std::byte> quantised_chunk;  // InputRows scratch for [chunk, hidden]
    std::vector<std::byte> quantised_block;  // for [kAttentionBlock, max(hidden, heads * head_dim)]

    [[nodiscard]] uint64_t bytes() const;
    // What a constructor call would hold, without making it.
    static uint64_t bytesNeeded(const ModelConfig& config, uint32_t context_tokens,
                                size_t threads);
};

}  // namespace glowworm
