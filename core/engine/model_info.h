// SPDX-License-Identifier: Apache-2.0
// ModelInfo from a manifest, and the door that core/train opens a model through.
#pragma once

#include <memory>

#include "core/bundle/bundle_reader.h"
#include "core/engine/memory_needs.h"
#include "core/engine/session.h"

namespace glowworm {

class ModelSession;

ModelInfo describeModel(const Bundle& bundle, const PredictorEntry* predictor,
                        const MemoryPlan& needs, uint32_t context_tokens, size_t threads);

// openSession() for callers within core that need more than the interface.
Result<std::unique_ptr<ModelSession>> openModelSession(const OpenOptions& options,
                                                       const ProgressSink& progress,
                                                       const StopFlag& stop);

}  // namespace glowworm
