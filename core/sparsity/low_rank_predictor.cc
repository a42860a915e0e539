// SPDX-License-Identifier: Apache-2.0
#include "core/sparsity/low_rank_predictor.h"

#include <algorithm>
#include <string>

#include "core/base/check.h"

namespace glowworm {

Result<std::unique_ptr<Predictor>> LowRankPredictor::create(const ModelConfig& config,
                                                            PredictorFile file,
                                                            const ResidentTensors& resident) {
    std::unique_ptr<LowRankPredictor> made(new LowRankPredictor(config, std::move(file)));
    size_t rank_max = 0;
    for (uint32_t l = 0; l < config.layers; ++l) {
        Layer layer;
        ASSIGN_OR_RETURN(layer.reduce, made->file_.matrix(LayerId(l), PredictorRole::kReduce, 0,
                                                          config.hidden));
        ASSIGN_OR_RETURN(layer.expand,
                         made->file_.matrix(LayerId(l), PredictorRole::kExpand, config.ff_width,
                                            layer.reduce.rows));
        const std::string bias = "layers." + std::to_string(l) + ".up.bias";
        if (!config.gated && resident.has(bias)) {
            ASSIGN_OR_RETURN(const auto values, resident.vector(bias, config.ff_width));
            layer.bias = values.data();
        }
        rank_max = std::max(rank_max, layer.reduce.rows);
        made->layers_.push_back(layer);
    }
    made->reduced_.resize(rank_max);
    made->quantised_.resize(InputRows::bytesNeeded(1, rank_max));
    return made;
}

void LowRankPredictor::score(LayerId layer, const InputRows& x, size_t token, float* out,
                             ThreadPool& pool) {
    CHECK(x.n_tokens == 1 && token == 0);
    const Layer& w = layers_[layer.value()];
    matmul(w.reduce, nullptr, x, reduced_.data(), pool);
    InputRows reduced{reduced_.data(), 1, w.reduce.rows, quantised_.data()};
    reduced.prepare(pool);
    matmul(w.expand, w.bias, reduced, out, pool);
}

}  // namespace glowworm
