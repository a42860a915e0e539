// SPDX-License-Identifier: Apache-2.0
// The faulty flash of the tests keeps FlashReader's contract while it misbehaves.
#include "tests/support/fault_reader.h"

#include <algorithm>
#include <atomic>
#include <set>
#include <span>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/reserved_memory.h"
#include "core/io/memory_reader.h"

namespace glowworm {
namespace {

constexpr size_t kReads = 16;
constexpr size_t kBytes = 512;

class FaultReaderTest : public testing::Test {
  protected:
    FaultReaderTest() : data_(kReads * kBytes), memory_(*ReservedMemory::reserve(kReads * kBytes)) {
        for (size_t i = 0; i < data_.size(); ++i) data_[i] = std::byte(i / kBytes);
    }
    void start(const FaultPlan& plan) {
        reader_ = faultReader(memoryReader(data_, "data", kReads), plan);
        std::vector<ReadRequest> requests;
        for (size_t i = 0; i < kReads; ++i) {
            requests.push_back({i * kBytes, kBytes, memory_.data() + i * kBytes, i});
        }
        ASSERT_EQ(reader_->submit(requests), kReads);
    }
    std::byte at(size_t read) const { return memory_.data()[read * kBytes]; }
    // All completions in order; each destination must hold its bytes then and garbage before.
    std::vector<ReadCompletion> finish() {
        std::vector<ReadCompletion> all;
        std::vector<ReadCompletion> out(4);
        while (reader_->inFlight() > 0) {
            const auto count = reader_->wait(1, out, never_);
            EXPECT_TRUE(count.has_value());
            EXPECT_GE(*count, 1U);
            for (size_t i = 0; i < *count; ++i) {
                const size_t read = out[i].tag;
                EXPECT_EQ(at(read), out[i].ok ? std::byte(read) : kGarbage);
                all.push_back(out[i]);
            }
        }
        return all;
    }
    std::vector<std::byte> data_;
    ReservedMemory memory_;
    std::unique_ptr<FlashReader> reader_;
    StopFlag never_;
};

std::vector<uint64_t> tagsOf(const std::vector<ReadCompletion>& completions) {
    std::vector<uint64_t> tags;
    for (const ReadCompletion& completion : completions) tags.push_back(completion.tag);
    return tags;
}

TEST_F(FaultReaderTest, ShufflesAndDelaysButLosesNothing) {
    start({.seed = 3, .shuffle = true, .delay_share = 0.5});
    std::vector<uint64_t> tags = tagsOf(finish());
    EXPECT_FALSE(std::ranges::is_sorted(tags));
    std::ranges::sort(tags);
    EXPECT_EQ(std::set<uint64_t>(tags.begin(), tags.end()).size(), kReads);
    EXPECT_EQ(tags.size(), kReads);
}

TEST_F(FaultReaderTest, TheSameSeedTheSameFaults) {
    start({.seed = 9, .shuffle = true, .delay_share = 0.3, .fail_share = 0.2});
    const auto first = tagsOf(finish());
    start({.seed = 9, .shuffle = true, .delay_share = 0.3, .fail_share = 0.2});
    EXPECT_EQ(tagsOf(finish()), first);
}

TEST_F(FaultReaderTest, TheReadThatShallFailFails) {
    start({.fail_at_read = 5});
    for (const ReadCompletion& completion : finish()) EXPECT_EQ(completion.ok, completion.tag != 4);
    EXPECT_EQ(reader_->error().code, ErrorCode::kIo);
    EXPECT_THAT(reader_->error().message, testing::HasSubstr("offset 2048"));
}

TEST_F(FaultReaderTest, GarbageUntilItComesOut) {
    start({});
    for (size_t i = 0; i < kReads; ++i) EXPECT_EQ(at(i), kGarbage);
    finish();
}

// Every word says where it lies: bytes of a short read in the wrong place would show.
TEST_F(FaultReaderTest, AShortReadGoesOnOrIsAnError) {
    constexpr size_t kLong = 8 * kBytes, kCount = 8;
    std::vector<std::byte> data(kCount * kLong);
    for (size_t i = 0; i < data.size(); ++i) data[i] = std::byte(i / 7 % 200);
    auto memory = ReservedMemory::reserve(kCount * kLong);
    ASSERT_TRUE(memory.has_value());
    size_t whole = 0, errors = 0;
    uint64_t steps = 0;
    for (uint64_t seed = 1; seed <= 40; ++seed) {
        reader_ = faultReader(memoryReader(data, "data", kCount),
                              {.seed = seed, .shuffle = true, .short_share = 0.5});
        std::vector<ReadRequest> requests;
        for (size_t i = 0; i < kCount; ++i) {
            requests.push_back({i * kLong, kLong, memory->data() + i * kLong, i});
        }
        ASSERT_EQ(reader_->submit(requests), kCount);
        std::vector<ReadCompletion> out(kCount);
        while (reader_->inFlight() > 0) {
            const auto count = reader_->wait(1, out, never_);
            ASSERT_TRUE(count.has_value());
            for (const ReadCompletion& one : std::span(out).first(*count)) {
                const auto* at = memory->data() + one.tag * kLong;
                ++(one.ok ? whole : errors);
                if (one.ok) {
                    EXPECT_TRUE(std::equal(at, at + kLong, data.begin() + one.tag * kLong));
                } else {
                    EXPECT_TRUE(std::all_of(at, at + kLong, [](auto b) { return b == kGarbage; }));
                    EXPECT_EQ(reader_->error().code, ErrorCode::kInvalidFile);
                }
            }
        }
        steps += reader_->stats().reads;
    }
    EXPECT_GT(whole, errors);
    EXPECT_GT(errors, 0U);
    EXPECT_GT(steps, 3 * (whole + errors) / 2);  // most short reads went on
}

TEST_F(FaultReaderTest, AStallEndsWithStop) {
    start({.stall = true});
    StopFlag stop;
    std::atomic<bool> waiting{false};
    std::jthread stopper([&] {
        waiting.wait(false);
        stop.request();
    });
    std::vector<ReadCompletion> out(4);
    waiting = true;
    waiting.notify_one();
    EXPECT_EQ(reader_->wait(1, out, stop), 0U);
    EXPECT_EQ(reader_->inFlight(), kReads);
    reader_->drain();
    EXPECT_EQ(reader_->inFlight(), 0U);
}

}  // namespace
}  // namespace glowworm
