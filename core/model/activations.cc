// SPDX-License-Identifier: Apache-2.0
#include "core/model/activations.h"

#include <algorithm>

#include "core/model/rope_table.h"

namespace glowworm {

namespace {

// One list of sizes serves the constructor and the estimate, so that they cannot disagree.
struct Sizes {
    Sizes(const ModelConfig& c, uint32_t context, size_t threads) {
        const size_t queries = size_t{c.heads} * c.head_dim;
        const size_t keys = size_t{c.kv_heads} * c.head_dim;
        const uint32_t block = kAttentionBlock;
        chunk = prefillChunkTokens(c, context);
        chunk_hidden = size_t{chunk} * c.hidden;
        block_hidden = size_t{block} * c.hidden;
        block_q = block * queries;
        block_kv = block * keys;
        scores = attentionScoresNeeded(context, threads);
        cos_sin = c.positions == PositionKind::kLearned ? 0 : size_t{context} * c.head_dim;
        logits = c.vocabulary;
        parallel = c.parallel_attention ? chunk_hidden : 0;
        quantised_chunk = InputRows::bytesNeeded(chunk, c.hidden);
        quantised_block = InputRows::bytesNeeded(block, std::max<size_t>(c.hidden, queries));
    }
    [[nodiscard]] uint64_t bytes() const {
        const size_t floats = 3 * chunk_hidden + 2 * block_hidden + 2 * block_q + 2 * block_kv +
                              parallel + scores + cos_sin + logits + kAttentionBlock;
        return floats * sizeof(float) + quantised_chunk + quantised_block;
    }
    uint32_t chunk;
    size_t chunk_hidden, block_hidden, block_q, block_kv, scores, cos_sin, logits, parallel,
        quantised_chunk, quantised_block;
};

}  // namespace

uint32_t prefillChunkTokens(const ModelConfig& config, uint32_t context_tokens) {
    const uint32_t chunk = config.hidden >= 2048 ? 512 : 128;
    return std::min(chunk, context_tokens);
}

Activations::Activations(const ModelConfig& config, uint32_t context_tokens, size_t threads) {
    const Sizes s(config, context_tokens, threads);
    chunk = s.chunk;
    x.resize(s.chunk_hidden);
    normed.resize(s.chunk_hidden);
    ffn_out.resize(s.chunk_hidden);
    attention_out.resize(s.parallel);
    block_in.resize(s.block_hidden);
    projected.resize(s.block_hidden);
    q.resize(s.block_q);
    attended.resize(s.block_q);
    k.resize(s.block_kv);
    v.resize(s.block_kv);
    scores.resize(s.scores);
    logits.resize(s.logits);
    visible.resize(kAttentionBlock);
    quantised_chunk.resize(s.quantised_chunk);
    quantised_block.resize(s.quantised_block);
    if (s.cos_sin > 0) cos_sin = ropeTable(config, context_tokens);
}

uint64_t Activations::bytes() const {
    const size_t floats = x.capacity() + normed.capacity() + block_in.capacity() + q.capacity() +
                          k.capacity() + v.capacity() + attended.capacity() +
                          projected.capacity() + ffn_out.capacity() + attention_out.capacity() +
                          scores.capacity() + cos_sin.capacity() + logits.capacity() +
                          visible.capacity();
    return floats * sizeof(float) + quantised_chunk.capacity() + quantised_block.capacity();
}

uint64_t Activations::bytesNeeded(const ModelConfig& config, uint32_t context_tokens,
                                  size_t threads) {
    return Sizes(config, context_tokens, threads).bytes();
}

}  // namespace glowworm
