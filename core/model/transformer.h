// SPDX-License-Identifier: Apache-2.0
// One forward pass for every architecture we know, driven by the config: OPT, Falcon, the Llama
// family. Reads top to bottom like the papers: norm, attention, residual, norm, feed-forward,
// residual. Engine thread only; borrows everything but its scratch.
#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "core/base/clock.h"
#include "core/base/controls.h"
#include "core/base/error.h"
#include "core/base/stats.h"
#include "core/model/activations.h"
#include "core/model/backend.h"
#include "core/model/feed_forward.h"
#include "core/model/kv_cache.h"
#include "core/model/weight_stream.h"
#include "core/model/weights.h"

namespace glowworm {

enum class ForwardMode {
    kSparse,      // each token with its own predicted active sets (decoding, perplexity)
    kExact,       // each token with all neurons, through the cache (exact decoding)
    kDenseChunk,  // all neurons, streamed by once for the whole chunk (prefill); exact
};

// Tokens to run. Their keys and values are appended to the KV cache; call KvCache::setRows or pack
// to drop what is not wanted afterwards.
struct ForwardBatch {
    std::span<const TokenId> tokens;  // at most Transformer::chunkTokens()
    uint32_t first_position = 0;      // of tokens[0] when `positions` is empty: causal order
    std::span<const uint32_t> positions;  // one per token: a drafted tree's depths
    const uint8_t* tree_mask = nullptr;   // [n, n] who sees whom among the new tokens; null: causal
    ForwardMode mode = ForwardMode::kSparse;
    uint32_t keep_tokens = 0;         // dense: the last tokens whose neurons stay in the cache
    // Told after each layer how many are done; null: nobody. A prompt's one chunk may take seconds.
    const std::function<void(uint32_t layers)>* after_layer = nullptr;
};

class Transformer {
  public:
    Transformer(const ModelConfig& config, const Weights& weights, Backend& backend,
                KvCache& kv_cache, FeedForward& feed_forward, Activations& activations,
                const Clock& clock, WeightStream* weight_stream = nullptr);

    // Runs the batch; adds its figures to `stats`. After an error or a stop the KV cache has the
    // rows it had before.
    Status forward(const ForwardBatch& batch, TokenStats& stats, const StopFlag& stop);

    // Final hidden state of the batch's token i, [hidden], before the final norm. Valid until the
    // next forward().
    [[nodiscard]] std::span<const float> hidden(size_t i) const;
    // Logits [vocabulary] after the batch's token i. Valid until the next call.
    std::span<float> logits(size_t i, TokenStats& stats);

    [[nodiscard]] uint32_t chunkTokens() const { return activations_.chunk; }
    [[nodiscard]] uint32_t layerCount() const { return config_.layers; }
    [[nodiscard]] KvCache& kvCache() { return kv_cache_; }

  private:
    Status layers(const ForwardBatch& batch, TokenStats& stats, const StopFlag& stop);
    Status readAhead(LayerId layer, const ForwardBatch& batch, TokenStats& stats);
    void lookAhead(LayerId layer, const ForwardBatch& batch);
    Status layer(LayerId layer, const ForwardBatch& batch, TokenStats& stats,
                 const StopFlag& stop);
    Status attentionHalf(LayerId layer, const ForwardBatch& batch, TokenStats& stats,
                         const StopFlag& stop);
    void attentionBlock(LayerId layer, const ForwardBatch& batch, size_t first, size_t count);
    Status project(LayerId layer, size_t count, const StopFlag& stop);
    void rotate(float* rows, size_t heads, const ForwardBatch& batch, size_t first, size_t count);
    Status feedForwardHalf(LayerId layer, const ForwardBatch& batch, TokenStats& stats,
                           const StopFlag& stop);
    Status feedForwardTokens(LayerId layer, const ForwardBatch& batch, TokenStats& stats,
                             const StopFlag& stop);
    void embed(const ForwardBatch& batch);
    void norm(const Norm& norm, const float* x, size_t tokens, float* y) const;
    [[nodiscard]] uint32_t position(const ForwardBatch& batch, size_t token) const;
    InputRows rows(std::vector<std::byte>& scratch, const float* values, size_t tokens,
                   size_t cols);

    const ModelConfig& config_;
    const Weights& weights_;
    Backend& backend_;
    KvCache& kv_cache_;
    FeedForward& feed_forward_;
    Activations& activations_;
    const Clock& clock_;
    WeightStream* weight_stream_;  // null: all resident weights stay
};

}  // namespace glowworm
