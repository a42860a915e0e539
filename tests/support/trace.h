// SPDX-License-Identifier: Apache-2.0
// Active sets of one layer, token by token, made up but like a conversation's.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "core/base/ids.h"

namespace glowworm {

using Trace = std::vector<std::vector<NeuronId>>;  // by token, ascending

// Some neurons fire often, most seldom, and topics come and go: like a conversation.
inline Trace conversation(uint32_t neurons, size_t tokens, unsigned seed) {
    std::mt19937 random(seed);
    std::uniform_real_distribution<double> unit(0, 1);
    Trace trace(tokens);
    for (size_t t = 0; t < tokens; ++t) {
        for (uint32_t n = 0; n < neurons; ++n) {
            const double rate = 0.5 / (1 + n * 0.2);
            const bool topical = (n + t / 20) % 7 == 0;
            if (unit(random) < (topical ? 4 * rate : rate)) trace[t].push_back(NeuronId(n));
        }
    }
    return trace;
}

}  // namespace glowworm
