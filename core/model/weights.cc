// SPDX-License-Identifier: Apache-2.0
#include "core/model/weights.h"

#include <string>
#include <utility>

namespace glowworm {

namespace {

class Finder {
  public:
    Finder(const ModelConfig& config, const ResidentTensors& tensors)
        : config_(config), tensors_(tensors) {}

    Result<Norm> norm(const std::string& name) const {
        Norm norm;
        ASSIGN_OR_RETURN(const auto weight, tensors_.vector(name + ".weight", config_.hidden));
        norm.weight = weight.data();
        if (config_.norm == NormKind::kLayerNorm && tensors_.has(name + ".bias")) {
            ASSIGN_OR_RETURN(const auto bias, tensors_.vector(name + ".bias", config_.hidden));
            norm.bias = bias.data();
        }
        return norm;
    }

    Result<Linear> linear(const std::string& name, uint64_t out, uint64_t in) const {
        Linear linear;
        ASSIGN_OR_RETURN(linear.weight, tensors_.matrix(name, out, in));
        if (tensors_.has(name + ".bias")) {
            ASSIGN_OR_RETURN(const auto bias, tensors_.vector(name + ".bias", out));
            linear.bias = bias.data();
        }
        return linear;
    }

    Result<const float*> optionalVector(const std::string& name, uint64_t size) const {
        if (!tensors_.has(name)) return nullptr;
        ASSIGN_OR_RETURN(const auto values, tensors_.vector(name, size));
        return values.data();
    }

    Result<MatrixView> optionalMatrix(const std::string& name, uint64_t rows) const {
        if (!tensors_.has(name)) return MatrixView{};
        return tensors_.matrix(name, rows, config_.hidden);
    }

    Result<LayerWeights> layer(uint32_t index) const {
        const std::string at = "layers." + std::to_string(index) + ".";
        const uint64_t queries = uint64_t{config_.heads} * config_.head_dim;
        const uint64_t keys = uint64_t{config_.kv_heads} * config_.head_dim;
        LayerWeights w;
        ASSIGN_OR_RETURN(w.attention_norm, norm(at + "attention_norm"));
        if (config_.two_norms) {
            ASSIGN_OR_RETURN(w.ffn_norm, norm(at + "ffn_norm"));
        }
        ASSIGN_OR_RETURN(w.q, linear(at + "q", queries, config_.hidden));
        ASSIGN_OR_RETURN(w.k, linear(at + "k", keys, config_.hidden));
        ASSIGN_OR_RETURN(w.v, linear(at + "v", keys, config_.hidden));
        ASSIGN_OR_RETURN(w.o, linear(at + "o", config_.hidden, queries));
        ASSIGN_OR_RETURN(w.up_bias, optionalVector(at + "up.bias", config_.ff_width));
        ASSIGN_OR_RETURN(w.down_bias, optionalVector(at + "down.bias", config_.hidden));
        ASSIGN_OR_RETURN(w.up, optionalMatrix(at + "up", config_.ff_width));
        ASSIGN_OR_RETURN(w.gate, optionalMatrix(at + "gate", config_.ff_width));
        ASSIGN_OR_RETURN(w.down_norm, optionalVector(at + "down_norm", config_.ff_width));
        return w;
    }

  private:
    const ModelConfig& config_;
    const ResidentTensors& tensors_;
};

}  // namespace

Result<Weights> loadWeights(const Bundle& bundle, const ProgressSink& progress,
                            const StopFlag& stop) {
    const Manifest& manifest = bundle.manifest();
    const ModelConfig& config = manifest.config;
    Weights weights;
    ASSIGN_OR_RETURN(weights.memory,
                     ReservedMemory::reserve(manifest.resident_bytes, Pages::kHuge));
    ASSIGN_OR_RETURN(weights.tensors, bundle.loadResident(weights.memory, 0, progress, stop));

    const Finder find(config, weights.tensors);
    ASSIGN_OR_RETURN(weights.embedding, weights.tensors.matrix("embedding", config.vocabulary,
                                                               config.hidden));
    weights.head = weights.embedding;
    if (!config.tied_head) {
        ASSIGN_OR_RETURN(weights.head,
                         weights.tensors.matrix("head", config.vocabulary, config.hidden));
    }
    if (config.positions == PositionKind::kLearned) {
        ASSIGN_OR_RETURN(weights.positions,
                         weights.tensors.matrix("positions",
                                                config.context_max + config.position_offset,
                                                config.hidden));
    }
    if (config.final_norm) {
        ASSIGN_OR_RETURN(weights.final_norm, find.norm("final_norm"));
    }
    weights.layers.reserve(config.layers);
    for (uint32_t l = 0; l < config.layers; ++l) {
        ASSIGN_OR_RETURN(auto layer, find.layer(l));
        weights.layers.push_back(layer);
    }
    return weights;
}

}  // namespace glowworm
