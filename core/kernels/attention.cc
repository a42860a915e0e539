// SPDX-License-Identifier: Apache-2.0
// Attention with an online softmax (arXiv 2205.14135, algorithm 1): visible keys in chunks, a
// running maximum and sum, the output rescaled when the maximum grows.
//
// A query's visible keys are numbered one after another, hidden ones left out, and chunks are cut
// from that numbering. So a token in a tree gets the bits it would get in a plain sequence.
#include <algorithm>
#include <cmath>
#include <limits>

#include "core/base/check.h"
#include "core/kernels/kernels.h"
#include "core/kernels/simd_targets.h"
#include "core/kernels/work.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/kernels/attention.cc"
#include "hwy/foreach_target.h"

#include "core/kernels/dot-inl.h"
#include "hwy/cache_control.h"
#include "hwy/contrib/math/math-inl.h"

#ifndef GLOWWORM_ATTENTION_SHAPE
#define GLOWWORM_ATTENTION_SHAPE
namespace glowworm {
inline constexpr size_t kKeyChunk = 64;
inline constexpr size_t kHeadTile = 4;   // query heads that share a key head and its loads
inline constexpr size_t kQueryTile = 6;  // queries at once: heads, or neighbouring tokens

// `heads` of one token, or one head of `tokens`.
struct AttentionPiece {
    size_t token = 0, tokens = 1;
    size_t head = 0, heads = 1;
};
}  // namespace glowworm
#endif

HWY_BEFORE_NAMESPACE();
namespace glowworm::HWY_NAMESPACE {

// The visible keys of one token, in order.
class VisibleKeys {
  public:
    VisibleKeys(const AttentionArgs& args, size_t token)
        : prefix_(HWY_MIN(args.visible_prefix[token], args.n_keys)),
          first_tree_(args.n_keys - (args.tree_mask != nullptr ? args.n_tree : 0)),
          next_(HWY_MAX(prefix_, first_tree_)),
          end_(args.n_keys),
          mask_(args.tree_mask != nullptr ? args.tree_mask + token * args.n_tree : nullptr) {}

    // The next up to kKeyChunk keys; 0 when there are no more.
    size_t take(uint32_t (&keys)[kKeyChunk]) {
        size_t n = 0;
        for (; n < kKeyChunk && done_ < prefix_; ++done_) keys[n++] = static_cast<uint32_t>(done_);
        if (mask_ == nullptr) return n;
        for (; n < kKeyChunk && next_ < end_; ++next_) {
            if (mask_[next_ - first_tree_] != 0) keys[n++] = static_cast<uint32_t>(next_);
        }
        return n;
    }

