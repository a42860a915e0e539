// SPDX-License-Identifier: Apache-2.0
// The activation of a feed-forward block as its config says: the one place where the manifest's
// kinds and the kernels' meet.
#pragma once

#include <cstddef>

#include "core/bundle/manifest.h"

namespace glowworm {

// In place on `gate` [count]: gate = act(gate) * up. `up` is null where the block is not gated
// (`gate` then holds the up projection); with dReLU it is changed too.
void activateNeurons(const ModelConfig& config, float* gate, float* up, size_t count);

}  // namespace glowworm
