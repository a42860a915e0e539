// SPDX-License-Identifier: Apache-2.0
#include "core/engine/model_info.h"

#include "core/bundle/config_names.h"
#include "core/kernels/kernels.h"

namespace glowworm {

namespace {

// The type of most of the feed-forward weights, wherever they lie.
std::string mainDtype(const Manifest& manifest) {
    if (manifest.record.up.bytes > 0) return std::string(dtypeName(manifest.record.up.dtype));
    for (const TensorEntry& tensor : manifest.tensors) {
        if (tensor.name == "layers.0.up") return std::string(dtypeName(tensor.dtype));
    }
    return std::string(dtypeName(manifest.record.down.dtype));
}

double activeShare(const PredictorEntry* predictor) {
    if (predictor == nullptr || predictor->layers.empty()) return 1.0;
    double sum = 0;
    for (const LayerCalibration& layer : predictor->layers) {
        sum += static_cast<double>(layer.active_share);
    }
    return sum / static_cast<double>(predictor->layers.size());
}

}  // namespace

ModelInfo describeModel(const Bundle& bundle, const PredictorEntry* predictor,
                        const MemoryPlan& needs, uint32_t context_tokens, size_t threads) {
    const Manifest& manifest = bundle.manifest();
    const ModelConfig& config = manifest.config;
    ModelInfo info;
    info.name = manifest.name;
    info.architecture = nameIn(kArchitectureNames, config.architecture);
    info.activation = nameIn(kActivationNames, config.activation);
    info.dtype = mainDtype(manifest);
    info.license = manifest.license;
    info.chat_template = manifest.chat_template;
    info.predictor = predictor == nullptr ? "" : predictor->kind;
    info.bundle_bytes = bundle.diskBytes();
    info.budget_bytes_min = needs.budgetBytesMin();
    info.budget_bytes_max = needs.budgetBytesMax();
    info.layers = config.layers;
    info.hidden = config.hidden;
    info.ff_width = config.ff_width;
    info.vocabulary = config.vocabulary;
    info.context_tokens = usableContext(config, context_tokens);
    info.context_max = config.context_max;
    info.active_share = activeShare(predictor);
    info.synthetic = manifest.synthetic;
    info.simd_target = simdTargetName();
    info.threads = static_cast<uint32_t>(threads);
    return info;
}

}  // namespace glowworm
