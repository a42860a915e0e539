// SPDX-License-Identifier: Apache-2.0
// The best rank-r stand-in for a matrix on the inputs it really sees: a truncated SVD of its
// outputs over the calibration text (training-free as SVDP, arXiv 2603.14110, weighted by data).
#pragma once

#include <cstdint>
#include <vector>

#include "core/base/thread_pool.h"

namespace glowworm {

struct LowRankFactors {
    uint32_t rank = 0;
    std::vector<float> reduce;  // [rank, hidden]
    std::vector<float> expand;  // [ff_width, rank]
};

// The first `rank` directions of a fit of a larger rank: the best of that rank, as nearly.
LowRankFactors truncated(const LowRankFactors& factors, uint32_t rank);

// For W [ff_width, hidden] and inputs X [tokens, hidden]: E = the leading eigenvectors of
// W (X^T X / n + ridge) W^T, found by subspace iteration from a seeded start, and R = E^T W, so
// that E R x is W x projected on the outputs' main directions. The ridge (1 % of the mean input
// power) keeps directions alive that a short text does not show.
LowRankFactors fitLowRank(const float* w, uint32_t ff_width, uint32_t hidden, const float* x,
                          uint32_t tokens, uint32_t rank, ThreadPool& pool);

}  // namespace glowworm
