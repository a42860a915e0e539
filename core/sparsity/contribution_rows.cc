// SPDX-License-Identifier: Apache-2.0
#include "core/sparsity/contribution_rows.h"

#include <cmath>
#include <string>

#include "core/base/check.h"
#include "core/sparsity/activation.h"

namespace glowworm {

Result<ContributionRows> ContributionRows::open(const ModelConfig& config, LayerId layer,
                                                const PredictorFile& file,
                                                const ResidentTensors& resident) {
    const std::string at = "layers." + std::to_string(layer.value()) + ".";
    const uint32_t width = config.ff_width;
    ContributionRows rows;
    ASSIGN_OR_RETURN(rows.up, file.matrix(layer, PredictorRole::kUpRows, width, config.hidden));
    if (config.gated) {
        ASSIGN_OR_RETURN(rows.gate,
                         file.matrix(layer, PredictorRole::kGateRows, width, config.hidden));
    }
    ASSIGN_OR_RETURN(const auto norms, resident.vector(at + "down_norm", width));
    rows.down_norm = norms.data();
    if (resident.has(at + "up.bias")) {
        ASSIGN_OR_RETURN(const auto bias, resident.vector(at + "up.bias", width));
        rows.up_bias = bias.data();
    }
    return rows;
}

void ContributionRows::score(const ModelConfig& config, const InputRows& x, float* up_scratch,
                             float* values, float* scores, ThreadPool& pool) const {
    CHECK(x.n_tokens == 1);
    const bool gated = gate.data != nullptr;
    matmul(up, up_bias, x, gated ? up_scratch : values, pool);
    if (gated) matmul(gate, nullptr, x, values, pool);
    activateNeurons(config, values, gated ? up_scratch : nullptr, config.ff_width);
    for (size_t n = 0; n < config.ff_width; ++n) scores[n] = std::abs(values[n]) * down_norm[n];
}

}  // namespace glowworm
