// SPDX-License-Identifier: Apache-2.0
#include "core/sparsity/shadow_predictor.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "core/base/check.h"

namespace glowworm {

ShadowPredictor::ShadowPredictor(const ModelConfig& config, std::string kind, PredictorFile file)
    : Predictor(config.layers, config.ff_width),
      kind_(std::move(kind)),
      file_(std::move(file)),
      config_(config),
      up_(config.ff_width),
      quantised_(InputRows::bytesNeeded(1, config.ff_width)) {
    for (Scored& scored : scored_) scored.values.resize(config.ff_width);
}

Result<ShadowPredictor::Layer> ShadowPredictor::openLayer(LayerId id,
                                                          const ResidentTensors& resident) const {
    Layer layer;
    ASSIGN_OR_RETURN(layer.rows, ContributionRows::open(config_, id, file_, resident));
    ASSIGN_OR_RETURN(layer.down, file_.matrix(id, PredictorRole::kDownRows, config_.hidden,
                                              config_.ff_width));
    ASSIGN_OR_RETURN(const MatrixView lines,
                     file_.matrix(id, PredictorRole::kScoreLines, 1, kScoreLines));
    if (lines.dtype != Dtype::kF32) {
        return fail(ErrorCode::kInvalidFile,
                    "the shadow's scores are no F32 numbers; calibrate the model again");
    }
    layer.lines = reinterpret_cast<const float*>(lines.data);
    return layer;
}

Dtype shadowDtype(uint32_t bits) {
    CHECK(bits >= 2 && bits <= 4);
    return bits == 2 ? Dtype::kS2 : bits == 3 ? Dtype::kS3 : Dtype::kS4;
}

std::string shadowKind(uint32_t bits) { return "shadow-" + std::to_string(bits); }

Result<std::unique_ptr<Predictor>> ShadowPredictor::create(const ModelConfig& config,
                                                           std::string kind, PredictorFile file,
                                                           const ResidentTensors& resident) {
    std::unique_ptr<ShadowPredictor> made(
        new ShadowPredictor(config, std::move(kind), std::move(file)));
    for (uint32_t l = 0; l < config.layers; ++l) {
        ASSIGN_OR_RETURN(auto layer, made->openLayer(LayerId(l), resident));
        made->layers_.push_back(layer);
    }
    return made;
}

void ShadowPredictor::score(LayerId layer, const InputRows& x, size_t token, float* out,
                            ThreadPool& pool) {
    CHECK(token == 0);
    Scored& scored = scored_[layer.value() % scored_.size()];
    scored.layer = layer;
    layers_[layer.value()].rows.score(config_, x, up_.data(), scored.values.data(), out, pool);
}

void ShadowPredictor::approximate(LayerId layer, std::span<const NeuronId> active, float* y,
                                  ThreadPool& pool) {
    Scored& scored = scored_[layer.value() % scored_.size()];
    CHECK(scored.layer == layer);
    scored.layer = LayerId(UINT32_MAX);  // the values of the active ones go
    if (!approximates_) {
        std::fill_n(y, config_.hidden, 0.0F);
        return;
    }
    for (const NeuronId neuron : active) scored.values[neuron.value()] = 0;
    InputRows rest{scored.values.data(), 1, config_.ff_width, quantised_.data()};
    rest.prepare(pool);
    matmul(layers_[layer.value()].down, nullptr, rest, y, pool);
}

void ShadowPredictor::setReadShare(double share) {
    const double place = std::clamp(share, 0.0, 1.0) * kScoreLines - 1;
    for (uint32_t l = 0; l < layers_.size(); ++l) {
        const float* lines = layers_[l].lines;
        float line = std::numeric_limits<float>::max();
        if (share >= 1) {
            line = std::numeric_limits<float>::lowest();
        } else if (place >= 0) {
            const auto i = std::min(static_cast<size_t>(place), size_t{kScoreLines - 1});
            const auto part = static_cast<float>(place - static_cast<double>(i));
            line = lines[i] + part * (lines[std::min<size_t>(i + 1, kScoreLines - 1)] - lines[i]);
        }
        setThreshold(LayerId(l), line);
    }
}

}  // namespace glowworm
