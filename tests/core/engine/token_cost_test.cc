// SPDX-License-Identifier: Apache-2.0
#include "core/engine/token_cost.h"

#include <cmath>

#include <gtest/gtest.h>

namespace glowworm {
namespace {

TokenStats token(double compute_ms, uint64_t bytes, uint64_t reads, double flash_ms) {
    TokenStats stats;
    stats.attention_ms = compute_ms / 2;
    stats.ffn_ms = compute_ms / 2;
    stats.read_bytes = bytes;
    stats.reads = reads;
    stats.time_ms = compute_ms + flash_ms;
    return stats;
}

TEST(TokenCost, TellsBytesFromReadsWhereTheTokensDiffer) {
    // A disk of 0.5 GB/s that needs 30 us a read and stalls for nothing.
    const auto flash = [](double bytes, double reads) { return bytes * 2e-6 + reads * 0.03; };
    TokenCost cost(4);
    for (uint64_t i = 0; i < 200; ++i) {
        const uint64_t bytes = 100'000 + 37'000 * (i % 11);
        const uint64_t reads = 20 + 9 * (i % 7);
        cost.add(token(3, bytes, reads,
                       flash(static_cast<double>(bytes), static_cast<double>(reads))), 0);
    }
    EXPECT_NEAR(cost.computeMs(), 3 - 0.12, 0.01);  // of it four stalls' cold caches
    for (const auto& [bytes, reads] : {std::pair{1e6, 60.0}, {2e5, 30.0}, {4e5, 100.0}}) {
        EXPECT_NEAR(cost.flashMs(bytes, reads, 0), flash(bytes, reads) + 0.12,
                    0.1 * flash(bytes, reads));
    }
    EXPECT_EQ(cost.flashMs(0, 0, 0), 0);
}

TEST(TokenCost, TokensThatAreAllAlikeScaleTheOrdinaryDisk) {
    TokenCost cost(4);
    for (int i = 0; i < 50; ++i) cost.add(token(1, 1'000'000, 100, 6), 0);
    EXPECT_NEAR(cost.computeMs() + cost.flashMs(1e6, 100, 0), 7, 0.2);
    EXPECT_GT(cost.flashMs(2e6, 200, 0), 9);
    EXPECT_LT(cost.flashMs(2e6, 200, 0), 12.1);
    EXPECT_GT(cost.flashMs(1e6, 10, 0), 1);
    EXPECT_GT(cost.flashMs(1e6, 100, 20), cost.flashMs(1e6, 100, 0) + 1);
}

TEST(TokenCost, KnowsNothingBeforeTheFirstTokenAndStaysFinite) {
    TokenCost cost(4);
    EXPECT_EQ(cost.computeMs(), 0);
    EXPECT_TRUE(std::isfinite(cost.flashMs(1e6, 10, 0)));
    cost.add(token(2, 0, 0, 0.1), 0);  // never read anything: an ordinary disk is all that is known
    EXPECT_GT(cost.flashMs(1e6, 10, 0), 0.5);
    EXPECT_LT(cost.flashMs(1e6, 10, 0), 5);
}

}  // namespace
}  // namespace glowworm
