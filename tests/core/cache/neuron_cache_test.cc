// SPDX-License-Identifier: Apache-2.0
#include "core/cache/neuron_cache.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include <sys/mman.h>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace glowworm {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr LayerId kFirst{0};
constexpr uint32_t kPage = 4096;

std::vector<NeuronId> ids(std::initializer_list<uint32_t> values) {
    std::vector<NeuronId> result;
    for (const uint32_t value : values) result.push_back(NeuronId(value));
    return result;
}

std::vector<uint32_t> slotsOf(const CacheBatch& batch) {
    std::vector<uint32_t> result;
    for (const SlotId slot : batch.slots) result.push_back(slot.value());
    return result;
}

std::vector<uint32_t> missesOf(const CacheBatch& batch) {
    std::vector<uint32_t> result;
    for (const CacheMiss& miss : batch.misses) result.push_back(miss.neuron.value());
    return result;
}

// One slot is one page, so that a capacity in pages is one in slots.
NeuronCache pageCache(uint32_t neurons, uint32_t slots, uint32_t layers = 1,
                      EvictionOrder order = EvictionOrder::kFrequency) {
    auto cache = NeuronCache::create({.layers = layers, .neurons = neurons, .slot_bytes = kPage,
                                      .weights = {}, .slots_min = 1, .eviction = order});
    CHECK(cache.has_value());
    cache->setCapacity(uint64_t{slots} * kPage * layers);
    return std::move(*cache);
}

// One token of one layer, its misses filled with their neuron's number; checks every slot.
CacheBatch token(NeuronCache& cache, const std::vector<NeuronId>& active, LayerId layer = kFirst) {
    cache.beginToken();
    const CacheBatch batch = cache.acquire(layer, active);
    for (const CacheMiss& miss : batch.misses) {
        std::memset(cache.slotData(layer, miss.slot), static_cast<int>(miss.neuron.value()), 64);
    }
    for (size_t i = 0; i < batch.slots.size(); ++i) {
        EXPECT_EQ(*cache.slotData(layer, batch.slots[i]), std::byte(active[i].value()));
    }
    return batch;
}

TEST(NeuronCacheTest, NewcomersTakeTheNextSlots) {
    NeuronCache cache = pageCache(16, 4);
    cache.beginToken();
    const auto active = ids({3, 7, 9});
    const CacheBatch batch = cache.acquire(kFirst, active);
    EXPECT_THAT(slotsOf(batch), ElementsAre(0, 1, 2));
    EXPECT_THAT(missesOf(batch), ElementsAre(3, 7, 9));
    EXPECT_EQ(cache.counters().misses, 3U);
    EXPECT_EQ(cache.counters().hits, 0U);
    EXPECT_EQ(cache.counters().loaded, 3U);
}

TEST(NeuronCacheTest, WhatWasActiveIsAHit) {
    NeuronCache cache = pageCache(16, 4);
    token(cache, ids({3, 7}));
    const CacheBatch batch = token(cache, ids({1, 7}));
    EXPECT_THAT(missesOf(batch), ElementsAre(1));
    EXPECT_THAT(slotsOf(batch), ElementsAre(2, 1));
    EXPECT_EQ(cache.counters().hits, 1U);
}

TEST(NeuronCacheTest, ByRecencyTheAutomaticWindowEvictsTheLeastRecentlyActive) {
    NeuronCache cache = pageCache(16, 3, 1, EvictionOrder::kRecency);
    token(cache, ids({1}));
    token(cache, ids({2}));
    token(cache, ids({3}));
    token(cache, ids({1}));
    EXPECT_EQ(cache.counters().window_tokens, 4U);
    const CacheBatch batch = token(cache, ids({4}));  // 2 is the oldest, in slot 1
    EXPECT_THAT(slotsOf(batch), ElementsAre(1));
    EXPECT_FALSE(cache.contains(kFirst, NeuronId(2)));
    EXPECT_TRUE(cache.contains(kFirst, NeuronId(3)));
    EXPECT_EQ(cache.counters().dropped, 1U);
    EXPECT_EQ(cache.counters().window_tokens, 3U);  // tokens 3, 4, 5 are whole; 2 is not
}

