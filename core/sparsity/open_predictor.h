// SPDX-License-Identifier: Apache-2.0
// From a bundle's predictor file to a Predictor.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "core/base/error.h"
#include "core/bundle/manifest.h"
#include "core/bundle/resident_tensors.h"
#include "core/sparsity/predictor.h"

namespace glowworm {

// `bytes`: the file named by `entry` (Bundle::predictorBytes); the predictor keeps it. `resident`
// (norms of down columns, biases) must outlive it. Thresholds are those of the entry's calibration.
// kUnsupported for an unknown kind, kInvalidFile when the file's shapes are not the model's.
// The kind "resident" has no predictor: nullptr.
Result<std::unique_ptr<Predictor>> openPredictor(const Manifest& manifest,
                                                 const PredictorEntry& entry,
                                                 std::vector<std::byte> bytes,
                                                 const ResidentTensors& resident);

}  // namespace glowworm
