// SPDX-License-Identifier: Apache-2.0
#include "core/train/rank_plan.h"

#include <algorithm>

#include "core/base/check.h"

namespace glowworm {

namespace {

constexpr uint32_t kRankMax = 256;     // at import
constexpr uint32_t kRankTriedMax = 512;
constexpr uint32_t kBlock = 32;

// Indices of the options on the lower convex hull, by ascending bytes and falling cost.
std::vector<size_t> hull(const std::vector<RankOption>& options) {
    CHECK(!options.empty());
    std::vector<size_t> order(options.size());
    for (size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::ranges::sort(order, {}, [&](size_t i) {
        return std::pair(options[i].bytes, options[i].cost);
    });
    const auto slope = [&](size_t a, size_t b) {  // cost saved a byte from a to b
        return (options[a].cost - options[b].cost) /
               static_cast<double>(options[b].bytes - options[a].bytes);
    };
    std::vector<size_t> kept;
    for (const size_t i : order) {
        if (!kept.empty() && options[i].cost >= options[kept.back()].cost) continue;
        if (!kept.empty() && options[i].bytes == options[kept.back()].bytes) continue;
        while (kept.size() >= 2 &&
               slope(kept[kept.size() - 2], kept.back()) <= slope(kept.back(), i)) {
            kept.pop_back();
        }
        kept.push_back(i);
    }
    return kept;
}

}  // namespace

uint32_t usualRank(const ModelConfig& config, uint32_t layer) {
    const uint32_t base = std::clamp(config.hidden / 8 / kBlock * kBlock, kBlock, kRankMax / 2);
    const uint32_t rank = layer >= config.layers - config.layers / 4 ? base * 2 : base;
    return std::min(rank, config.hidden < kBlock ? config.hidden
                                                 : config.hidden / kBlock * kBlock);
}

Dtype usualFactorDtype(const ModelConfig& config) {
    return config.hidden % kBlock == 0 ? Dtype::kQ8_0 : Dtype::kF16;
}

uint64_t factorBytes(const ModelConfig& config, uint32_t rank, Dtype dtype) {
    return rank * rowBytes(dtype, config.hidden) + config.ff_width * rowBytes(dtype, rank);
}

std::vector<RankOption> rankOptions(const ModelConfig& config) {
    std::vector<RankOption> options;
    if (usualFactorDtype(config) == Dtype::kF16) {
        const uint32_t rank = usualRank(config, 0);
        options.push_back({rank, Dtype::kF16, factorBytes(config, rank, Dtype::kF16), 0});
        return options;
    }
    const uint32_t most = std::min(config.hidden / kBlock * kBlock, kRankTriedMax);
    const uint32_t unit = std::max(usualRank(config, 0) / 2 / kBlock * kBlock, kBlock);
    for (const uint32_t times : {1U, 2U, 3U, 4U, 6U, 8U, 12U, 16U}) {
        const uint32_t rank = unit * times;
        if (rank > most) break;
        for (const Dtype dtype : {Dtype::kQ4_0, Dtype::kQ8_0}) {
            options.push_back({rank, dtype, factorBytes(config, rank, dtype), 0});
        }
    }
    std::ranges::sort(options, {}, &RankOption::bytes);
    return options;
}

std::vector<size_t> chooseRanks(std::span<const std::vector<RankOption>> layers,
                                uint64_t bytes_max) {
    std::vector<std::vector<size_t>> hulls;
    std::vector<size_t> at(layers.size(), 0);
    uint64_t bytes = 0;
    for (const auto& options : layers) {
        hulls.push_back(hull(options));
        bytes += options[hulls.back().front()].bytes;
    }
    while (true) {
        double best_gain = 0;
        size_t best_layer = layers.size();
        for (size_t l = 0; l < layers.size(); ++l) {
            if (at[l] + 1 >= hulls[l].size()) continue;
            const RankOption& now = layers[l][hulls[l][at[l]]];
            const RankOption& next = layers[l][hulls[l][at[l] + 1]];
            if (bytes - now.bytes + next.bytes > bytes_max) continue;
            const double gain =
                (now.cost - next.cost) / static_cast<double>(next.bytes - now.bytes);
            if (gain > best_gain) {
                best_gain = gain;
                best_layer = l;
            }
        }
        if (best_layer == layers.size()) break;
        bytes -= layers[best_layer][hulls[best_layer][at[best_layer]]].bytes;
        ++at[best_layer];
        bytes += layers[best_layer][hulls[best_layer][at[best_layer]]].bytes;
    }
    std::vector<size_t> chosen;
    for (size_t l = 0; l < layers.size(); ++l) chosen.push_back(hulls[l][at[l]]);
    return chosen;
}

}  // namespace glowworm
