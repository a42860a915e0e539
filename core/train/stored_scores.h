// SPDX-License-Identifier: Apache-2.0
// What a predictor will say: products with matrices as they will be stored, so that what their
// types lose is part of every figure. Worker thread only.
#pragma once

#include <cstdint>
#include <vector>

#include "core/kernels/kernels.h"
#include "core/train/low_rank_fit.h"

namespace glowworm {

// y[tokens, rows] = x W^T (+ bias unless null), W [rows, cols] stored as `dtype`.
void projectStored(Dtype dtype, const float* w, size_t rows, size_t cols, const float* bias,
                   const float* x, uint32_t tokens, std::vector<float>& y, ThreadPool& pool);

// scores[tokens, neurons] of a low-rank predictor on x [tokens, hidden]; `bias` [neurons] or null.
void lowRankScores(const LowRankFactors& factors, Dtype dtype, const float* bias, const float* x,
                   uint32_t tokens, uint32_t hidden, std::vector<float>& scores, ThreadPool& pool);

}  // namespace glowworm
