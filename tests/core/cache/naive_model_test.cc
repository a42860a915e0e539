// SPDX-License-Identifier: Apache-2.0
// Random traces, with windows and capacities that change between tokens, guesses ahead and prompts,
// against a model of a few lines that keeps a plain list by recency and looks through all of it for
// who leaves.
#include <algorithm>
#include <cmath>
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
    std::set<uint32_t> held;
    float sums[kNeurons] = {};  // of firings, here or not, each half the next 64 tokens later
    uint32_t quota = 0;
    uint32_t now = 0, window = 0;
    bool by_age = false;

    auto find(uint32_t neuron) {
        return std::ranges::find_if(entries, [&](const Entry& e) { return e.neuron == neuron; });
    }
    [[nodiscard]] bool full() const { return entries.size() + held.size() == quota; }
    [[nodiscard]] bool expired() const {
        return window > 0 && !entries.empty() && now - entries.front().token >= window;
    }
    void fire(uint32_t neuron) { sums[neuron] += static_cast<float>(std::exp2(now / 64.0)); }
    // The first to leave of those that may: by age, or the lowest sum.
    template <typename May>
    auto nextToLeave(May may) {
        auto next = entries.end();
        for (auto it = entries.begin(); it != entries.end(); ++it) {
            if (!may(*it)) continue;
            const auto rank = [&](auto entry) {
                return std::pair(sums[entry->neuron], entry->neuron);
            };
            const bool first = next == entries.end();
            if (first || (!by_age && window == 0 && rank(it) < rank(next))) next = it;
        }
        return next;
    }
    void prefetch(std::span<const NeuronId> guess) {
        const std::set<NeuronId> guessed(guess.begin(), guess.end());
        for (const NeuronId id : guess) {
            if (held.size() >= quota / 2) break;
            if (find(id.value()) != entries.end()) continue;
            const bool room = !full();
            if (!room || expired()) {
                const auto next = nextToLeave([&](const Entry& e) {
                    return e.token + 2 <= now && !guessed.contains(NeuronId(e.neuron));
                });
                if (next == entries.end() && !room) break;
                if (next != entries.end()) entries.erase(next);
            }
            held.insert(id.value());
        }
    }
    void settle() {
        const auto old = std::ranges::find_if(entries, [](const Entry& e) { return e.token > 0; });
        for (const uint32_t neuron : held) entries.insert(old, {neuron, 0});
        held.clear();
    }
    // The misses of a batch.
    std::vector<uint32_t> acquire(std::span<const NeuronId> batch) {
        std::vector<uint32_t> misses, newcomers;
        for (const NeuronId id : batch) {
            fire(id.value());
            const auto it = find(id.value());
            if (it != entries.end()) {
                entries.erase(it);
                entries.push_back({id.value(), now});
                continue;
            }
            misses.push_back(id.value());
            if (held.erase(id.value()) > 0) {
                entries.push_back({id.value(), now});
            } else {
                newcomers.push_back(id.value());
            }
        }
        for (const uint32_t neuron : newcomers) {
            if (full() || expired()) {
                const auto next = nextToLeave([this](const Entry& e) { return e.token < now; });
                entries.erase(next == entries.end() ? entries.begin() : next);
            }
            entries.push_back({neuron, now});
        }
        return misses;
    }
    // Of a prompt's last tokens; answers whether it entered.
    bool insert(uint32_t neuron) {
        fire(neuron);
        const auto it = find(neuron);
        if (it != entries.end()) {
            if (it->token < now) entries.splice(entries.end(), entries, it);
            it->token = now;
            return false;
        }
        if (full() || expired()) {
            const auto next = nextToLeave([this](const Entry& e) { return e.token < now; });
            if (next == entries.end()) return false;
            if (!by_age && window == 0 && sums[next->neuron] > sums[neuron]) return false;
            entries.erase(next);
        }
        entries.push_back({neuron, now});
        return true;
    }
    void expire() {
        while (expired()) entries.pop_front();
    }
    void shrink(uint32_t new_quota) {
        quota = new_quota;
        while (entries.size() > quota) {
            entries.erase(nextToLeave([](const Entry&) { return true; }));
        }
    }
};

class Pair {
  public:
    Pair(uint64_t seed, EvictionOrder order)
        : random_(seed),
          cache_(*NeuronCache::create({.layers = kLayers, .neurons = kNeurons,
                                       .slot_bytes = kSlotBytes, .weights = {1.0F, 3.0F, 0.5F},
                                       .slots_min = 2, .eviction = order})),
          naive_(kLayers) {
        for (NaiveLayer& layer : naive_) layer.by_age = order == EvictionOrder::kRecency;
        resize();
    }

