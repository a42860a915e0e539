// SPDX-License-Identifier: Apache-2.0
// Trains the two factors of a low-rank predictor (LLM in a Flash, section 3.1; Deja Vu,
// arXiv 2310.17157) to tell the neurons that fire from those that do not: logistic loss in which
// a layer's firings weigh as much as its silence, and a firing more the more it contributes; Adam,
// on the processor. The factors are rounded to their stored type in every step (straight-through),
// so that few bits are part of what is learned. training.md beside this file says what was tried.
// Worker thread only.
#pragma once

#include <cstdint>
#include <functional>

#include "core/base/controls.h"
#include "core/base/error.h"
#include "core/base/thread_pool.h"
#include "core/train/layer_truth.h"
#include "core/train/low_rank_fit.h"

namespace glowworm {

struct TrainingOptions {
    Dtype dtype = Dtype::kQ8_0;  // of the stored factors
    uint32_t epochs = 10;        // passes over the tokens
    // Told before every step how much of that is done (0..1); answers how much of what is allowed
    // is over (of the time, say). Training slows down towards 1 and ends there.
    std::function<double(double done)> pace;
};

// Starts from `start` (an SVD) and goes through x [tokens, hidden] and the truth about it. Scores
// stay in the units of the start: expand (reduce x) + bias, `threshold` where the start drew its
// line. `bias` [neurons] (of the up matrix, where the block is not gated) or null is not trained:
// one for each neuron brought nothing. kCancelled between two steps.
Result<LowRankFactors> trainLowRank(const LowRankFactors& start, const float* bias,
                                    float threshold, const TrainingOptions& options,
                                    const float* x, uint32_t tokens, uint32_t hidden,
                                    const LayerTruth& truth, ThreadPool& pool,
                                    const StopFlag& stop);

}  // namespace glowworm
