// SPDX-License-Identifier: Apache-2.0
#include "core/base/thread_pool.h"

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "gtest/gtest.h"

namespace glowworm {
namespace {

TEST(ThreadPool, OneThreadRunsInTheCaller) {
    ThreadPool pool(1);
    const auto caller = std::this_thread::get_id();
    size_t calls = 0;
    pool.run([&](size_t thread) {
        EXPECT_EQ(thread, 0U);
        EXPECT_TRUE(std::this_thread::get_id() == caller);
        ++calls;
    });
    EXPECT_EQ(calls, 1U);
}

TEST(ThreadPool, EachThreadRunsEachRegionOnce) {
    for (const size_t threads : {2U, 3U, 9U}) {  // more than there are processors as well
        ThreadPool pool(threads);
        std::vector<size_t> counts(threads, 0);
        constexpr size_t kRegions = 100;
        for (size_t i = 0; i < kRegions; ++i) pool.run([&](size_t thread) { ++counts[thread]; });
        for (const size_t count : counts) EXPECT_EQ(count, kRegions);
    }
}

TEST(ThreadPool, WhatARegionWroteIsSeenByTheNext) {
    ThreadPool pool(3);
    std::vector<size_t> values(3, 0);
    for (size_t i = 0; i < 100; ++i) {
        pool.run([&](size_t thread) { values[thread] = i; });
        pool.run([&](size_t thread) { EXPECT_EQ(values[(thread + 1) % 3], i); });
    }
}

TEST(ThreadPool, WakesAfterWorkersFellAsleep) {
    ThreadPool pool(2);
    std::atomic<size_t> calls = 0;
    for (size_t i = 0; i < 5; ++i) {
        const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(1);
        while (std::chrono::steady_clock::now() < until) std::this_thread::yield();
        pool.run([&](size_t) { ++calls; });
    }
    EXPECT_EQ(calls, 10U);
}

TEST(ThreadPool, ManyPoolsComeAndGo) {
    for (size_t i = 0; i < 100; ++i) ThreadPool pool(1 + i % 4);
}

TEST(ThreadPool, SlicesCoverTheRangeOnceInMultiplesOfTheGrain) {
    ThreadPool pool(3);
    for (const size_t count : {0U, 1U, 31U, 32U, 33U, 100U, 576U}) {
        std::vector<int> touched(count, 0);
        pool.forSlices(count, 32, [&](size_t begin, size_t end, size_t) {
            EXPECT_EQ(begin % 32, 0U);
            EXPECT_TRUE(end % 32 == 0 || end == count);
            for (size_t i = begin; i < end; ++i) ++touched[i];
        });
        EXPECT_EQ(touched, std::vector<int>(count, 1));
    }
}

}  // namespace
}  // namespace glowworm
