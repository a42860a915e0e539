// SPDX-License-Identifier: Apache-2.0
#include "core/train/neuron_order.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <tuple>

namespace glowworm {

namespace {

struct Pair {
    uint32_t a, b, together;
};

// Paths under construction: each neuron's neighbours, and which path it belongs to.
class Paths {
  public:
    explicit Paths(uint32_t neurons)
        : neighbours_(neurons, {kNone, kNone}), root_(neurons) {
        std::iota(root_.begin(), root_.end(), 0U);
    }

    void join(uint32_t a, uint32_t b) {
        if (!isEnd(a) || !isEnd(b) || find(a) == find(b)) return;
        link(a, b);
        link(b, a);
        root_[find(a)] = find(b);
    }
    [[nodiscard]] bool isEnd(uint32_t n) const { return neighbours_[n][1] == kNone; }

    // The path from one of its ends.
    [[nodiscard]] std::vector<uint32_t> walk(uint32_t end) const {
        std::vector<uint32_t> path = {end};
        uint32_t before = kNone, at = end;
        while (true) {
            uint32_t next = neighbours_[at][0];
            if (next == before || next == kNone) next = neighbours_[at][1];
            if (next == before || next == kNone) return path;
            before = at;
            at = next;
            path.push_back(at);
        }
    }

  private:
    static constexpr uint32_t kNone = UINT32_MAX;
    uint32_t find(uint32_t n) {
        while (root_[n] != n) n = root_[n] = root_[root_[n]];
        return n;
    }
    void link(uint32_t from, uint32_t to) {
        neighbours_[from][neighbours_[from][0] == kNone ? 0 : 1] = to;
    }
    std::vector<std::array<uint32_t, 2>> neighbours_;
    std::vector<uint32_t> root_;
};

std::vector<Pair> pairsFromTheClosest(const Coactivation& c) {
    std::vector<Pair> pairs;
    for (uint32_t a = 0; a < c.neurons(); ++a) {
        for (const Friend& f : c.friends(a)) {
            pairs.push_back({std::min(a, f.neuron), std::max(a, f.neuron), f.together});
        }
    }
    const auto key = [](const Pair& p) { return std::tuple(~p.together, p.a, p.b); };
    std::ranges::sort(pairs, {}, key);
    const auto same = std::ranges::unique(pairs, {}, key);
    pairs.erase(same.begin(), same.end());
    return pairs;
}

double heat(const Coactivation& c, const std::vector<uint32_t>& path) {
    double sum = 0;
    for (const uint32_t n : path) sum += c.fired(n);
    return sum / static_cast<double>(path.size());
}

}  // namespace

std::vector<uint32_t> greedyOrder(const Coactivation& c) {
    Paths paths(c.neurons());
    for (const Pair& pair : pairsFromTheClosest(c)) paths.join(pair.a, pair.b);
    std::vector<std::vector<uint32_t>> walks;
    std::vector<bool> placed(c.neurons());
    for (uint32_t n = 0; n < c.neurons(); ++n) {
        if (placed[n] || !paths.isEnd(n) || c.fired(n) == 0) continue;
        walks.push_back(paths.walk(n));
        for (const uint32_t m : walks.back()) placed[m] = true;
    }
    std::ranges::stable_sort(walks, std::ranges::greater(),
                             [&](const auto& walk) { return heat(c, walk); });
    std::vector<uint32_t> line;  // physical -> logical
    for (std::vector<uint32_t>& walk : walks) {
        const bool turned = !line.empty() && c.together(line.back(), walk.back()) >
                                                 c.together(line.back(), walk.front());
        if (turned) std::ranges::reverse(walk);
        line.insert(line.end(), walk.begin(), walk.end());
    }
    for (uint32_t n = 0; n < c.neurons(); ++n) {
        if (!placed[n]) line.push_back(n);
    }
    std::vector<uint32_t> order(c.neurons());
    for (uint32_t p = 0; p < line.size(); ++p) order[line[p]] = p;
    return order;
}

}  // namespace glowworm
