// SPDX-License-Identifier: Apache-2.0
// Gives an installed bundle's neurons another order on flash: a whole new bundle is written and
// verified beside the old one, then the two folders change places in one step. Nothing of what is
// computed changes but the order in which a prompt's dense pass adds, so logits of a sparse pass
// are the same bit for bit. Worker thread only.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/controls.h"
#include "core/base/error.h"
#include "core/bundle/manifest.h"

namespace glowworm {

// kUnsupported for a bundle whose gate or up rows are resident: only whole records may lie in
// another order.
Status checkReorderable(const Manifest& manifest);

// orders[layer][logical] = physical, by layer. `scratch` is a folder of the caller's on the same
// file system with room for one copy; it holds the old bundle afterwards. A session that has the
// bundle open goes on reading the old files.
Status reorderBundle(const std::string& bundle, const std::vector<std::vector<uint32_t>>& orders,
                     const std::string& scratch, const ProgressSink& progress,
                     const StopFlag& stop);

}  // namespace glowworm
