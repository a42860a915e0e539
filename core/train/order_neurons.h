// SPDX-License-Identifier: Apache-2.0
// `calibrate --order`: from recorded inputs to a bundle whose neurons lie beside those they fire
// with. Worker thread only.
#pragma once

#include <string>

#include "core/train/calibration_work.h"

namespace glowworm {

// The contribution above which a neuron of the layer counts as active, as calibration found it; a
// shadow has no such line.
[[nodiscard]] float contributionLeast(const Manifest& manifest, uint32_t layer);

// The order of each layer is kept in the job's folder as soon as it is found; the new bundle is
// written there too (reorder.h).
Status orderNeurons(const std::string& bundle, CalibrationWork& work, const ProgressSink& progress,
                    const StopFlag& stop);

}  // namespace glowworm
