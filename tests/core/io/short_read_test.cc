// SPDX-License-Identifier: Apache-2.0
// Reads that the system itself cuts short: a binary file of sysfs gives one page a time. Both real
// readers must go on until the span is whole, and tell the end of the file from a short read.
#include <algorithm>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "core/base/reserved_memory.h"
#include "core/io/pread_reader.h"
#include "core/io/uring_reader.h"

namespace glowworm {
namespace {

constexpr const char* kPath = "/sys/kernel/btf/vmlinux";
constexpr uint32_t kSpan = 64 << 10;
constexpr size_t kSpans = 8;

class ShortReadTest : public testing::TestWithParam<bool> {
  protected:
    void SetUp() override {
        const int file = ::open(kPath, O_RDONLY | O_CLOEXEC);
        if (file < 0) GTEST_SKIP() << kPath << " cannot be read here";
        expected_.resize(kSpans * kSpan);
        const ssize_t first = ::pread(file, expected_.data(), kSpan, 0);
        size_t have = 0;
        while (have < expected_.size()) {
            const ssize_t got = ::pread(file, expected_.data() + have, expected_.size() - have,
                                        static_cast<off_t>(have));
            if (got <= 0) break;
            have += static_cast<size_t>(got);
        }
        bytes_ = static_cast<uint64_t>(::lseek(file, 0, SEEK_END));
        ::close(file);
        if (first <= 0 || first == kSpan || have < expected_.size()) {
            GTEST_SKIP() << kPath << " is not read in pieces here";
        }
        auto opened = GetParam() ? openUringReader(kPath, kSpans, {})
                                 : openPreadReader(kPath, kSpans, {});
        ASSERT_TRUE(opened.has_value()) << opened.error().message;
        reader_ = *std::move(opened);
        memory_ = ReservedMemory::reserve(kSpans * kSpan).value();
    }
    std::vector<ReadCompletion> finish(std::span<const ReadRequest> requests) {
        EXPECT_EQ(reader_->submit(requests), requests.size());
        std::vector<ReadCompletion> out(kSpans);
        const auto count = reader_->wait(requests.size(), out, StopFlag());
        EXPECT_EQ(count, requests.size());
        out.resize(requests.size());
        return out;
    }

    std::vector<std::byte> expected_;
    uint64_t bytes_ = 0;
    std::unique_ptr<FlashReader> reader_;
    ReservedMemory memory_;
};

INSTANTIATE_TEST_SUITE_P(Readers, ShortReadTest, testing::Bool(),
                         [](const auto& uring) { return uring.param ? "Uring" : "Pread"; });

TEST_P(ShortReadTest, IsContinuedUntilTheSpanIsWhole) {
    std::vector<ReadRequest> requests;
    for (size_t i = 0; i < kSpans; ++i) {
        requests.push_back({i * kSpan, kSpan, memory_.data() + i * kSpan, i});
    }
    for (const ReadCompletion& one : finish(requests)) EXPECT_TRUE(one.ok);
    EXPECT_TRUE(std::ranges::equal(expected_, std::span(memory_.data(), memory_.size())));
    EXPECT_EQ(reader_->stats().reads, kSpans);
    EXPECT_EQ(reader_->stats().bytes, expected_.size());
}

TEST_P(ShortReadTest, AtTheEndOfTheFileIsAnError) {
    const uint64_t last = bytes_ / kReadAlignment * kReadAlignment - kSpan / 2;
    const ReadRequest beyond{last, kSpan, memory_.data(), 7};
    const auto ended = finish({&beyond, 1});
    EXPECT_EQ(ended[0].tag, 7U);
    EXPECT_FALSE(ended[0].ok);
    EXPECT_EQ(reader_->error().code, ErrorCode::kInvalidFile);
}

}  // namespace
}  // namespace glowworm