    void step() {
        if (pick(0, 9) == 0) resize();
        if (pick(0, 9) == 0) setWindow(pick(0, 3) == 0 ? pick(1, 6) : kWindowAuto);
        const bool prompt = pick(0, 19) == 0;
        const uint32_t tokens = prompt ? pick(1, 30) : 1;
        cache_.beginToken(tokens);
        for (NaiveLayer& layer : naive_) layer.now += tokens;
        expected_loaded_ = expected_misses_ = 0;
        for (uint32_t layer = 0; layer < kLayers && !testing::Test::HasFailure(); ++layer) {
            prompt ? insertLayer(LayerId(layer)) : runLayer(LayerId(layer));
            endLayer(LayerId(layer));
        }
        EXPECT_EQ(cache_.counters().loaded, expected_loaded_);
        EXPECT_EQ(cache_.counters().misses, expected_misses_);
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
    void setWindow(uint32_t window) {
        cache_.setWindow(window);
        for (NaiveLayer& layer : naive_) layer.window = window;
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
    static void fill(std::byte* data, LayerId layer, NeuronId neuron) {
        std::memset(data, static_cast<int>(neuron.value() + layer.value() * 64), kSlotBytes);
    }
    void checkContents(LayerId layer, NeuronId neuron) {
        const std::byte* data = cache_.find(layer, neuron);
        ASSERT_NE(data, nullptr);
        const auto wanted = std::byte(neuron.value() + layer.value() * 64);
        ASSERT_TRUE(std::all_of(data, data + kSlotBytes, [&](std::byte b) { return b == wanted; }))
            << "neuron " << neuron.value();
    }
    void guess(LayerId layer, std::span<const NeuronId> active) {
        // Some of what will be active, and others.
        std::set<NeuronId> guess;
        for (const NeuronId id : active) {
            if (pick(0, 1) == 0) guess.insert(id);
        }
        for (uint32_t i = pick(0, 4); i > 0; --i) guess.insert(NeuronId(pick(0, kNeurons - 1)));
        const std::vector<NeuronId> asked(guess.begin(), guess.end());
        std::vector<uint32_t> got;
        for (const CacheMiss& ahead : cache_.prefetch(layer, asked)) {
            got.push_back(ahead.neuron.value());
            guessed_.push_back(ahead.neuron);
            fill(cache_.slotData(layer, ahead.slot), layer, ahead.neuron);
        }
        naive_[layer.value()].prefetch(asked);
        const auto& held = naive_[layer.value()].held;
        ASSERT_EQ(got, std::vector(held.begin(), held.end()));
        expected_loaded_ += got.size();
    }
    void runLayer(LayerId layer) {
        NaiveLayer& naive = naive_[layer.value()];
        const std::vector<NeuronId> active = someNeurons();
        if (pick(0, 2) == 0) guess(layer, active);
        for (size_t done = 0; done < active.size();) {
            const size_t room = naive.quota - naive.held.size();
            const CacheBatch batch = cache_.acquire(layer, std::span(active).subspan(done));
            ASSERT_EQ(batch.slots.size(), std::min<size_t>(active.size() - done, room));
            const auto part = std::span(active).subspan(done, batch.slots.size());
            std::vector<uint32_t> misses;
            for (const CacheMiss& miss : batch.misses) {
                misses.push_back(miss.neuron.value());
                expected_loaded_ += miss.ahead ? 0 : 1;
                if (!miss.ahead) fill(cache_.slotData(layer, miss.slot), layer, miss.neuron);
            }
            ASSERT_EQ(misses, naive.acquire(part));
            expected_misses_ += misses.size();
            std::set<SlotId> distinct(batch.slots.begin(), batch.slots.end());
            ASSERT_EQ(distinct.size(), batch.slots.size());
            for (const NeuronId neuron : part) checkContents(layer, neuron);
            done += batch.slots.size();
        }
        cache_.settle(layer, guessed_, {});
        guessed_.clear();
        naive.settle();
    }
    void insertLayer(LayerId layer) {
        for (const NeuronId neuron : someNeurons()) {
            std::byte* slot = cache_.insert(layer, neuron);
            ASSERT_EQ(slot != nullptr, naive_[layer.value()].insert(neuron.value()));
            if (slot == nullptr) continue;
            fill(slot, layer, neuron);
            ++expected_loaded_;
        }
    }
    void endLayer(LayerId layer) {
        NaiveLayer& naive = naive_[layer.value()];
        cache_.endLayer(layer);
        naive.expire();
        ASSERT_EQ(cache_.used(layer), naive.entries.size());
        for (const auto& entry : naive.entries) checkContents(layer, NeuronId(entry.neuron));
    }

    std::mt19937_64 random_;
    NeuronCache cache_;
    std::vector<NaiveLayer> naive_;
    uint32_t centre_ = 0;
    std::vector<NeuronId> guessed_;
    uint64_t expected_loaded_ = 0, expected_misses_ = 0;
};

class NeuronCacheModelTest : public testing::TestWithParam<EvictionOrder> {};

TEST_P(NeuronCacheModelTest, RandomTracesAgree) {
    for (uint64_t seed = 1; seed <= 20; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Pair pair(seed, GetParam());
        for (int i = 0; i < 150 && !testing::Test::HasFailure(); ++i) {
            SCOPED_TRACE("step " + std::to_string(i));
            pair.step();
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Orders, NeuronCacheModelTest,
                         testing::Values(EvictionOrder::kFrequency, EvictionOrder::kRecency));

}  // namespace
}  // namespace glowworm