TEST(NeuronCacheTest, ExplicitWindowDropsAtTheEndOfTheLayer) {
    NeuronCache cache = pageCache(16, 8);
    cache.setWindow(2);
    token(cache, ids({1, 2, 3}));
    cache.endLayer(kFirst);
    token(cache, ids({2}));
    cache.endLayer(kFirst);
    EXPECT_EQ(cache.used(kFirst), 3U);
    token(cache, ids({4}));  // 1 and 3 leave: 4 takes the slot of 1, slot 2 is simply cut off
    EXPECT_EQ(cache.used(kFirst), 3U);
    cache.endLayer(kFirst);
    EXPECT_EQ(cache.used(kFirst), 2U);
    EXPECT_TRUE(cache.contains(kFirst, NeuronId(2)));
    EXPECT_TRUE(cache.contains(kFirst, NeuronId(4)));
    EXPECT_EQ(cache.counters().dropped, 2U);
    EXPECT_EQ(cache.counters().moved_bytes, 0U);
    EXPECT_EQ(cache.counters().window_tokens, 2U);
}

TEST(NeuronCacheTest, TheLastSlotFillsAHole) {
    NeuronCache cache = pageCache(16, 8);
    cache.setWindow(1);
    token(cache, ids({1, 2, 3}));
    cache.endLayer(kFirst);
    token(cache, ids({3}));
    cache.endLayer(kFirst);
    EXPECT_EQ(cache.used(kFirst), 1U);
    EXPECT_EQ(cache.counters().moved_bytes, uint64_t{kPage});
    const CacheBatch batch = token(cache, ids({3}));
    EXPECT_THAT(slotsOf(batch), ElementsAre(0));  // token() has checked its contents
    EXPECT_THAT(missesOf(batch), IsEmpty());
}

TEST(NeuronCacheTest, AWindowThatDoesNotFitIsShortenedAndSaysSo) {
    NeuronCache cache = pageCache(16, 3);
    cache.setWindow(10);
    token(cache, ids({1, 2}));
    EXPECT_EQ(cache.counters().window_tokens, 10U);
    cache.endLayer(kFirst);
    token(cache, ids({3, 4}));
    cache.endLayer(kFirst);
    EXPECT_FALSE(cache.contains(kFirst, NeuronId(1)));
    EXPECT_EQ(cache.counters().window_tokens, 1U);
}

TEST(NeuronCacheTest, MoreActiveThanSlotsComesInBatches) {
    NeuronCache cache = pageCache(16, 2);
    const auto active = ids({1, 4, 5, 8, 9});
    cache.beginToken();
    std::vector<std::vector<uint32_t>> batches;
    for (size_t done = 0; done < active.size();) {
        const CacheBatch batch = cache.acquire(kFirst, std::span(active).subspan(done));
        batches.push_back(missesOf(batch));
        done += batch.slots.size();
    }
    cache.endLayer(kFirst);
    EXPECT_THAT(batches, ElementsAre(ElementsAre(1, 4), ElementsAre(5, 8), ElementsAre(9)));
    EXPECT_EQ(cache.counters().window_tokens, 0U);
    EXPECT_EQ(cache.counters().loaded, 5U);
    EXPECT_EQ(cache.counters().dropped, 3U);
}

TEST(NeuronCacheTest, OneSlotIsEnough) {
    NeuronCache cache = pageCache(4, 1);
    const auto active = ids({0, 1, 2, 3});
    for (int round = 0; round < 3; ++round) {
        cache.beginToken();
        for (size_t i = 0; i < active.size(); ++i) {
            const CacheBatch batch = cache.acquire(kFirst, std::span(active).subspan(i));
            ASSERT_THAT(slotsOf(batch), ElementsAre(0));
            ASSERT_LE(batch.misses.size(), 1U);
        }
        cache.endLayer(kFirst);
    }
    EXPECT_TRUE(cache.contains(kFirst, NeuronId(3)));
}

TEST(NeuronCacheTest, NoBatchEvictsItsOwn) {
    NeuronCache cache = pageCache(16, 3);
    token(cache, ids({9}));
    token(cache, ids({10}));
    token(cache, ids({11}));
    const CacheBatch batch = token(cache, ids({1, 2, 9}));  // 9 is the oldest, and a hit
    EXPECT_THAT(missesOf(batch), ElementsAre(1, 2));
    EXPECT_TRUE(cache.contains(kFirst, NeuronId(9)));
}

