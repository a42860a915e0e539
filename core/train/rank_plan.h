// SPDX-License-Identifier: Apache-2.0
// How a predictor's bytes are shared among the layers: where they save most. LLM in a Flash gives
// the last four layers eight times the rank of the others (section 4); here what a rank is worth is
// measured layer by layer, and the layers that are hard to foretell get more of the same total.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/bundle/manifest.h"
#include "core/kernels/dtype.h"

namespace glowworm {

struct RankOption {
    uint32_t rank = 0;
    Dtype dtype = Dtype::kQ8_0;
    uint64_t bytes = 0;
    double cost = 0;  // what is paid for that few bytes: false positives, say
};

// The rank that a layer has in a predictor made at import: grows with the model, twice as much in
// the last quarter of the layers. Whole blocks of 32 where the factors are quantised.
uint32_t usualRank(const ModelConfig& config, uint32_t layer);
// The factors' type there: Q8_0, or F16 where rows are no whole blocks.
Dtype usualFactorDtype(const ModelConfig& config);
uint64_t factorBytes(const ModelConfig& config, uint32_t rank, Dtype dtype);

// The ranks and types that may be worth a trial for a layer, cost still 0, by ascending bytes.
std::vector<RankOption> rankOptions(const ModelConfig& config);

// For each layer the option to take, by index: the least total cost that a greedy walk along each
// layer's lower convex hull (bytes, cost) finds within `bytes_max` together. Where not even the
// smallest options fit, these are taken.
std::vector<size_t> chooseRanks(std::span<const std::vector<RankOption>> layers,
                                uint64_t bytes_max);

}  // namespace glowworm
