// SPDX-License-Identifier: Apache-2.0
// How another thread reaches a running answer: atomics, read by the engine thread at least every
// 20 ms of work and in every wait for flash. Everything else arrives as a queued request.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string_view>

namespace glowworm {

// Set by any thread, looked at by the one that works. Owned by the caller; outlives the work.
class StopFlag {
  public:
    void request() { requested_.store(true, std::memory_order_relaxed); }
    void clear() { requested_.store(false, std::memory_order_relaxed); }
    [[nodiscard]] bool requested() const { return requested_.load(std::memory_order_relaxed); }

  private:
    std::atomic<bool> requested_{false};
};

inline constexpr uint32_t kWindowAuto = 0;  // the window follows from the budget

// The knobs of a running answer. 0 in budget_bytes means: leave it as it is.
struct Controls {
    StopFlag stop;
    std::atomic<uint64_t> budget_bytes{0};
    std::atomic<uint32_t> window_tokens{kWindowAuto};
};

// Progress of long work (import, load, verify): called on the working thread, a few times a second
// at most; `stage` is a short phrase for people ("reading layer 3 of 30").
struct Progress {
    std::string_view stage;
    double fraction = 0;  // 0..1 over the whole work
};
using ProgressSink = std::function<void(const Progress&)>;

}  // namespace glowworm
