// SPDX-License-Identifier: Apache-2.0
// Random traces, with windows and capacities that change between tokens, against a model of a few
// lines that keeps a plain list by recency.
#include <algorithm>
#include <cstring>
#include <list>
#include <random>
#include <set>
#include <vector>

#include <gtest/gtest.h>

#include "core/cache/neuron_cache.h"

namespace glowworm {
namespace {

constexpr uint32_t kLayers = 3;
constexpr uint32_t kNeurons = 40;
constexpr uint32_t kSlotBytes = 1536;

// One layer: (neuron, token of its last activity), oldest first.
struct NaiveLayer {
    struct Entry {
        uint32_t neuron, token;
    };
    std::list<Entry> entries;
    uint32_t quota = 0;

    auto find(uint32_t neuron) {
        return std::ranges::find_if(entries, [&](const Entry& e) { return e.neuron == neuron; });
    }
    // The misses of a batch.
    std::vector<uint32_t> acquire(std::span<const NeuronId> batch, uint32_t now, uint32_t window) {
        std::vector<uint32_t> misses;
        for (const NeuronId id : batch) {
            const auto it = find(id.value());
            if (it == entries.end()) {
                misses.push_back(id.value());
            } else {
                if (it->token == now) continue;
                entries.erase(it);
                entries.push_back({id.value(), now});
            }
        }
        for (const uint32_t neuron : misses) {
            const bool expired = window > 0 && !entries.empty() &&
                                 now - entries.front().token >= window;
            if (entries.size() == quota || expired) entries.pop_front();
            entries.push_back({neuron, now});
        }
        return misses;
    }
    void expire(uint32_t now, uint32_t window) {
        while (window > 0 && !entries.empty() && now - entries.front().token >= window) {
            entries.pop_front();
        }
    }
    void shrink(uint32_t new_quota) {
        quota = new_quota;
        while (entries.size() > quota) entries.pop_front();
    }
};

class Pair {
  public:
    explicit Pair(uint64_t seed)
        : random_(seed),
          cache_(*NeuronCache::create({.layers = kLayers, .neurons = kNeurons,
                                       .slot_bytes = kSlotBytes, .weights = {1.0F, 3.0F, 0.5F},
                                       .slots_min = 2})),
          naive_(kLayers) {
        resize();
    }

    void step() {
        if (pick(0, 9) == 0) resize();
        if (pick(0, 9) == 0) cache_.setWindow(window_ = pick(0, 6));
        cache_.beginToken();
        ++now_;
        expected_loaded_ = 0;
        for (uint32_t layer = 0; layer < kLayers; ++layer) runLayer(LayerId(layer));
        EXPECT_EQ(cache_.counters().loaded, expected_loaded_);
        EXPECT_EQ(cache_.counters().misses, expected_loaded_);
        EXPECT_LE(cache_.usedBytes(), cache_.capacityBytes());
    }

  private:
    uint32_t pick(uint32_t first, uint32_t last) {
        return std::uniform_int_distribution<uint32_t>(first, last)(random_);
    }
    void resize() {
        const uint64_t bytes = pick(static_cast<uint32_t>(cache_.bytesMin()),
                                    static_cast<uint32_t>(cache_.bytesMax()));
        cache_.setCapacity(bytes);
        EXPECT_LE(cache_.capacityBytes(), bytes);
        for (uint32_t i = 0; i < kLayers; ++i) naive_[i].shrink(cache_.quota(LayerId(i)));
    }
    // Neighbours of a wandering centre, so that there are hits.
    std::vector<NeuronId> someNeurons() {
        std::set<NeuronId> set;
        centre_ = (centre_ + pick(0, 3)) % kNeurons;
        const uint32_t count = pick(0, 14);
        for (uint32_t i = 0; i < count; ++i) {
            set.insert(NeuronId((centre_ + pick(0, 15)) % kNeurons));
        }
        return {set.begin(), set.end()};
    }
    void fill(LayerId layer, const CacheMiss& miss) {
        std::byte* data = cache_.slotData(layer, miss.slot);
        std::memset(data, static_cast<int>(miss.neuron.value() + layer.value() * 64), kSlotBytes);
    }
    void checkContents(LayerId layer, NeuronId neuron, SlotId slot) {
        const std::byte* data = cache_.slotData(layer, slot);
        const auto wanted = std::byte(neuron.value() + layer.value() * 64);
        ASSERT_TRUE(std::all_of(data, data + kSlotBytes, [&](std::byte b) { return b == wanted; }))
            << "neuron " << neuron.value() << " token " << now_;
    }
    void runLayer(LayerId layer) {
        NaiveLayer& naive = naive_[layer.value()];
        const std::vector<NeuronId> active = someNeurons();
        for (size_t done = 0; done < active.size();) {
            const CacheBatch batch = cache_.acquire(layer, std::span(active).subspan(done));
            ASSERT_EQ(batch.slots.size(), std::min<size_t>(active.size() - done, naive.quota));
            const auto part = std::span(active).subspan(done, batch.slots.size());
            std::vector<uint32_t> misses;
            for (const CacheMiss& miss : batch.misses) {
                misses.push_back(miss.neuron.value());
                fill(layer, miss);
            }
            ASSERT_EQ(misses, naive.acquire(part, now_, window_)) << "token " << now_;
            expected_loaded_ += misses.size();
            std::set<SlotId> distinct(batch.slots.begin(), batch.slots.end());
            ASSERT_EQ(distinct.size(), batch.slots.size());
            for (size_t i = 0; i < part.size(); ++i) checkContents(layer, part[i], batch.slots[i]);
            done += batch.slots.size();
        }
        cache_.endLayer(layer);
        naive.expire(now_, window_);
        ASSERT_EQ(cache_.used(layer), naive.entries.size()) << "token " << now_;
        for (const auto& entry : naive.entries) {
            ASSERT_TRUE(cache_.contains(layer, NeuronId(entry.neuron))) << "token " << now_;
        }
    }

    std::mt19937_64 random_;
    NeuronCache cache_;
    std::vector<NaiveLayer> naive_;
    uint32_t window_ = kWindowAuto;
    uint32_t now_ = 0;
    uint32_t centre_ = 0;
    uint64_t expected_loaded_ = 0;
};

TEST(NeuronCacheModelTest, RandomTracesAgree) {
    for (uint64_t seed = 1; seed <= 20; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Pair pair(seed);
        for (int i = 0; i < 150 && !testing::Test::HasFailure(); ++i) pair.step();
    }
}

}  // namespace
}  // namespace glowworm
