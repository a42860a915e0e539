// SPDX-License-Identifier: Apache-2.0
// The working-set curve as it is handed out: what each budget would bring, foretold from the
// reuse distances, the ranks by frequency and the costs seen so far (design.md, "The curve that
// nobody else draws"). Plain values.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace glowworm {

// What one budget would bring. A prediction, each figure a mean over tokens.
struct CurvePoint {
    uint64_t budget_bytes = 0;
    // Over all layers the smallest; part of a token where less fits. Where frequency decides who
    // leaves (an automatic window): the window that would hit as often.
    double window_tokens = 0;
    double hit_rate = 0;       // 0..1
    double read_bytes = 0;     // per token
    double reads = 0;          // per token
    double predicted_ms = 0;   // per token
};

struct WorkingSetCurve {
    std::vector<CurvePoint> points;  // by budget, from the smallest that works to the whole model
    uint64_t tokens = 0;             // that it rests on; 0: nothing is known and points is empty
    double compute_ms = 0;           // per token, were everything in memory

    // Between two points in proportion; outside, the nearest. `points` is not empty.
    [[nodiscard]] CurvePoint at(uint64_t budget_bytes) const {
        const auto above = std::ranges::lower_bound(points, budget_bytes, {},
                                                    &CurvePoint::budget_bytes);
        if (above == points.begin()) return points.front();
        if (above == points.end()) return points.back();
        const CurvePoint& a = *(above - 1);
        const CurvePoint& b = *above;
        const double share = static_cast<double>(budget_bytes - a.budget_bytes) /
                             static_cast<double>(b.budget_bytes - a.budget_bytes);
        const auto mix = [share](double x, double y) { return x + share * (y - x); };
        return {budget_bytes,
                mix(a.window_tokens, b.window_tokens),
                mix(a.hit_rate, b.hit_rate),
                mix(a.read_bytes, b.read_bytes),
                mix(a.reads, b.reads),
                mix(a.predicted_ms, b.predicted_ms)};
    }
};

}  // namespace glowworm
