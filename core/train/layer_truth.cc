// SPDX-License-Identifier: Apache-2.0
#include "core/train/layer_truth.h"

#include <algorithm>
#include <cmath>

#include "core/sparsity/activation.h"
#include "core/train/layer_rows.h"
#include "core/train/thresholds.h"

namespace glowworm {

namespace {

constexpr uint32_t kBlockTokens = 256;
constexpr float kLevels = 254;

MatrixView viewOf(const std::vector<float>& rows, size_t count, size_t cols) {
    return {reinterpret_cast<const std::byte*>(rows.data()), Dtype::kF32, count, cols,
            cols * sizeof(float)};
}

// Square root: the small contributions, which are most, keep their differences.
void toLevels(const float* value, const float* norm, uint32_t neurons, float least, uint8_t* out) {
    const float scale = contributionScale(value, norm, neurons);
    for (uint32_t n = 0; n < neurons; ++n) {
        const float contribution = std::abs(value[n]) * norm[n];
        const float share = contribution * scale;
        const float level = std::isfinite(share) ? std::sqrt(std::min(share, 1.0F)) * kLevels : 0;
        out[n] = contribution > least ? static_cast<uint8_t>(1 + std::lround(level)) : uint8_t{0};
    }
}

}  // namespace

LayerTruth LayerTruth::compute(ModelSession& session, LayerId layer, const std::vector<float>& gate,
                               const std::vector<float>& up, float contribution_least,
                               const float* x, uint32_t tokens) {
    const ModelConfig& config = session.config();
    const LayerWeights& weights = session.model().weights.layers[layer.value()];
    const uint32_t width = config.ff_width;
    LayerTruth truth;
    truth.tokens_ = tokens;
    truth.neurons_ = width;
    truth.levels_.resize(size_t{tokens} * width);
    std::vector<float> value(size_t{kBlockTokens} * width);
    std::vector<float> rise(config.gated ? value.size() : 0);
    Backend& backend = session.backend();
    for (uint32_t first = 0; first < tokens; first += kBlockTokens) {
        const uint32_t count = std::min(kBlockTokens, tokens - first);
        const InputRows in{x + size_t{first} * config.hidden, count, config.hidden, nullptr};
        const float* bias = config.gated ? nullptr : weights.up_bias;
        backend.matmul(viewOf(gate, width, config.hidden), bias, in, value.data());
        if (config.gated) {
            backend.matmul(viewOf(up, width, config.hidden), weights.up_bias, in, rise.data());
        }
        activateNeurons(config, value.data(), config.gated ? rise.data() : nullptr,
                        size_t{count} * width);
        backend.pool().forSlices(count, 1, [&](size_t begin, size_t end, size_t) {
            for (size_t t = begin; t < end; ++t) {
                toLevels(value.data() + t * width, weights.down_norm, width, contribution_least,
                         truth.levels_.data() + (first + t) * width);
            }
        });
    }
    return truth;
}

Result<LayerTruth> LayerTruth::read(ModelSession& session, LayerId layer, float contribution_least,
                                    const std::vector<float>& x, uint32_t tokens) {
    std::vector<float> gate, up;
    RETURN_IF_ERROR(readGateRows(session, layer, gate));
    if (session.config().gated) RETURN_IF_ERROR(readUpRows(session, layer, up));
    return compute(session, layer, gate, up, contribution_least, x.data(), tokens);
}

float LayerTruth::contribution(uint8_t level) {
    if (level == 0) return 0;
    const float root = (static_cast<float>(level) - 1) / kLevels;
    return root * root;
}

double LayerTruth::zeroShare() const {
    const auto zeros = std::ranges::count(levels_, uint8_t{0});
    return levels_.empty() ? 0 : static_cast<double>(zeros) / static_cast<double>(levels_.size());
}

}  // namespace glowworm
