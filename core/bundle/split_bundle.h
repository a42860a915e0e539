// SPDX-License-Identifier: Apache-2.0
// The same model without row-column bundling (LLM in a Flash, section 3.2): of each layer all up
// rows first, then all gate rows, then all down columns, so that one neuron is two or three reads.
// Nobody would want such a bundle but to measure what bundling is worth.
#pragma once

#include <string>

#include "core/base/controls.h"
#include "core/base/error.h"

namespace glowworm {

// Writes `to`, which must not exist, from the bundle at `from`, with its predictors. The order of
// neurons stays. kInvalidArgument when `from` is split already.
Status splitBundle(const std::string& from, const std::string& to, const ProgressSink& progress,
                   const StopFlag& stop);

}  // namespace glowworm
