// SPDX-License-Identifier: Apache-2.0
// What an open model will hold, told from its manifest before anything is loaded: the same sums
// that the engine counts once it runs.
#pragma once

#include <cstdint>

#include "core/bundle/manifest.h"
#include "core/cache/budget.h"
#include "core/kernels/kernels.h"
#include "core/model/techniques.h"

namespace glowworm {

// Slots of each layer below which a budget is refused: fewer would turn a token into hundreds of
// tiny reads.
inline constexpr uint32_t kSlotsMin = 64;

// The context a model is opened with: what was asked, at most what it was trained for, and at most
// its sliding window (a longer one would need keys to be dropped while it runs).
[[nodiscard]] uint32_t usableContext(const ModelConfig& config, uint32_t context_tokens);
// F32 bundles keep keys and values in F32, all others in F16 (decisions.md 11).
[[nodiscard]] KvDtype kvDtype(const Manifest& manifest);

// Chunks of a RecordStream.
[[nodiscard]] size_t streamBuffers(const Techniques& techniques);

// `predictor`: the entry in use or null.
[[nodiscard]] MemoryPlan memoryNeeds(const Manifest& manifest, const PredictorEntry* predictor,
                                      uint32_t context_tokens, size_t threads,
                                      const Techniques& techniques = {});

}  // namespace glowworm
