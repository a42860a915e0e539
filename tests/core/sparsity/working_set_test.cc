// SPDX-License-Identifier: Apache-2.0
#include "core/sparsity/working_set.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "tests/support/trace.h"

namespace glowworm {
namespace {

WorkingSet fed(const Trace& trace, uint32_t neurons, uint32_t half_life = 0) {
    WorkingSet set(1, neurons, half_life);
    for (const auto& active : trace) set.add(LayerId(0), active);
    return set;
}

// The window itself: what it hits over the whole trace, and how much it holds on average.
struct Simulated {
    uint64_t hits = 0, misses = 0;
    double mean_size = 0;
};

Simulated simulate(const Trace& trace, uint32_t neurons, uint32_t window) {
    std::vector<size_t> last(neurons, 0);  // token, from 1
    Simulated result;
    for (size_t t = 1; t <= trace.size(); ++t) {
        for (const NeuronId neuron : trace[t - 1]) {
            size_t& before = last[neuron.value()];
            (before != 0 && t - before <= window ? result.hits : result.misses) += 1;
            before = t;
        }
        for (const size_t before : last) result.mean_size += before != 0 && t - before < window;
    }
    result.mean_size /= static_cast<double>(trace.size());
    return result;
}

TEST(DistanceBuckets, EachDistanceLiesBetweenTheEndsOfItsBucket) {
    for (uint32_t d = 1; d <= DistanceBuckets::kDistanceMax; ++d) {
        const uint32_t bucket = DistanceBuckets::of(d);
        ASSERT_LT(bucket, DistanceBuckets::kCount);
        ASSERT_LE(d, DistanceBuckets::last(bucket));
        ASSERT_GT(d, bucket == 0 ? 0 : DistanceBuckets::last(bucket - 1));
        ASSERT_TRUE(d > DistanceBuckets::kExact || d == DistanceBuckets::last(bucket));
    }
    EXPECT_EQ(DistanceBuckets::of(UINT32_MAX - 1), DistanceBuckets::kCount - 1);
}

TEST(WorkingSet, HitsOfEveryWindowAreThoseOfTheWindowItself) {
    const Trace trace = conversation(96, 400, 1);
    const WorkingSet set = fed(trace, 96);
    for (uint32_t window = 0; window <= DistanceBuckets::kExact; ++window) {
        const Simulated truth = simulate(trace, 96, window);
        EXPECT_EQ(set.hits(LayerId(0), window), static_cast<double>(truth.hits)) << window;
    }
}

TEST(WorkingSet, APeriodicTraceIsForetoldExactly) {
    // Token t fires neurons t mod 8 and t mod 4 + 8: distances 8 and 4, nothing else.
    Trace trace;
    for (uint32_t t = 0; t < 4000; ++t) trace.push_back({NeuronId(t % 8), NeuronId(t % 4 + 8)});
    const WorkingSet set = fed(trace, 12);
    std::vector<WindowPoint> points;
    set.windows(LayerId(0), points);
    ASSERT_GE(points.size(), 9U);
    for (uint32_t k = 0; k <= 8; ++k) {
        const double misses = (k < 8 ? 1 : 0) + (k < 4 ? 1 : 0);
        EXPECT_NEAR(points[k].misses, misses, 0.01) << k;
        EXPECT_NEAR(points[k].size, std::min(k, 8U) + std::min(k, 4U), 0.05) << k;
    }
}

TEST(WorkingSet, MissesAndSizesOfALongTraceAreThoseOfTheWindow) {
    const Trace trace = conversation(128, 6000, 3);
    const WorkingSet set = fed(trace, 128);
    std::vector<WindowPoint> points;
    set.windows(LayerId(0), points);
    for (const WindowPoint& point : points) {
        if (point.tokens < 1 || point.tokens > 300) continue;
        const auto window = static_cast<uint32_t>(point.tokens);
        const Simulated truth = simulate(trace, 128, window);
        const double misses = static_cast<double>(truth.misses) / 6000.0;
        EXPECT_NEAR(point.misses, misses, 0.02 * misses + 0.05) << window;
        EXPECT_NEAR(point.size, truth.mean_size, 0.02 * truth.mean_size + 0.2) << window;
    }
}

TEST(WorkingSet, AWindowThatIsAskedForIsNotExceeded) {
    const WorkingSet set = fed(conversation(128, 3000, 4), 128);
    std::vector<WindowPoint> points;
    set.windows(LayerId(0), points);
    EXPECT_EQ(windowOfSize(points, 128, 128, 0).misses, 0);
    const WindowPoint two = windowOfSize(points, 128, 128, 2);
    EXPECT_EQ(two.tokens, 2);
    EXPECT_NEAR(two.misses, points[2].misses, 1e-9);
}

TEST(WorkingSet, FirstFiringsOfAShortTraceAreNotTakenForMissesOfEveryWindow) {
    const Trace trace = conversation(128, 6000, 5);
    const WorkingSet all = fed(trace, 128);
    const WorkingSet some = fed(Trace(trace.begin(), trace.begin() + 120), 128);
    std::vector<WindowPoint> few, many;
    some.windows(LayerId(0), few);
    all.windows(LayerId(0), many);
    for (const uint32_t k : {1U, 4U, 16U, 32U}) {
        EXPECT_NEAR(few[k].misses, many[k].misses, 0.2 * many[k].misses + 0.4) << k;
    }
}

TEST(WorkingSet, TheOldIsForgottenWithItsHalfLife) {
    WorkingSet set(1, 16, 8);
    for (uint32_t t = 0; t < 400; ++t) set.add(LayerId(0), std::vector{NeuronId(t % 16)});
    for (uint32_t t = 0; t < 400; ++t) set.add(LayerId(0), std::vector{NeuronId(t % 2)});
    std::vector<WindowPoint> points;
    set.windows(LayerId(0), points);
    EXPECT_LT(points[2].misses, 0.001);
    // As if only the present kind had ever been: weights of 100 half-lives stay finite.
    EXPECT_NEAR(points[1].misses, 1, 0.001);
}

TEST(WorkingSet, NothingIsKnownBeforeTheFirstToken) {
    const WorkingSet set(2, 8);
    std::vector<WindowPoint> points;
    set.windows(LayerId(1), points);
    EXPECT_TRUE(points.empty());
    EXPECT_EQ(windowOfSize(points, 8, 4, 0).misses, 0);
}

}  // namespace
}  // namespace glowworm
