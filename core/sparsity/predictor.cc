// SPDX-License-Identifier: Apache-2.0
#include "core/sparsity/predictor.h"

namespace glowworm {

void Predictor::predict(LayerId layer, const InputRows& x, size_t token, ActiveSet& out,
                        ThreadPool& pool) {
    score(layer, x, token, scores_.data(), pool);
    const float least = threshold(layer);
    out.neurons.clear();
    for (uint32_t n = 0; n < scores_.size(); ++n) {
        if (scores_[n] > least) out.neurons.push_back(NeuronId(n));
    }
}

}  // namespace glowworm
