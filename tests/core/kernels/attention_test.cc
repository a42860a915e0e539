// SPDX-License-Identifier: Apache-2.0
// Attention against double precision; tolerance 2e-6 for values in [-1, 1).
#include <cstring>

#include "core/kernels/half.h"
#include "tests/core/kernels/kernels_support.h"

namespace glowworm {
namespace {

// Random queries and cached rows of a shape.
struct Scene {
    Scene(size_t tokens, size_t keys, size_t heads, size_t kv_heads, size_t dim, KvDtype dtype)
        : q(someValues(tokens * heads * dim, 1)),
          k_values(someValues(keys * kv_heads * dim, 2)),
          v_values(someValues(keys * kv_heads * dim, 3)),
          out(tokens * heads * dim, -1),
          prefix(tokens, static_cast<uint32_t>(keys)),
          scratch(attentionScoresNeeded(keys, 3)) {
        const size_t element = dtype == KvDtype::kF16 ? 2 : 4;
        const size_t stride = kv_heads * dim * element;
        k.resize(keys * stride);
        v.resize(keys * stride);
        storeKv(k_values.data(), k_values.size(), dtype, k.data());
        storeKv(v_values.data(), v_values.size(), dtype, v.data());
        if (dtype == KvDtype::kF16) {
            for (float& value : k_values) value = f32FromF16(f16FromF32(value));
            for (float& value : v_values) value = f32FromF16(f16FromF32(value));
        }
        args = {.q = q.data(), .k = k.data(), .v = v.data(), .kv_dtype = dtype,
                .kv_stride_bytes = stride, .n_tokens = tokens, .n_keys = keys, .heads = heads,
                .kv_heads = kv_heads, .head_dim = dim, .visible_prefix = prefix.data(),
                .tree_mask = nullptr, .n_tree = 0,
                .scale = 1 / std::sqrt(static_cast<float>(dim)) * 4, .scores = scratch.data(),
                .out = out.data()};
    }

    [[nodiscard]] bool visible(size_t t, size_t j) const {
        if (j < prefix[t]) return true;
        const size_t first = args.n_keys - args.n_tree;
        return args.tree_mask != nullptr && j >= first &&
               args.tree_mask[t * args.n_tree + j - first] != 0;
    }

    [[nodiscard]] std::vector<double> expected(size_t t, size_t h) const {
        const size_t dim = args.head_dim;
        const size_t key_head = h / (args.heads / args.kv_heads);
        std::vector<double> sum(dim, 0.0);
        double total = 0;
        for (size_t j = 0; j < args.n_keys; ++j) {
            if (!visible(t, j)) continue;
            const size_t at = (j * args.kv_heads + key_head) * dim;
            const float* query = q.data() + (t * args.heads + h) * dim;
            const double score = dot(query, k_values.data() + at, dim);
            const double p = std::exp(score * static_cast<double>(args.scale));
            total += p;
            for (size_t i = 0; i < dim; ++i) sum[i] += p * static_cast<double>(v_values[at + i]);
        }
        for (double& value : sum) value = total > 0 ? value / total : 0;
        return sum;
    }

    void expectAll() const {
        for (size_t t = 0; t < args.n_tokens; ++t) {
            for (size_t h = 0; h < args.heads; ++h) {
                const std::vector<double> want = expected(t, h);
                for (size_t i = 0; i < want.size(); ++i) {
                    ASSERT_NEAR(out[(t * args.heads + h) * args.head_dim + i], want[i], 2e-6)
                        << "token " << t << " head " << h << " dim " << i;
                }
            }
        }
    }