TEST(NeuronCacheTest, NothingActiveIsAnEmptyBatch) {
    NeuronCache cache = pageCache(16, 3);
    const CacheBatch batch = token(cache, {});
    EXPECT_THAT(slotsOf(batch), IsEmpty());
    cache.endLayer(kFirst);
    EXPECT_EQ(cache.usedBytes(), 0U);
}

TEST(NeuronCacheTest, ForgetTakesFailedReadsOut) {
    NeuronCache cache = pageCache(16, 8);
    token(cache, ids({1, 2}));
    cache.beginToken();
    const auto active = ids({2, 5, 6});
    const CacheBatch batch = cache.acquire(kFirst, active);
    const std::vector<CacheMiss> failed(batch.misses.begin(), batch.misses.begin() + 1);
    std::memset(cache.slotData(kFirst, batch.misses[1].slot), 6, 64);
    cache.forget(kFirst, failed);
    EXPECT_FALSE(cache.contains(kFirst, NeuronId(5)));
    EXPECT_EQ(cache.used(kFirst), 3U);
    const CacheBatch again = token(cache, ids({1, 2, 6}));  // checks that 6 moved with its bytes
    EXPECT_THAT(missesOf(again), IsEmpty());
}

TEST(NeuronCacheTest, AutomaticWindowEvictsWhoFiresLeast) {
    NeuronCache cache = pageCache(16, 3);
    token(cache, ids({1, 2}));
    token(cache, ids({1, 2}));
    token(cache, ids({3}));
    const CacheBatch batch = token(cache, ids({4}));  // 3 fired last, but only once
    EXPECT_THAT(slotsOf(batch), ElementsAre(2));
    EXPECT_FALSE(cache.contains(kFirst, NeuronId(3)));
    EXPECT_EQ(cache.counters().window_tokens, 1U);  // of the token before something is gone
    // What 3 counted is not forgotten: with its second firing it stays and 4 leaves.
    token(cache, ids({3}));
    EXPECT_FALSE(cache.contains(kFirst, NeuronId(4)));
    EXPECT_THAT(cache.held(kFirst), ElementsAre(NeuronId(3), NeuronId(2), NeuronId(1)));
}

TEST(NeuronCacheTest, NothingOfThePresentTokenLeavesHoweverSeldomItFires) {
    NeuronCache cache = pageCache(16, 4);
    for (int i = 0; i < 5; ++i) token(cache, ids({1, 2}));
    const CacheBatch batch = token(cache, ids({7, 8, 9, 10}));
    EXPECT_THAT(missesOf(batch), ElementsAre(7, 8, 9, 10));
    EXPECT_FALSE(cache.contains(kFirst, NeuronId(1)));
}

TEST(NeuronCacheTest, AWindowThatIsSetGoesByAgeAndAutomaticAgainByFrequency) {
    NeuronCache cache = pageCache(16, 3);
    for (int i = 0; i < 3; ++i) token(cache, ids({1}));
    cache.setWindow(100);
    token(cache, ids({2}));
    token(cache, ids({3}));
    token(cache, ids({4}));
    EXPECT_FALSE(cache.contains(kFirst, NeuronId(1)));
    cache.setWindow(kWindowAuto);
    token(cache, ids({2, 3}));
    token(cache, ids({2, 3}));
    token(cache, ids({4}));
    token(cache, ids({1}));
    EXPECT_FALSE(cache.contains(kFirst, NeuronId(4)));
}

TEST(NeuronCacheTest, AfterSomeHalfLivesOldFiringsNoLongerCount) {
    NeuronCache cache = pageCache(16, 2);
    for (int i = 0; i < 8; ++i) token(cache, ids({1}));
    for (int i = 0; i < 5000; ++i) token(cache, {});
    token(cache, ids({2}));
    token(cache, ids({3}));
    EXPECT_FALSE(cache.contains(kFirst, NeuronId(1)));
    EXPECT_TRUE(cache.contains(kFirst, NeuronId(2)));
}

