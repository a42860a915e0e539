// SPDX-License-Identifier: Apache-2.0
// What a predictor with a shadow adds to the sparse feed-forward block: the neurons that are not
// read are approximated. It runs while the first reads are on their way, and always before the
// exact neurons are added, so that the bits do not depend on what was cached.
#include "core/model/feed_forward.h"

namespace glowworm {

void FeedForward::approximateRest(LayerId layer, bool exact, float* y, TokenStats& stats) {
    if (exact || parts_.predictor == nullptr || rowsResident(layer)) return;
    const ScopedTimer timer(parts_.clock, &stats.ffn_ms);
    parts_.predictor->approximate(layer, active_.neurons, y, parts_.backend.pool());
}

}  // namespace glowworm
