// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cstring>
#include <vector>

#include "core/model/kv_cache.h"

namespace glowworm {
namespace {

ModelConfig config() {
    ModelConfig c;
    c.layers = 2;
    c.kv_heads = 1;
    c.head_dim = 2;
    return c;
}

// Rows whose two values are the row's number and its negative; values 100 higher.
void storeRows(KvCache& cache, uint32_t first, uint32_t n) {
    for (uint32_t layer = 0; layer < 2; ++layer) {
        std::vector<float> k, v;
        for (uint32_t row = first; row < first + n; ++row) {
            const auto number = static_cast<float>(row + 1000 * layer);
            k.insert(k.end(), {number, -number});
            v.insert(v.end(), {number + 100, -number});
        }
        cache.store(LayerId(layer), first, n, k.data(), v.data());
    }
    cache.setRows(first + n);
}

float at(const KvCache& cache, const std::byte* base, uint32_t row) {
    float value = 0;
    std::memcpy(&value, base + row * cache.strideBytes(), sizeof value);
    return value;
}

std::vector<float> keys(const KvCache& cache, uint32_t layer) {
    std::vector<float> rows;
    const std::byte* base = cache.keys(LayerId(layer));
    for (uint32_t r = 0; r < cache.rows(); ++r) rows.push_back(at(cache, base, r));
    return rows;
}

TEST(KvCache, HoldsRowsOfEachLayerApart) {
    auto cache = KvCache::create(config(), 8, KvDtype::kF32).value();
    EXPECT_EQ(cache.rows(), 0U);
    EXPECT_EQ(cache.capacity(), 8U);
    storeRows(cache, 0, 3);
    storeRows(cache, 3, 5);
    EXPECT_EQ(keys(cache, 0), (std::vector<float>{0, 1, 2, 3, 4, 5, 6, 7}));
    EXPECT_EQ(keys(cache, 1)[7], 1007);
    EXPECT_EQ(at(cache, cache.values(LayerId(0)), 7), 107);
    EXPECT_EQ(at(cache, cache.values(LayerId(1)), 0), 1100);
}

TEST(KvCache, BytesAreForecast) {
    EXPECT_EQ(KvCache::bytesNeeded(config(), 8, KvDtype::kF32), 2U * 2 * 8 * 2 * 4);
    EXPECT_EQ(KvCache::bytesNeeded(config(), 8, KvDtype::kF16), 2U * 2 * 8 * 2 * 2);
    const auto cache = KvCache::create(config(), 2048, KvDtype::kF16).value();
    EXPECT_EQ(cache.bytes(), KvCache::bytesNeeded(config(), 2048, KvDtype::kF16));
    EXPECT_EQ(cache.strideBytes(), 4U);
}

TEST(KvCache, DropsRowsFromTheEnd) {
    auto cache = KvCache::create(config(), 8, KvDtype::kF32).value();
    storeRows(cache, 0, 6);
    cache.setRows(2);
    EXPECT_EQ(keys(cache, 0), (std::vector<float>{0, 1}));
    storeRows(cache, 2, 1);
    EXPECT_EQ(keys(cache, 0), (std::vector<float>{0, 1, 2}));
}

// A drafted tree after two rows of prompt: 2 and 3 are its children, 4 and 5 those of 3, 6 of 5.
TEST(KvCache, PackKeepsOnePathOfATree) {
    auto cache = KvCache::create(config(), 8, KvDtype::kF32).value();
    storeRows(cache, 0, 7);
    const std::vector<uint32_t> path = {1, 3, 4};  // rows 3, 5, 6
    cache.pack(2, path);
    EXPECT_EQ(cache.rows(), 5U);
    EXPECT_EQ(keys(cache, 0), (std::vector<float>{0, 1, 3, 5, 6}));
    EXPECT_EQ(keys(cache, 1), (std::vector<float>{1000, 1001, 1003, 1005, 1006}));
    EXPECT_EQ(at(cache, cache.values(LayerId(1)), 2), 1103);
}

TEST(KvCache, PackMayKeepAllOrNothing) {
    auto cache = KvCache::create(config(), 8, KvDtype::kF32).value();
    storeRows(cache, 0, 4);
    const std::vector<uint32_t> every = {0, 1};
    cache.pack(2, every);
    EXPECT_EQ(keys(cache, 0), (std::vector<float>{0, 1, 2, 3}));
    cache.pack(1, {});
    EXPECT_EQ(keys(cache, 0), (std::vector<float>{0}));
}

}  // namespace
}  // namespace glowworm
