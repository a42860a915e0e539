// SPDX-License-Identifier: Apache-2.0
// A Session without a model: scripted answers and plausible figures that follow the budget and the
// window, for `--fake-engine`, for tests and for benchmarks of the window. Obeys Controls as the
// real one does (looks at them at least every 5 ms of a delay).
// A prompt with the word "fail" ends in an error after some tokens; "long" gives a long answer;
// other words choose what is in it (see fakescript.h).
#pragma once

#include <cstdint>

#include "app/engine/fakefigures.h"
#include "app/engine/sessionfactory.h"

namespace glowworm {

struct FakeOptions {
    double loadMs = 900;
    double prefillTokensPerSecond = 60;
    double tokensPerSecond = 0;  // 0: as the figures say
    double delayScale = 1;       // 0: no delay at all
    bool failToOpen = false;
};

// A model whose bundle's path has "broken" in it cannot be opened.
SessionFactory fakeSessions(const FakeOptions& options);

}  // namespace glowworm