  private:
    size_t done_ = 0;
    size_t prefix_;
    size_t first_tree_;
    size_t next_;
    size_t end_;
    const uint8_t* mask_;
};

// kHeadTile heads at most: the softmax's running state and the scores of a chunk.
struct HeadState {
    float largest;
    float sum;
};

// scores -> exp(score - maximum), zero from n on; returns the factor for what was summed before.
HWY_INLINE float softenChunk(float* scores, size_t n, float scale, HeadState& state) {
    const F32Tag d;
    const F32Vec factor = hn::Set(d, scale);
    F32Vec largest = hn::Set(d, state.largest);
    for (size_t i = n; i < kKeyChunk; ++i) scores[i] = std::numeric_limits<float>::lowest();
    for (size_t i = 0; i < n; i += kLanes) {
        const F32Vec lowest = hn::Set(d, std::numeric_limits<float>::lowest());
        const F32Vec scaled = hn::Mul(hn::LoadU(d, scores + i), factor);
        const F32Vec s = hn::IfThenElse(hn::FirstN(d, n - i), scaled, lowest);
        largest = hn::Max(largest, s);
        hn::StoreU(s, d, scores + i);
    }
    const float maximum = hn::GetLane(hn::MaxOfLanes(d, largest));
    const F32Vec middle = hn::Set(d, maximum);
    F32Vec sum = hn::Zero(d);
    for (size_t i = 0; i < n; i += kLanes) {
        const F32Vec p = hn::Exp(d, hn::Sub(hn::LoadU(d, scores + i), middle));
        sum = hn::Add(sum, p);
        hn::StoreU(p, d, scores + i);
    }
    const float shrink = std::exp(state.largest - maximum);
    state.sum = state.sum * shrink + hn::ReduceSum(d, sum);
    state.largest = maximum;
    return shrink;
}

// out[h] = out[h] * shrink[h] + sum over keys of p * v, for kHeads queries, whose outputs are
// out_stride apart, and kVecs vectors of dims.
template <Dtype kType, size_t kHeads, size_t kVecs>
HWY_INLINE void addValues(const std::byte* v, size_t stride, const uint32_t* keys, size_t n,
                          const float (*p)[kKeyChunk], const float* shrink, float* out,
                          size_t out_stride, size_t lanes) {
    const F32Tag d;
    F32Vec sum[kHeads][kVecs];
    for (size_t h = 0; h < kHeads; ++h) {
        for (size_t i = 0; i < kVecs; ++i) {
            const F32Vec old = hn::LoadN(d, out + h * out_stride + i * kLanes, lanes);
            sum[h][i] = hn::Mul(old, hn::Set(d, shrink[h]));
        }
    }
    for (size_t k = 0; k < n; ++k) {
        const std::byte* row = v + keys[k] * stride;
        F32Vec w[kVecs];
        for (size_t i = 0; i < kVecs; ++i) {
            w[i] = lanes == kLanes ? loadFloats<kType>(at<kType>(row, i * kLanes))
                                   : loadFloatsN<kType>(at<kType>(row, i * kLanes), lanes);
        }
        for (size_t h = 0; h < kHeads; ++h) {
            const F32Vec weight = hn::Set(d, p[h][k]);
            for (size_t i = 0; i < kVecs; ++i) sum[h][i] = hn::MulAdd(weight, w[i], sum[h][i]);
        }
    }
    for (size_t h = 0; h < kHeads; ++h) {
        for (size_t i = 0; i < kVecs; ++i) {
            hn::StoreN(sum[h][i], d, out + h * out_stride + i * kLanes, lanes);
        }
    }
}

// Asks for one head's part of a cached row: rows are far apart, so the processor does not guess
// them.
HWY_INLINE void prefetchRow(const std::byte* row, size_t bytes) {
    for (size_t offset = 0; offset < bytes; offset += 64) hwy::Prefetch(row + offset);
}

// Queries of one key head: heads of one token, or one head of neighbouring tokens.
struct Queries {
    const float* q;
    float* out;
    size_t stride;  // between queries, and between their outputs
    const std::byte* k;  // at the key head's part of row 0
    const std::byte* v;
};

// Scores of a chunk's keys for kCount queries; asks for its values and for the next chunk's keys.
template <Dtype kType, size_t kCount>
HWY_INLINE void scoreChunk(const AttentionArgs& args, const Queries& queries,
                           const uint32_t (&keys)[kKeyChunk], size_t n,
                           float (*scores)[kKeyChunk]) {
    const size_t dim = args.head_dim;
    const size_t stride = args.kv_stride_bytes;
    for (size_t i = 0; i < n; i += kRowTile) {
        const std::byte* rows[kRowTile];
        for (size_t r = 0; r < kRowTile; ++r) {
            const size_t key = keys[HWY_MIN(i + r, n - 1)];
            rows[r] = queries.k + key * stride;
            prefetchRow(queries.v + key * stride, dim * bytesOf(kType));
            const size_t later = HWY_MIN(key + kKeyChunk, args.n_keys - 1);
            prefetchRow(queries.k + later * stride, dim * bytesOf(kType));
        }
        dotRows4Many<kType>(rows, rows, queries.q, queries.stride, kCount, dim, scores[0] + i,
                            kKeyChunk, HWY_MIN(kRowTile, n - i));
    }
}

// One chunk of keys for kCount queries: scores, softmax, values.
template <Dtype kType, size_t kCount>
HWY_INLINE void attendChunk(const AttentionArgs& args, const Queries& queries,
                            const uint32_t (&keys)[kKeyChunk], size_t n,
                            float (*scores)[kKeyChunk], HeadState* state) {
    constexpr size_t kDimVecs = HWY_TARGET <= HWY_AVX3_DL ? 4 : 2;
    const size_t dim = args.head_dim;
    scoreChunk<kType, kCount>(args, queries, keys, n, scores);
    float shrink[kCount];
    for (size_t h = 0; h < kCount; ++h) {
        shrink[h] = softenChunk(scores[h], n, args.scale, state[h]);
    }
    size_t c = 0;
    for (; c + kDimVecs * kLanes <= dim; c += kDimVecs * kLanes) {
        addValues<kType, kCount, kDimVecs>(queries.v + c * bytesOf(kType), args.kv_stride_bytes,
                                           keys, n, scores, shrink, queries.out + c,
                                           queries.stride, kLanes);
    }
    for (; c < dim; c += kLanes) {
        addValues<kType, kCount, 1>(queries.v + c * bytesOf(kType), args.kv_stride_bytes, keys, n,
                                    scores, shrink, queries.out + c, queries.stride,
                                    HWY_MIN(kLanes, dim - c));
    }
}

template <Dtype kType>
HWY_INLINE Queries queriesOf(const AttentionArgs& args, size_t token, size_t head, size_t stride) {
    const size_t dim = args.head_dim;
    const size_t at_head = head / (args.heads / args.kv_heads) * dim * bytesOf(kType);
    const size_t first = (token * args.heads + head) * dim;
    return {args.q + first, args.out + first, stride, args.k + at_head, args.v + at_head};
}

HWY_INLINE void beginQueries(const Queries& queries, size_t count, size_t dim, HeadState* state) {
    for (size_t h = 0; h < count; ++h) {
        state[h] = {std::numeric_limits<float>::lowest(), 0};
        std::fill_n(queries.out + h * queries.stride, dim, 0.0F);
    }
}

HWY_INLINE void endQueries(const Queries& queries, size_t count, size_t dim,
                           const HeadState* state) {
    const F32Tag d;
    for (size_t h = 0; h < count; ++h) {
        const F32Vec inverse = hn::Set(d, state[h].sum > 0 ? 1 / state[h].sum : 0);
        for (size_t c = 0; c < dim; c += kLanes) {
            const size_t n = HWY_MIN(kLanes, dim - c);
            float* to = queries.out + h * queries.stride + c;
            hn::StoreN(hn::Mul(hn::LoadN(d, to, n), inverse), d, to, n);
        }
    }
}

// kHeads neighbouring query heads of one token that share a key head.
template <Dtype kType, size_t kHeads>
void attendHeads(const AttentionArgs& args, size_t token, size_t head,
                 float (*scores)[kKeyChunk]) {
    const Queries queries = queriesOf<kType>(args, token, head, args.head_dim);
    HeadState state[kHeads];
    beginQueries(queries, kHeads, args.head_dim, state);
    uint32_t keys[kKeyChunk];
    VisibleKeys visible(args, token);
    while (const size_t n = visible.take(keys)) {
        attendChunk<kType, kHeads>(args, queries, keys, n, scores, state);
    }
    endQueries(queries, kHeads, args.head_dim, state);
}

// One head of kTokens neighbouring tokens without a tree: chunks that all of them see whole are
// shared, the rest is each token's own. The chunks are those of attendHeads, and so are the bits.
template <Dtype kType, size_t kTokens>
void attendTokens(const AttentionArgs& args, size_t token, size_t head,
                  float (*scores)[kKeyChunk]) {
    const size_t stride = args.heads * args.head_dim;
    const Queries queries = queriesOf<kType>(args, token, head, stride);
    HeadState state[kTokens];
    beginQueries(queries, kTokens, args.head_dim, state);
    size_t shared = args.n_keys;
    for (size_t t = 0; t < kTokens; ++t) {
        shared = HWY_MIN(shared, size_t{args.visible_prefix[token + t]});
    }
    shared = shared / kKeyChunk * kKeyChunk;
    uint32_t keys[kKeyChunk];
    const auto number = [&](size_t from, size_t n) {
        for (size_t i = 0; i < n; ++i) keys[i] = static_cast<uint32_t>(from + i);
    };
    for (size_t from = 0; from < shared; from += kKeyChunk) {
        number(from, kKeyChunk);
        attendChunk<kType, kTokens>(args, queries, keys, kKeyChunk, scores, state);
    }
    for (size_t t = 0; t < kTokens; ++t) {
        const Queries own{queries.q + t * stride, queries.out + t * stride, stride, queries.k,
                          queries.v};
        const size_t end = HWY_MIN(size_t{args.visible_prefix[token + t]}, args.n_keys);
        for (size_t from = shared; from < end; from += kKeyChunk) {
            const size_t n = HWY_MIN(kKeyChunk, end - from);
            number(from, n);
            attendChunk<kType, 1>(args, own, keys, n, scores, state + t);
        }
    }
    endQueries(queries, kTokens, args.head_dim, state);
}

// Tokens whose queries fill the registers.
inline constexpr size_t kTokenTile = HWY_TARGET <= HWY_AVX3_DL ? kQueryTile : 4;

// What one thread computes at a time: heads [head, head + heads) of one token, all of one key head,
// or one head of some neighbouring tokens.
void attendTarget(const AttentionArgs& args, const AttentionPiece& piece, size_t thread) {
    auto* scores = reinterpret_cast<float(*)[kKeyChunk]>(args.scores) + thread * kQueryTile;
    const auto attend = [&]<Dtype kType>() HWY_ATTR {
        size_t token = piece.token;
        size_t tokens = piece.tokens;
        for (; tokens >= kTokenTile; tokens -= kTokenTile, token += kTokenTile) {
            attendTokens<kType, kTokenTile>(args, token, piece.head, scores);
        }
        if (tokens > 1) {
            for (; tokens > 0; --tokens, ++token) {
                attendHeads<kType, 1>(args, token, piece.head, scores);
            }
        }
        if (tokens == 0) return;
        size_t head = piece.head;
        size_t count = piece.heads;
        for (; count >= 4; count -= 4, head += 4) attendHeads<kType, 4>(args, token, head, scores);
        if (count == 3) attendHeads<kType, 3>(args, token, head, scores);
        if (count == 2) attendHeads<kType, 2>(args, token, head, scores);
        if (count == 1) attendHeads<kType, 1>(args, token, head, scores);
    };
    if (args.kv_dtype == KvDtype::kF16) {
        attend.template operator()<Dtype::kF16>();
    } else {
        attend.template operator()<Dtype::kF32>();
    }
}

}  // namespace glowworm::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace glowworm {
namespace {
HWY_EXPORT(attendTarget);

constexpr size_t kTileFrom = 8;      // tokens: fewer are taken one by one
constexpr size_t kPieceTokens = 12;  // a multiple of each target's tile

// Query heads per piece of work: as many as share a key head, unless there would be too few pieces.
size_t headsTogether(const AttentionArgs& args, size_t threads) {
    const size_t group = args.heads / args.kv_heads;
    size_t together = std::min(group, kHeadTile);
    while (group % together != 0) --together;
    while (together > 1 && args.n_tokens * args.heads / together < 3 * threads) {
        do {
            --together;
        } while (group % together != 0);
    }
    return together;
}
}  // namespace

