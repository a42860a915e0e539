// SPDX-License-Identifier: Apache-2.0
#include "core/sparsity/sketch_predictor.h"

#include <cmath>
#include <string>

#include "core/base/check.h"
#include "core/sparsity/activation.h"

namespace glowworm {

Result<std::unique_ptr<Predictor>> SketchPredictor::create(const ModelConfig& config,
                                                           PredictorFile file,
                                                           const ResidentTensors& resident) {
    std::unique_ptr<SketchPredictor> made(new SketchPredictor(config, std::move(file)));
    for (uint32_t l = 0; l < config.layers; ++l) {
        const std::string at = "layers." + std::to_string(l) + ".";
        Layer layer;
        ASSIGN_OR_RETURN(layer.up, made->file_.matrix(LayerId(l), PredictorRole::kUpRows,
                                                      config.ff_width, config.hidden));
        if (config.gated) {
            ASSIGN_OR_RETURN(layer.gate, made->file_.matrix(LayerId(l), PredictorRole::kGateRows,
                                                            config.ff_width, config.hidden));
        }
        ASSIGN_OR_RETURN(const auto norms, resident.vector(at + "down_norm", config.ff_width));
        layer.down_norm = norms.data();
        if (resident.has(at + "up.bias")) {
            ASSIGN_OR_RETURN(const auto bias, resident.vector(at + "up.bias", config.ff_width));
            layer.up_bias = bias.data();
        }
        made->layers_.push_back(layer);
    }
    return made;
}

void SketchPredictor::score(LayerId layer, const InputRows& x, size_t token, float* out,
                            ThreadPool& pool) {
    CHECK(x.n_tokens == 1 && token == 0);
    const Layer& w = layers_[layer.value()];
    const bool gated = w.gate.data != nullptr;
    matmul(w.up, w.up_bias, x, gated ? up_.data() : out, pool);
    if (gated) matmul(w.gate, nullptr, x, out, pool);
    activateNeurons(config_, out, gated ? up_.data() : nullptr, up_.size());
    for (size_t n = 0; n < up_.size(); ++n) out[n] = std::abs(out[n]) * w.down_norm[n];
}

}  // namespace glowworm
