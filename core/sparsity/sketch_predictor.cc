// SPDX-License-Identifier: Apache-2.0
#include "core/sparsity/sketch_predictor.h"

#include "core/base/check.h"

namespace glowworm {

Result<std::unique_ptr<Predictor>> SketchPredictor::create(const ModelConfig& config,
                                                           PredictorFile file,
                                                           const ResidentTensors& resident) {
    std::unique_ptr<SketchPredictor> made(new SketchPredictor(config, std::move(file)));
    for (uint32_t l = 0; l < config.layers; ++l) {
        ASSIGN_OR_RETURN(const auto rows, ContributionRows::open(config, LayerId(l), made->file_,
                                                                 resident));
        made->layers_.push_back(rows);
    }
    return made;
}

void SketchPredictor::score(LayerId layer, const InputRows& x, size_t token, float* out,
                            ThreadPool& pool) {
    CHECK(token == 0);
    layers_[layer.value()].score(config_, x, up_.data(), out, out, pool);
}

}  // namespace glowworm
