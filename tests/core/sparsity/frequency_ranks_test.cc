// SPDX-License-Identifier: Apache-2.0
#include "core/sparsity/frequency_ranks.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <gtest/gtest.h>

#include "tests/support/trace.h"

namespace glowworm {
namespace {

std::vector<SizePoint> curveOf(const Trace& trace, uint32_t neurons, uint32_t half_life = 0) {
    FrequencyRanks ranks(1, neurons, half_life);
    WorkingSet set(1, neurons);
    for (const auto& active : trace) {
        set.add(LayerId(0), active);
        ranks.add(LayerId(0), active, set.lastDistances());
    }
    std::vector<SizePoint> points;
    ranks.sizes(LayerId(0), points);
    return points;
}

// The definition: how many of the firings after the first `warm` tokens, per token, would not have
// been held by what fired in the last token and then the highest sums, by size, nor by the largest
// token since the neuron last fired.
std::vector<double> missesByDefinition(const Trace& trace, uint32_t neurons, size_t warm) {
    std::vector<double> sums(neurons);
    std::vector<bool> last(neurons);
    std::vector<size_t> fired(neurons);
    std::vector<double> misses(neurons + 1);
    const double one = 1 / static_cast<double>(trace.size() - warm);
    for (size_t t = 0; t < trace.size(); ++t) {
        for (const NeuronId id : trace[t]) {
            const uint32_t n = id.value();
            const size_t before = std::exchange(fired[n], t);
            if (t < warm || last[n]) continue;
            size_t rank = 0;
            for (uint32_t other = 0; other < neurons; ++other) {
                rank += last[other] || sums[other] > sums[n];
            }
            for (size_t u = before; u < t; ++u) rank = std::max(rank, trace[u].size());
            for (size_t size = 0; size <= rank; ++size) misses[size] += one;
        }
        for (double& sum : sums) sum *= std::exp2(-1.0 / FiringWeight::kHalfLifeTokens);
        std::ranges::fill(last, false);
        for (const NeuronId id : trace[t]) {
            sums[id.value()] += 1;
            last[id.value()] = true;
        }
    }
    return misses;
}

TEST(FrequencyRanks, MissesOfEverySizeAreThoseOfTheDefinition) {
    // Longer than a float's range of weights lasts.
    const Trace trace = conversation(96, 5000, 1);
    const auto points = curveOf(trace, 96);
    const auto truths = missesByDefinition(trace, 96, 200);
    for (const uint32_t size : {24U, 36U, 48U, 60U, 72U, 84U, 92U}) {
        const double truth = truths[size];
        EXPECT_NEAR(missesOfSize(points, 96, size), truth, 0.04 * truth + 0.05) << size;
    }
    EXPECT_EQ(missesOfSize(points, 96, 96), 0);
}

TEST(FrequencyRanks, APeriodicTraceIsForetoldExactly) {
    // Neuron 0 fires always, of the eight others one in each token, in turn: all of them have the
    // same sum but the one that just fired, so a size of n holds 0 and n - 1 of the others.
    Trace trace;
    for (uint32_t t = 0; t < 4000; ++t) trace.push_back({NeuronId(0), NeuronId(1 + t % 8)});
    const auto points = curveOf(trace, 16);
    EXPECT_NEAR(missesOfSize(points, 16, 0), 2, 0.01);
    EXPECT_NEAR(missesOfSize(points, 16, 2), 1, 0.01);  // the present two; 0 is found again
    EXPECT_NEAR(missesOfSize(points, 16, 9), 0, 0.01);
}

TEST(FrequencyRanks, LessThanATokensNeuronsArePartlyLostOnTheWay) {
    Trace trace;
    for (uint32_t t = 0; t < 400; ++t) {
        trace.push_back({NeuronId(0), NeuronId(1), NeuronId(2 + t % 4)});
    }
    const auto points = curveOf(trace, 16);
    EXPECT_NEAR(missesOfSize(points, 16, 3), 1, 0.02);
    EXPECT_NEAR(missesOfSize(points, 16, 1.5), 3, 0.02);
    EXPECT_NEAR(missesOfSize(points, 16, 2.25), 2, 0.02);
}

TEST(FrequencyRanks, FirstFiringsOfAShortTraceAreNotTakenForMissesOfEverySize) {
    const Trace trace = conversation(128, 6000, 5);
    const auto few = curveOf(Trace(trace.begin(), trace.begin() + 150), 128);
    const auto many = curveOf(trace, 128);
    for (const uint32_t size : {32U, 64U, 96U}) {
        const double truth = missesOfSize(many, 128, size);
        EXPECT_NEAR(missesOfSize(few, 128, size), truth, 0.2 * truth + 0.4) << size;
    }
}

TEST(FrequencyRanks, TheOldIsForgottenWithItsHalfLife) {
    Trace trace;
    for (uint32_t t = 0; t < 400; ++t) trace.push_back({NeuronId(t % 16)});
    for (uint32_t t = 0; t < 400; ++t) trace.push_back({NeuronId(t % 2)});
    const auto points = curveOf(trace, 16, 8);
    EXPECT_NEAR(missesOfSize(points, 16, 1), 1, 0.001);
    EXPECT_LT(missesOfSize(points, 16, 3), 0.001);
}

TEST(FrequencyRanks, NothingIsKnownBeforeTheFirstToken) {
    const FrequencyRanks ranks(2, 8);
    std::vector<SizePoint> points;
    ranks.sizes(LayerId(1), points);
    EXPECT_TRUE(points.empty());
    EXPECT_EQ(missesOfSize(points, 8, 4), 0);
}

}  // namespace
}  // namespace glowworm