size_t attentionScoresNeeded(size_t, size_t threads) { return threads * kQueryTile * kKeyChunk; }

void attention(const AttentionArgs& args, ThreadPool& pool) {
    CHECK(args.kv_heads > 0 && args.heads % args.kv_heads == 0);
    CHECK(args.tree_mask == nullptr || args.n_tree <= args.n_keys);
    const auto attend = HWY_DYNAMIC_POINTER(attendTarget);
    const bool tiles = args.tree_mask == nullptr && args.n_tokens >= kTileFrom;
    const size_t tokens = tiles ? kPieceTokens : 1;
    const size_t together = tiles ? 1 : headsTogether(args, pool.threads());
    const size_t rows = (args.n_tokens + tokens - 1) / tokens;
    const size_t pieces_per_row = args.heads / together;
    const size_t cost = args.n_keys * args.head_dim * together * tokens * 2;
    forPieces(pool, rows * pieces_per_row, 1, cost, [&](size_t begin, size_t end, size_t thread) {
        for (size_t i = begin; i < end; ++i) {
            // Neighbouring pieces are of one head: its keys and values stay in the cache.
            const size_t token = i % rows * tokens;
            attend(args,
                   {.token = token,
                    .tokens = std::min(tokens, args.n_tokens - token),
                    .head = i / rows * together,
                    .heads = together},
                   thread);
        }
    });
}

}  // namespace glowworm
#endif