// The worked example of core/cache/cache.md.
TEST(NeuronCacheTest, TheExampleOfThePage) {
    NeuronCache cache = pageCache(16, 4);
    cache.setWindow(2);
    const auto run = [&](std::initializer_list<uint32_t> active) {
        const auto neurons = ids(active);
        const std::vector<uint32_t> slots = slotsOf(token(cache, neurons));
        cache.endLayer(kFirst);
        return slots;
    };
    EXPECT_THAT(run({3, 7, 9}), ElementsAre(0, 1, 2));
    EXPECT_THAT(run({7}), ElementsAre(1));
    EXPECT_THAT(run({5, 7}), ElementsAre(0, 1));
    EXPECT_EQ(cache.used(kFirst), 2U);
    EXPECT_THAT(run({1, 2, 4}), ElementsAre(2, 3, 1));
    EXPECT_EQ(cache.counters().window_tokens, 1U);
    EXPECT_THAT(run({4}), ElementsAre(1));
    EXPECT_EQ(cache.used(kFirst), 3U);
    EXPECT_EQ(cache.counters().moved_bytes, uint64_t{kPage});
    EXPECT_THAT(run({2, 4}), ElementsAre(0, 1));
}

TEST(NeuronCacheTest, LayersAreApart) {
    NeuronCache cache = pageCache(16, 4, 3);
    token(cache, ids({1, 2}), LayerId(0));
    token(cache, ids({2, 3}), LayerId(2));
    EXPECT_FALSE(cache.contains(LayerId(0), NeuronId(3)));
    EXPECT_FALSE(cache.contains(LayerId(1), NeuronId(2)));
    EXPECT_EQ(*cache.slotData(LayerId(0), SlotId(1)), std::byte{2});
    EXPECT_EQ(*cache.slotData(LayerId(2), SlotId(1)), std::byte{3});
}

TEST(NeuronCacheTest, PrefillLeavesTheNewestNeurons) {
    NeuronCache cache = pageCache(16, 3);
    token(cache, ids({0, 1}));
    cache.beginToken(4);
    std::byte* now = cache.insert(kFirst, NeuronId(5), 0);
    ASSERT_NE(now, nullptr);
    EXPECT_EQ(cache.insert(kFirst, NeuronId(1), 1), nullptr);  // here already: only newer now
    std::byte* before = cache.insert(kFirst, NeuronId(7), 2);  // takes the place of 0
    ASSERT_NE(before, nullptr);
    EXPECT_NE(now, before);
    EXPECT_EQ(cache.insert(kFirst, NeuronId(8), 3), nullptr);  // nothing here is older
    cache.endLayer(kFirst);
    EXPECT_TRUE(cache.contains(kFirst, NeuronId(1)));
    EXPECT_FALSE(cache.contains(kFirst, NeuronId(0)));
    EXPECT_EQ(cache.counters().window_tokens, 3U);
    token(cache, {});
    const auto newcomer = ids({9});
    ASSERT_EQ(cache.acquire(kFirst, newcomer).misses.size(), 1U);
    EXPECT_FALSE(cache.contains(kFirst, NeuronId(7)));  // the oldest by its tokens_ago
}

TEST(NeuronCacheTest, InsertKeepsToTheWindow) {
    NeuronCache cache = pageCache(16, 8);
    cache.setWindow(2);
    cache.beginToken(5);
    EXPECT_NE(cache.insert(kFirst, NeuronId(1), 1), nullptr);
    EXPECT_EQ(cache.insert(kFirst, NeuronId(2), 2), nullptr);
}

TEST(NeuronCacheTest, ShrinkingDropsTheOldest) {
    NeuronCache cache = pageCache(16, 6);
    token(cache, ids({1, 2}));
    token(cache, ids({3, 4}));
    token(cache, ids({5, 6}));
    cache.setCapacity(3 * kPage);
    EXPECT_EQ(cache.used(kFirst), 3U);
    EXPECT_EQ(cache.usedBytes(), uint64_t{3 * kPage});
    for (const uint32_t neuron : {4, 5, 6}) EXPECT_TRUE(cache.contains(kFirst, NeuronId(neuron)));
    const CacheBatch batch = token(cache, ids({4, 5, 6}));
    EXPECT_THAT(missesOf(batch), IsEmpty());
}

TEST(NeuronCacheTest, ClearForgetsEverything) {
    NeuronCache cache = pageCache(16, 6);
    token(cache, ids({1, 2}));
    cache.clear();
    EXPECT_EQ(cache.usedBytes(), 0U);
    EXPECT_FALSE(cache.contains(kFirst, NeuronId(1)));
    EXPECT_THAT(missesOf(token(cache, ids({1, 2}))), ElementsAre(1, 2));
}

