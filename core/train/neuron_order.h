// SPDX-License-Identifier: Apache-2.0
// Where neurons lie on flash, so that those that fire together lie side by side and come in one
// read (Ripple, arXiv 2410.19274, section 4: a greedy path over co-activation). Every neuron has
// one place: LLM in a Flash tried bundles of closest friends with duplicates (its appendix D) and
// loaded the hot ones again and again.
#pragma once

#include <cstdint>
#include <vector>

#include "core/train/coactivation.h"

namespace glowworm {

// order[logical] = physical. Pairs are joined from the closest down while both are ends of their
// paths; the paths that are left follow one another, the hottest first, turned so that the closer
// ends meet. Neurons that never fire come last, in their own order.
[[nodiscard]] std::vector<uint32_t> greedyOrder(const Coactivation& coactivation);

}  // namespace glowworm
