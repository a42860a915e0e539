// SPDX-License-Identifier: Apache-2.0
#include "core/sparsity/activation.h"

#include "core/base/check.h"
#include "core/kernels/kernels.h"

namespace glowworm {

namespace {

ActivationKind kernelActivation(FfnActivation activation) {
    switch (activation) {
        case FfnActivation::kRelu: return ActivationKind::kRelu;
        case FfnActivation::kSilu: return ActivationKind::kSilu;
        case FfnActivation::kGelu: return ActivationKind::kGelu;
    }
    CHECK(false);
    return ActivationKind::kRelu;
}

}  // namespace

void activateNeurons(const ModelConfig& config, float* gate, float* up, size_t count) {
    if (config.activation_threshold > 0) {
        for (size_t i = 0; i < count; ++i) {
            if (gate[i] <= config.activation_threshold) gate[i] = 0;
        }
    }
    if (config.up_activated && up != nullptr) activate(ActivationKind::kRelu, up, nullptr, count);
    activate(kernelActivation(config.activation), gate, up, count);
}

}  // namespace glowworm
