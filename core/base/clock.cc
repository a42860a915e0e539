// SPDX-License-Identifier: Apache-2.0
#include "core/base/clock.h"

namespace glowworm {

namespace {
class SteadyClock final : public Clock {
  public:
    [[nodiscard]] std::chrono::nanoseconds now() const override {
        return std::chrono::steady_clock::now().time_since_epoch();
    }
};
}  // namespace

const Clock& steadyClock() {
    static const SteadyClock clock;
    return clock;
}

}  // namespace glowworm
