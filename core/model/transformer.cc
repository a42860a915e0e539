// SPDX-License-Identifier: Apache-2.0
#include "core/model/transformer.h"

#include <algorithm>
#include <cmath>

#include "core/base/check.h"

namespace glowworm {

namespace {

bool decodesOne(const ForwardBatch& batch) {
    return batch.mode == ForwardMode::kSparse && batch.tokens.size() == 1;
}

}  // namespace

Transformer::Transformer(const ModelConfig& config, const Weights& weights, Backend& backend,
                         KvCache& kv_cache, FeedForward& feed_forward, Activations& activations,
                         const Clock& clock, WeightStream* weight_stream)
    : config_(config),
      weights_(weights),
      backend_(backend),
      kv_cache_(kv_cache),
      feed_forward_(feed_forward),
      activations_(activations),
      clock_(clock),
      weight_stream_(weight_stream) {}

uint32_t Transformer::position(const ForwardBatch& batch, size_t token) const {
    return batch.positions.empty() ? batch.first_position + static_cast<uint32_t>(token)
                                   : batch.positions[token];
}

InputRows Transformer::rows(std::vector<std::byte>& scratch, const float* values, size_t tokens,
                            size_t cols) {
    InputRows input{values, tokens, cols, scratch.data()};
    backend_.prepare(input);
    return input;
}

void Transformer::norm(const Norm& norm, const float* x, size_t tokens, float* y) const {
    if (config_.norm == NormKind::kRmsNorm) {
        rmsNorm(x, norm.weight, config_.norm_epsilon, tokens, config_.hidden, y);
    } else {
        layerNorm(x, norm.weight, norm.bias, config_.norm_epsilon, tokens, config_.hidden, y);
    }
}

void Transformer::embed(const ForwardBatch& batch) {
    const size_t hidden = config_.hidden;
    for (size_t t = 0; t < batch.tokens.size(); ++t) {
        const auto id = static_cast<size_t>(batch.tokens[t].value());
        CHECK(id < weights_.embedding.rows);
        float* x = activations_.x.data() + t * hidden;
        decodeRow(weights_.embedding.dtype, weights_.embedding.row(id), hidden, x);
        if (config_.positions == PositionKind::kLearned) {
            const size_t row = position(batch, t) + config_.position_offset;
            // block_in is free until the first layer begins.
            decodeRow(weights_.positions.dtype, weights_.positions.row(row), hidden,
                      activations_.block_in.data());
            addInPlace(x, activations_.block_in.data(), hidden);
        }
    }
}

Status Transformer::forward(const ForwardBatch& batch, TokenStats& stats, const StopFlag& stop) {
    const auto n = static_cast<uint32_t>(batch.tokens.size());
    CHECK(n > 0 && n <= chunkTokens());
    const uint32_t rows_before = kv_cache_.rows();
    CHECK(rows_before + n <= kv_cache_.capacity());
    embed(batch);
    if (auto status = layers(batch, stats, stop); !status) {
        feed_forward_.abandon();
        if (weight_stream_ != nullptr) weight_stream_->end();
        return status;
    }
    kv_cache_.setRows(rows_before + n);
    return {};
}

Status Transformer::layers(const ForwardBatch& batch, TokenStats& stats, const StopFlag& stop) {
    if (weight_stream_ != nullptr) RETURN_IF_ERROR(weight_stream_->begin());
    for (uint32_t l = 0; l < config_.layers; ++l) {
        if (weight_stream_ != nullptr) RETURN_IF_ERROR(weight_stream_->use(LayerId(l), stop));
        RETURN_IF_ERROR(layer(LayerId(l), batch, stats, stop));
        if (batch.after_layer != nullptr) (*batch.after_layer)(l + 1);
    }
    if (weight_stream_ != nullptr) weight_stream_->takeStats(stats);
    return {};
}

// Guesses the next layer's active set before this one's block: what is lacking is this block and
// the next layer's attention. Its reads then run while this block computes.
void Transformer::lookAhead(LayerId layer, const ForwardBatch& batch) {
    const LayerId next(layer.value() + 1);
    if (!decodesOne(batch) || next.value() == config_.layers || !feed_forward_.looksAhead(next)) {
        return;
    }
    const LayerWeights& w = weights_.layers[next.value()];
    const bool shared_norm = config_.parallel_attention && !config_.two_norms;
    // block_in is free between two attentions.
    float* in = activations_.block_in.data();
    std::copy_n(activations_.x.data(), config_.hidden, in);
    if (config_.parallel_attention) {
        addInPlace(in, activations_.attention_out.data(), config_.hidden);
    }
    if (!config_.norm_after) norm(shared_norm ? w.attention_norm : w.ffn_norm, in, 1, in);
    feed_forward_.lookAhead(next, rows(activations_.quantised_block, in, 1, config_.hidden));
}

// Guesses the layer's active set from what is known before its attention: the residual stream, to
// which attention adds little (Deja Vu, arXiv 2310.17157, section 4.3). With parallel attention the
// feed-forward block reads nothing else: then the guess is the answer.
Status Transformer::readAhead(LayerId layer, const ForwardBatch& batch, TokenStats& stats) {
    if (!decodesOne(batch) || !feed_forward_.readsAhead(layer)) return {};
    const LayerWeights& w = weights_.layers[layer.value()];
    Activations& a = activations_;
    if (config_.norm_after) {
        std::copy_n(a.x.data(), config_.hidden, a.normed.data());
    } else if (!config_.parallel_attention) {
        norm(w.ffn_norm, a.x.data(), 1, a.normed.data());
    }
    const InputRows in = rows(a.quantised_chunk, a.normed.data(), 1, config_.hidden);
    return feed_forward_.readAhead(layer, in, config_.parallel_attention, stats);
}

Status Transformer::layer(LayerId layer, const ForwardBatch& batch, TokenStats& stats,
                          const StopFlag& stop) {
    if (stop.requested()) return fail(ErrorCode::kCancelled, "stopped");
    const size_t n = batch.tokens.size();
    const size_t hidden = config_.hidden;
    const LayerWeights& w = weights_.layers[layer.value()];
    Activations& a = activations_;
    float* x = a.x.data();
    if (config_.parallel_attention) {
        // Falcon: both halves read the same residual stream and are added together.
        norm(config_.two_norms ? w.ffn_norm : w.attention_norm, x, n, a.normed.data());
        RETURN_IF_ERROR(readAhead(layer, batch, stats));
        RETURN_IF_ERROR(attentionHalf(layer, batch, stats, stop));
        RETURN_IF_ERROR(feedForwardHalf(layer, batch, stats, stop));
        addInPlace(x, a.attention_out.data(), n * hidden);
        addInPlace(x, a.ffn_out.data(), n * hidden);
        return {};
    }
    RETURN_IF_ERROR(readAhead(layer, batch, stats));
    RETURN_IF_ERROR(attentionHalf(layer, batch, stats, stop));
    if (config_.norm_after) {
        norm(w.attention_norm, x, n, x);
        std::copy_n(x, n * hidden, a.normed.data());
    } else {
        norm(w.ffn_norm, x, n, a.normed.data());
    }
    RETURN_IF_ERROR(feedForwardHalf(layer, batch, stats, stop));
    addInPlace(x, a.ffn_out.data(), n * hidden);
    if (config_.norm_after) norm(w.ffn_norm, x, n, x);
    return {};
}

Status Transformer::attentionHalf(LayerId layer, const ForwardBatch& batch, TokenStats& stats,
                                  const StopFlag& stop) {
    const ScopedTimer timer(clock_, &stats.attention_ms);
    const LayerWeights& w = weights_.layers[layer.value()];
    const size_t hidden = config_.hidden;
    Activations& a = activations_;
    float* out = config_.parallel_attention ? a.attention_out.data() : a.x.data();
    if (config_.parallel_attention) std::fill_n(out, batch.tokens.size() * hidden, 0.0F);
    for (size_t first = 0; first < batch.tokens.size(); first += kAttentionBlock) {
        const size_t count = std::min<size_t>(kAttentionBlock, batch.tokens.size() - first);
        const float* x = a.x.data() + first * hidden;
        if (config_.norm_after) {
            std::copy_n(x, count * hidden, a.block_in.data());
        } else {
            norm(w.attention_norm, x, count, a.block_in.data());
        }
        RETURN_IF_ERROR(project(layer, count, stop));
        RETURN_IF_ERROR(feed_forward_.keepReading());
        rotate(a.q.data(), config_.heads, batch, first, count);
        rotate(a.k.data(), config_.kv_heads, batch, first, count);
        kv_cache_.store(layer, kv_cache_.rows() + static_cast<uint32_t>(first),
                        static_cast<uint32_t>(count), a.k.data(), a.v.data());
        attentionBlock(layer, batch, first, count);
        RETURN_IF_ERROR(feed_forward_.keepReading());
        const InputRows attended = rows(a.quantised_block, a.attended.data(), count,
                                        size_t{config_.heads} * config_.head_dim);
        backend_.matmul(w.o.weight, w.o.bias, attended, a.projected.data());
        addInPlace(out + first * hidden, a.projected.data(), count * hidden);
        if (stop.requested()) return fail(ErrorCode::kCancelled, "stopped");
    }
    return {};
}

Status Transformer::project(LayerId layer, size_t count, const StopFlag& stop) {
    const LayerWeights& w = weights_.layers[layer.value()];
    Activations& a = activations_;
    const InputRows in = rows(a.quantised_block, a.block_in.data(), count, config_.hidden);
    backend_.matmul(w.q.weight, w.q.bias, in, a.q.data());
    RETURN_IF_ERROR(feed_forward_.keepReading());
    if (stop.requested()) return fail(ErrorCode::kCancelled, "stopped");
    backend_.matmul(w.k.weight, w.k.bias, in, a.k.data());
    RETURN_IF_ERROR(feed_forward_.keepReading());
    backend_.matmul(w.v.weight, w.v.bias, in, a.v.data());
    return {};
}

void Transformer::rotate(float* rows, size_t heads, const ForwardBatch& batch, size_t first,
                         size_t count) {
    if (config_.positions == PositionKind::kLearned) return;
    const size_t head_dim = config_.head_dim;
    for (size_t t = 0; t < count; ++t) {
        const float* cos_sin = activations_.cos_sin.data() + position(batch, first + t) * head_dim;
        rope(rows + t * heads * head_dim, heads, head_dim, cos_sin,
             config_.positions == PositionKind::kRopeHalves);
    }
}

void Transformer::attentionBlock(LayerId layer, const ForwardBatch& batch, size_t first,
                                 size_t count) {
    Activations& a = activations_;
    const uint32_t before = kv_cache_.rows();
    const size_t n = batch.tokens.size();
    AttentionArgs args;
    args.q = a.q.data();
    args.k = kv_cache_.keys(layer);
    args.v = kv_cache_.values(layer);
    args.kv_dtype = kv_cache_.dtype();
    args.kv_stride_bytes = kv_cache_.strideBytes();
    args.n_tokens = count;
    args.n_keys = before + first + count;
    args.heads = config_.heads;
    args.kv_heads = config_.kv_heads;
    args.head_dim = config_.head_dim;
    for (size_t t = 0; t < count; ++t) {
        const bool causal = batch.tree_mask == nullptr;
        a.visible[t] = before + (causal ? static_cast<uint32_t>(first + t + 1) : 0);
    }
    args.visible_prefix = a.visible.data();
    if (batch.tree_mask != nullptr) {
        CHECK(n <= kAttentionBlock);
        args.tree_mask = batch.tree_mask;
        args.n_tree = n;
    }
    args.scale = 1.0F / std::sqrt(static_cast<float>(config_.head_dim));
    args.scores = a.scores.data();
    args.out = a.attended.data();
    backend_.attention(args);
}

Status Transformer::feedForwardHalf(LayerId layer, const ForwardBatch& batch, TokenStats& stats,
                                    const StopFlag& stop) {
    if (batch.mode != ForwardMode::kDenseChunk) {
        lookAhead(layer, batch);
        return feedForwardTokens(layer, batch, stats, stop);
    }
    Activations& a = activations_;
    const InputRows in =
        rows(a.quantised_chunk, a.normed.data(), batch.tokens.size(), config_.hidden);
    return feed_forward_.dense(layer, in, batch.keep_tokens, a.ffn_out.data(), stats, stop);
}

Status Transformer::feedForwardTokens(LayerId layer, const ForwardBatch& batch, TokenStats& stats,
                                      const StopFlag& stop) {
    Activations& a = activations_;
    for (size_t t = 0; t < batch.tokens.size(); ++t) {
        const InputRows in = rows(a.quantised_chunk, a.normed.data() + t * config_.hidden, 1,
                                  config_.hidden);
        RETURN_IF_ERROR(feed_forward_.sparse(layer, in, batch.mode == ForwardMode::kExact,
                                             a.ffn_out.data() + t * config_.hidden, stats, stop));
    }
    return {};
}

std::span<const float> Transformer::hidden(size_t i) const {
    return std::span(activations_.x).subspan(i * config_.hidden, config_.hidden);
}

std::span<float> Transformer::logits(size_t i, TokenStats& stats) {
    const ScopedTimer timer(clock_, &stats.output_ms);
    Activations& a = activations_;
    const float* x = a.x.data() + i * config_.hidden;
    if (config_.final_norm) {
        norm(weights_.final_norm, x, 1, a.block_in.data());
        x = a.block_in.data();
    }
    const InputRows in = rows(a.quantised_block, x, 1, config_.hidden);
    backend_.matmul(weights_.head, nullptr, in, a.logits.data());
    return a.logits;
}

}  // namespace glowworm