TEST(NeuronCacheTest, LayoutsThatMakeNoSenseAreRefused) {
    const CacheLayout good{.layers = 2, .neurons = 8, .slot_bytes = 512, .weights = {},
                           .slots_min = 1};
    EXPECT_TRUE(NeuronCache::create(good).has_value());
    std::vector<CacheLayout> bad(8, good);
    bad[0].layers = 0;
    bad[1].neurons = 0;
    bad[2].slot_bytes = 0;
    bad[3].slots_min = 9;
    bad[4].weights = {1.0F};
    bad[5].weights = {1.0F, NAN};
    bad[6].weights = {1.0F, -1.0F};
    bad[7].neurons = bad[7].layers = UINT32_MAX;
    for (size_t i = 0; i < bad.size(); ++i) {
        const auto cache = NeuronCache::create(bad[i]);
        ASSERT_FALSE(cache.has_value()) << i;
        EXPECT_EQ(cache.error().code, ErrorCode::kInvalidArgument) << i;
    }
}

TEST(NeuronCacheTest, MisuseIsOurMistake) {
    NeuronCache cache = pageCache(16, 6);
    EXPECT_DEATH(cache.setCapacity(cache.bytesMin() - 1), "CHECK");
    EXPECT_DEATH((void)cache.contains(LayerId(1), NeuronId(0)), "CHECK");
    const auto outside = ids({16});
    cache.beginToken();
    EXPECT_DEATH((void)cache.acquire(kFirst, outside), "CHECK");
}

uint64_t residentBytes(const NeuronCache& cache, uint32_t layers, uint64_t layer_bytes) {
    std::byte* const begin = cache.slotData(kFirst, SlotId(0));
    std::vector<unsigned char> pages(layers * layer_bytes / kPage);
    EXPECT_EQ(mincore(begin, layers * layer_bytes, pages.data()), 0);
    const auto resident = std::ranges::count_if(pages, [](auto page) { return page & 1; });
    return static_cast<uint64_t>(resident) * kPage;
}

TEST(NeuronCacheTest, PagesGoBackAndAreNeverMoreThanCounted) {
    constexpr uint32_t kLayers = 3, kNeurons = 64, kSlot = 1536;
    constexpr uint64_t kLayerBytes = (kNeurons * kSlot + kPage - 1) / kPage * kPage;
    auto cache = NeuronCache::create({.layers = kLayers, .neurons = kNeurons, .slot_bytes = kSlot,
                                      .weights = {}, .slots_min = 1});
    ASSERT_TRUE(cache.has_value());
    cache->setCapacity(cache->bytesMax());
    std::vector<NeuronId> all;
    for (uint32_t i = 0; i < kNeurons; ++i) all.push_back(NeuronId(i));
    EXPECT_EQ(residentBytes(*cache, kLayers, kLayerBytes), 0U);
    cache->beginToken();
    for (uint32_t layer = 0; layer < kLayers; ++layer) {
        for (const CacheMiss& miss : cache->acquire(LayerId(layer), all).misses) {
            std::memset(cache->slotData(LayerId(layer), miss.slot), 1, kSlot);
        }
        cache->endLayer(LayerId(layer));
    }
    EXPECT_EQ(residentBytes(*cache, kLayers, kLayerBytes), kLayers * kLayerBytes);
    EXPECT_EQ(cache->usedBytes(), kLayers * kLayerBytes);

    const uint64_t less = 5 * kPage * kLayers;
    cache->setCapacity(less);
    EXPECT_LE(cache->capacityBytes(), less);
    EXPECT_LE(residentBytes(*cache, kLayers, kLayerBytes), less);
    EXPECT_EQ(residentBytes(*cache, kLayers, kLayerBytes), cache->usedBytes());

    cache->setWindow(1);  // one neuron stays: the rest of the pages is idle and given back
    cache->beginToken();
    for (uint32_t layer = 0; layer < kLayers; ++layer) {
        (void)cache->acquire(LayerId(layer), std::span(all).last(1));
        cache->endLayer(LayerId(layer));
    }
    EXPECT_EQ(cache->usedBytes(), uint64_t{kLayers} * kPage);
    EXPECT_LE(residentBytes(*cache, kLayers, kLayerBytes), uint64_t{kLayers} * kPage);
    cache->clear();
    EXPECT_EQ(residentBytes(*cache, kLayers, kLayerBytes), 0U);
}

}  // namespace
}  // namespace glowworm
