// SPDX-License-Identifier: Apache-2.0
// A clock that counts instead of waiting: each look is one millisecond later than the one before.
// The engine looks at it around every step, so a test can act (ask to stop) at a chosen step.
#pragma once

#include <cstdint>
#include <functional>

#include "core/base/clock.h"

namespace glowworm {

class FakeClock final : public Clock {
  public:
    [[nodiscard]] std::chrono::nanoseconds now() const override {
        ++looks_;
        if (at_look) at_look(looks_);
        return std::chrono::milliseconds(looks_);
    }
    [[nodiscard]] uint64_t looks() const { return looks_; }

    std::function<void(uint64_t look)> at_look;

  private:
    mutable uint64_t looks_ = 0;
};

}  // namespace glowworm
