// SPDX-License-Identifier: Apache-2.0
#include "core/import/import_progress.h"

#include <algorithm>

#include "core/base/clock.h"

namespace glowworm {

namespace {
constexpr std::chrono::milliseconds kPause{100};
}

void ImportProgress::beginPart(double end, uint64_t total) {
    begin_ = end_;
    end_ = end;
    total_ = std::max<uint64_t>(total, 1);
    done_ = 0;
    told_at_ = std::chrono::nanoseconds(-1);
}

Status ImportProgress::advance(uint64_t steps) {
    done_ = std::min(done_ + steps, total_);
    if (stop_.requested()) return fail(ErrorCode::kCancelled, "the import was stopped");
    const std::chrono::nanoseconds now = steadyClock().now();
    if (!sink_ || (told_at_.count() >= 0 && now - told_at_ < kPause)) return {};
    told_at_ = now;
    const double share = static_cast<double>(done_) / static_cast<double>(total_);
    sink_({stage_, begin_ + (end_ - begin_) * share});
    return {};
}

}  // namespace glowworm
