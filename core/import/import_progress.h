// SPDX-License-Identifier: Apache-2.0
// Progress of an import whose parts take known shares of the whole, told to the sink at most ten
// times a second. Also where the stop flag is looked at.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "core/base/controls.h"
#include "core/base/error.h"

namespace glowworm {

class ImportProgress {
  public:
    ImportProgress(const ProgressSink& sink, const StopFlag& stop) : sink_(sink), stop_(stop) {}

    // The next part reaches from the end of the one before to `end` (0..1) in `total` steps. Its
    // first advance() is told whatever the time.
    void beginPart(double end, uint64_t total);
    void setStage(std::string stage) { stage_ = std::move(stage); }
    // Reports and answers kCancelled when a stop was requested. Call at least every 100 ms of work.
    Status advance(uint64_t steps);

    [[nodiscard]] const StopFlag& stop() const { return stop_; }
    [[nodiscard]] const ProgressSink& sink() const { return sink_; }

  private:
    const ProgressSink& sink_;
    const StopFlag& stop_;
    std::string stage_;
    double begin_ = 0, end_ = 0;
    uint64_t total_ = 1, done_ = 0;
    std::chrono::nanoseconds told_at_{-1};
};

}  // namespace glowworm
