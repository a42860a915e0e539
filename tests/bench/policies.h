// SPDX-License-Identifier: Apache-2.0
// Cache policies on a recorded trace of one layer, simulated: what each would find in `slots`
// slots. As in the engine, all of a token's active neurons lie in the cache while it is computed,
// so every miss enters and none of them makes another leave.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace glowworm::bench {

using LayerTrace = std::vector<std::vector<uint32_t>>;  // active neurons by token

struct Policy {
    const char* name;
    // Hits over the tokens after the first `warm`.
    uint64_t (*hits)(const LayerTrace& trace, uint32_t neurons, uint32_t slots, size_t warm);
};

// The window (least recently used) first, the optimum (Belady) last.
std::span<const Policy> policies();

}  // namespace glowworm::bench
