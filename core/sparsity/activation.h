// SPDX-License-Identifier: Apache-2.0
// The manifest's activation as the kernels name it: the one place where the two lists meet.
#pragma once

#include "core/base/check.h"
#include "core/bundle/manifest.h"
#include "core/kernels/kernels.h"

namespace glowworm {

inline ActivationKind kernelActivation(FfnActivation activation) {
    switch (activation) {
        case FfnActivation::kRelu: return ActivationKind::kRelu;
        case FfnActivation::kSilu: return ActivationKind::kSilu;
        case FfnActivation::kGelu: return ActivationKind::kGelu;
    }
    CHECK(false);
    return ActivationKind::kRelu;
}

}  // namespace glowworm
