// SPDX-License-Identifier: Apache-2.0
// Monotonic time, and a stopwatch that adds to a figure of TokenStats. Tests pass a fake clock.
#pragma once

#include <chrono>

namespace glowworm {

// Where time comes from. The real one is `steadyClock()`; a test's returns what the test says.
class Clock {
  public:
    virtual ~Clock() = default;
    [[nodiscard]] virtual std::chrono::nanoseconds now() const = 0;
};

[[nodiscard]] const Clock& steadyClock();

// Adds the time from construction to destruction to `*total_ms`.
class ScopedTimer {
  public:
    ScopedTimer(const Clock& clock, double* total_ms)
        : clock_(clock), total_ms_(total_ms), begin_(clock.now()) {}
    ~ScopedTimer() {
        *total_ms_ += std::chrono::duration<double, std::milli>(clock_.now() - begin_).count();
    }
    ScopedTimer(const ScopedTimer&) = delete;
    ScopedTimer& operator=(const ScopedTimer&) = delete;

  private:
    const Clock& clock_;
    double* total_ms_;
    std::chrono::nanoseconds begin_;
};

}  // namespace glowworm