    std::vector<float> q, k_values, v_values, out;
    std::vector<std::byte> k, v;
    std::vector<uint32_t> prefix;
    std::vector<float> scratch;
    AttentionArgs args;
};

TEST(Attention, EqualsTheScalarFormOnEachTarget) {
    forEachTarget([] {
        ThreadPool pool(2);
        for (const KvDtype dtype : {KvDtype::kF16, KvDtype::kF32}) {
            for (const size_t dim : {32U, 36U, 64U, 80U, 128U}) {
                for (const size_t keys : {1U, 3U, 64U, 65U, 200U}) {
                    Scene scene(2, keys, 6, 2, dim, dtype);
                    attention(scene.args, pool);
                    scene.expectAll();
                }
            }
        }
    });
}

TEST(Attention, AnyNumberOfHeadsShareAKey) {
    ThreadPool pool(2);
    for (const auto& [heads, kv_heads] :
         {std::pair{1U, 1U}, {9U, 3U}, {8U, 1U}, {71U, 1U}, {5U, 5U}}) {
        Scene scene(3, 70, heads, kv_heads, 64, KvDtype::kF16);
        attention(scene.args, pool);
        scene.expectAll();
    }
}

TEST(Attention, EachTokenSeesItsPrefixOnly) {
    forEachTarget([] {
        ThreadPool pool(3);
        Scene scene(7, 130, 4, 2, 64, KvDtype::kF16);
        for (uint32_t t = 0; t < 7; ++t) scene.prefix[t] = 124 + t;
        scene.prefix[0] = 1;
        attention(scene.args, pool);
        scene.expectAll();
    });
}

TEST(Attention, NothingVisibleGivesZero) {
    ThreadPool pool(1);
    Scene scene(1, 10, 2, 1, 32, KvDtype::kF32);
    scene.prefix[0] = 0;
    attention(scene.args, pool);
    for (const float value : scene.out) EXPECT_EQ(value, 0.0F);
}

TEST(Attention, LargeScoresDoNotOverflow) {
    ThreadPool pool(1);
    Scene scene(1, 100, 2, 1, 32, KvDtype::kF32);
    scene.args.scale = 1e4F;
    attention(scene.args, pool);
    for (const float value : scene.out) EXPECT_LE(std::abs(value), 1.0F);
}

TEST(Attention, ATreeTokenSeesItsAncestors) {
    forEachTarget([] {
        ThreadPool pool(2);
        Scene scene(4, 104, 4, 2, 64, KvDtype::kF16);
        // 0 - 1 - 3 and 0 - 2, behind a common prefix of 100.
        const std::vector<uint8_t> mask = {1, 0, 0, 0, 1, 1, 0, 0, 1, 0, 1, 0, 1, 1, 0, 1};
        scene.prefix.assign(4, 100);
        scene.args.tree_mask = mask.data();
        scene.args.n_tree = 4;
        attention(scene.args, pool);
        scene.expectAll();
    });
}

// What makes greedy decoding with a drafter equal to greedy decoding without, bit for bit.
TEST(Attention, ATreeTokenHasTheBitsOfAPlainSequence) {
    ThreadPool pool(2);
    Scene tree(3, 66, 4, 2, 64, KvDtype::kF16);
    const std::vector<uint8_t> mask = {1, 0, 0, 1, 1, 0, 1, 0, 1};  // 0 - 1 and 0 - 2
    tree.prefix.assign(3, 63);
    tree.args.tree_mask = mask.data();
    tree.args.n_tree = 3;
    attention(tree.args, pool);

    Scene plain(3, 66, 4, 2, 64, KvDtype::kF16);
    const size_t stride = plain.args.kv_stride_bytes;
    std::memcpy(plain.k.data() + 64 * stride, plain.k.data() + 65 * stride, stride);
    std::memcpy(plain.v.data() + 64 * stride, plain.v.data() + 65 * stride, stride);
    plain.args.n_keys = 65;
    plain.prefix.assign(3, 65);
    attention(plain.args, pool);
    const size_t row = 4 * 64;
    EXPECT_EQ(std::memcmp(tree.out.data() + 2 * row, plain.out.data() + 2 * row, row * 4), 0);
}

TEST(Attention, BitsDoNotDependOnThreadsOrTokens) {
    forEachTarget([] {
        for (const auto& [heads, kv_heads] : {std::pair{9U, 3U}, {8U, 8U}}) {
            constexpr size_t kTokens = 20;
            ThreadPool one(1);
            Scene whole(kTokens, 300, heads, kv_heads, 64, KvDtype::kF16);
            for (uint32_t t = 0; t < kTokens; ++t) whole.prefix[t] = 281 + t;
            attention(whole.args, one);
            for (const size_t threads : {2U, 3U}) {
                ThreadPool pool(threads);
                Scene again(kTokens, 300, heads, kv_heads, 64, KvDtype::kF16);
                again.prefix = whole.prefix;
                again.args.visible_prefix = again.prefix.data();
                attention(again.args, pool);
                EXPECT_EQ(whole.out, again.out);
                for (size_t t = 0; t < kTokens; ++t) {
                    AttentionArgs single = again.args;
                    single.q += t * heads * 64;
                    single.out += t * heads * 64;
                    single.visible_prefix += t;
                    single.n_tokens = 1;
                    single.n_keys = 281 + t;
                    attention(single, pool);
                }
                EXPECT_EQ(whole.out, again.out);
            }
        }
    });
}

}  // namespace
}  // namespace glowworm
