// SPDX-License-Identifier: Apache-2.0
// The contract of FlashReader, held by every implementation alike.
#include <algorithm>
#include <cstring>
#include <memory>
#include <random>
#include <set>
#include <span>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/reserved_memory.h"
#include "core/io/file.h"
#include "core/io/flash_reader.h"
#include "core/io/memory_reader.h"
#include "core/io/pread_reader.h"
#include "core/io/uring_reader.h"
#include "tests/support/temp_dir.h"

namespace glowworm {
namespace {

using testing::HasSubstr;

constexpr size_t kFileBytes = 1 << 20;
constexpr size_t kDepth = 8;

// Every 8-byte word says where it lies.
std::vector<std::byte> patternBytes(size_t bytes, uint64_t first_word = 0) {
    std::vector<std::byte> data(bytes);
    for (size_t i = 0; i + 8 <= bytes; i += 8) {
        const uint64_t word = (first_word + i / 8) * 0x9E3779B97F4A7C15ULL;
        std::memcpy(data.data() + i, &word, 8);
    }
    return data;
}

void writeBytes(const std::string& path, std::span<const std::byte> bytes) {
    auto writer = FileWriter::create(path);
    ASSERT_TRUE(writer.has_value());
    ASSERT_TRUE(writer->write(bytes).has_value());
    ASSERT_TRUE(writer->close().has_value());
}

struct Variant {
    const char* label;
    Result<std::unique_ptr<FlashReader>> (*open)(const std::string& path, size_t depth);
};

const Variant kVariants[] = {
    {"Memory", [](const std::string& path, size_t depth) { return openMemoryReader(path, depth); }},
    {"UringDirect",
     [](const std::string& path, size_t depth) { return openUringReader(path, depth, {}); }},
    {"UringBuffered",
     [](const std::string& path, size_t depth) {
         return openUringReader(path, depth, {.direct = false});
     }},
    {"UringLargeBlocks",
     [](const std::string& path, size_t depth) {
         return openUringReader(path, depth, {.direct = true, .alignment_bytes_min = 4096});
     }},
    {"PreadDirect",
     [](const std::string& path, size_t depth) { return openPreadReader(path, depth, {}); }},
    {"PreadBuffered",
     [](const std::string& path, size_t depth) {
         return openPreadReader(path, depth, {.direct = false});
     }},
    {"PreadLargeBlocks",
     [](const std::string& path, size_t depth) {
         return openPreadReader(path, depth, {.direct = true, .alignment_bytes_min = 4096});
     }},
};

class ReaderTest : public testing::TestWithParam<Variant> {
  protected:
    void SetUp() override {
        path_ = folder_.file("neurons.bin");
        data_ = patternBytes(kFileBytes);
        writeBytes(path_, data_);
        open();
        auto memory = ReservedMemory::reserve(4 << 20);
        ASSERT_TRUE(memory.has_value());
        memory_ = std::move(*memory);
    }
    void open(size_t depth = kDepth) {
        auto reader = GetParam().open(path_, depth);
        ASSERT_TRUE(reader.has_value()) << reader.error().message;
        reader_ = std::move(*reader);
    }
    ReadRequest request(uint64_t offset, uint32_t bytes, size_t at, uint64_t tag) {
        return {offset, bytes, memory_.data() + at, tag};
    }
    // Waits for all in flight; the tags that came out well.
    std::multiset<uint64_t> finish() {
        std::multiset<uint64_t> tags;
        std::vector<ReadCompletion> out(reader_->depth());
        while (reader_->inFlight() > 0) {
            const auto count = reader_->wait(1, out, never_);
            if (!count) {
                ADD_FAILURE() << count.error().message;
                break;
            }
            for (const ReadCompletion& completion : std::span(out).first(*count)) {
                if (completion.ok) tags.insert(completion.tag);
            }
        }
        return tags;
    }
    bool holds(size_t at, uint64_t offset, size_t bytes) {
        return std::memcmp(memory_.data() + at, data_.data() + offset, bytes) == 0;
    }

    TempDir folder_;
    std::string path_;
    std::vector<std::byte> data_;
    ReservedMemory memory_;
    std::unique_ptr<FlashReader> reader_;
    StopFlag never_;
};

INSTANTIATE_TEST_SUITE_P(All, ReaderTest, testing::ValuesIn(kVariants),
                         [](const auto& variant) { return variant.param.label; });

TEST_P(ReaderTest, BringsTheBytesOfRandomSpans) {
    std::mt19937 random(7);
    const auto pick = [&](size_t first, size_t last) {
        return std::uniform_int_distribution<size_t>(first, last)(random);
    };
    uint64_t bytes_total = 0;
    for (int round = 0; round < 60; ++round) {
        std::vector<ReadRequest> requests;
        size_t at = pick(0, 9) * 512;
        const size_t count = pick(1, kDepth);
        for (size_t i = 0; i < count; ++i) {
            const size_t bytes = (pick(0, 3) == 0 ? pick(1, 200) : pick(1, 12)) * 512;
            const size_t offset = pick(0, (kFileBytes - bytes) / 512) * 512;
            requests.push_back(request(offset, static_cast<uint32_t>(bytes), at, i));
            at += bytes + pick(0, 3) * 512;
            bytes_total += bytes;
        }
        ASSERT_EQ(reader_->submit(requests), count);
        ASSERT_EQ(finish().size(), count);
        for (const ReadRequest& done : requests) {
            const auto place = static_cast<size_t>(done.destination - memory_.data());
            ASSERT_TRUE(holds(place, done.offset, done.bytes))
                << "offset " << done.offset << " bytes " << done.bytes;
        }
    }
    EXPECT_EQ(reader_->stats().bytes, bytes_total);
}

TEST_P(ReaderTest, WritesNothingOutsideTheDestination) {
    std::memset(memory_.data(), 0x5A, 64 * 1024);
    const ReadRequest requests[] = {request(512, 1536, 4608, 1)};
    ASSERT_EQ(reader_->submit(requests), 1U);
    EXPECT_EQ(finish(), (std::multiset<uint64_t>{1}));
    EXPECT_TRUE(holds(4608, 512, 1536));
    EXPECT_EQ(memory_.data()[4607], std::byte{0x5A});
    EXPECT_EQ(memory_.data()[4608 + 1536], std::byte{0x5A});
}

TEST_P(ReaderTest, TakesNoMoreThanItsDepth) {
    EXPECT_EQ(reader_->depth(), kDepth);
    std::vector<ReadRequest> requests;
    for (size_t i = 0; i < kDepth + 3; ++i) {
        requests.push_back(request(i * 4096, 4096, i * 4096, i));
    }
    ASSERT_EQ(reader_->submit(requests), kDepth);
    EXPECT_EQ(reader_->inFlight(), kDepth);
    ASSERT_EQ(reader_->submit(std::span(requests).subspan(kDepth)), 0U);
    std::vector<ReadCompletion> out(3);
    ASSERT_EQ(reader_->wait(3, out, never_), 3U);
    EXPECT_EQ(reader_->inFlight(), kDepth - 3);
    ASSERT_EQ(reader_->submit(std::span(requests).subspan(kDepth)), 3U);
    finish();
    for (size_t i = 0; i < requests.size(); ++i) EXPECT_TRUE(holds(i * 4096, i * 4096, 4096)) << i;
    EXPECT_EQ(reader_->stats().reads, requests.size());
}

TEST_P(ReaderTest, EachTagComesOutOnce) {
    std::vector<ReadRequest> requests;
    for (size_t i = 0; i < kDepth; ++i) {
        requests.push_back(request((kDepth - i) * 8192, 512 << (i % 5), i * 65536, 100 + i));
    }
    ASSERT_EQ(reader_->submit(requests), kDepth);
    const std::multiset<uint64_t> tags = finish();
    EXPECT_EQ(tags, (std::multiset<uint64_t>{100, 101, 102, 103, 104, 105, 106, 107}));
}

TEST_P(ReaderTest, ReadsSpansOfOneMegabyte) {
    const ReadRequest requests[] = {request(0, kFileBytes, 0, 1),
                                    request(512, kFileBytes - 512, kFileBytes + 512, 2)};
    ASSERT_EQ(reader_->submit(requests), 2U);
    EXPECT_EQ(finish().size(), 2U);
    EXPECT_TRUE(holds(0, 0, kFileBytes));
    EXPECT_TRUE(holds(kFileBytes + 512, 512, kFileBytes - 512));
}

TEST_P(ReaderTest, SpanPastTheEndIsAnErrorThatNamesFileAndOffset) {
    ASSERT_EQ(truncate(path_.c_str(), 200'000), 0);
    open();
    const ReadRequest requests[] = {request(0, 4096, 0, 1), request(199'680, 4096, 8192, 2),
                                    request(524'288, 4096, 16384, 3)};
    ASSERT_EQ(reader_->submit(requests), 3U);
    EXPECT_EQ(finish(), (std::multiset<uint64_t>{1}));
    EXPECT_EQ(reader_->error().code, ErrorCode::kInvalidFile);
    EXPECT_THAT(reader_->error().message, HasSubstr(path_));
    EXPECT_THAT(reader_->error().message, HasSubstr("200000"));
    EXPECT_THAT(reader_->error().message,
                testing::AnyOf(HasSubstr("199680"), HasSubstr("524288")));
    EXPECT_EQ(reader_->stats().reads, 1U);
}

TEST_P(ReaderTest, WaitForNothingOnlyLooks) {
    std::vector<ReadCompletion> out(4);
    EXPECT_EQ(reader_->wait(0, out, never_), 0U);
    EXPECT_EQ(reader_->wait(4, out, never_), 0U);  // nothing in flight: nothing to wait for
    EXPECT_EQ(reader_->submit({}), 0U);
}

TEST_P(ReaderTest, DrainEmptiesTheReader) {
    std::vector<ReadRequest> requests;
    for (size_t i = 0; i < kDepth; ++i) requests.push_back(request(0, 65536, i * 65536, i));
    ASSERT_EQ(reader_->submit(requests), kDepth);
    reader_->drain();
    EXPECT_EQ(reader_->inFlight(), 0U);
    const ReadRequest again[] = {request(4096, 4096, 0, 42)};
    ASSERT_EQ(reader_->submit(again), 1U);
    EXPECT_EQ(finish(), (std::multiset<uint64_t>{42}));
    EXPECT_TRUE(holds(0, 4096, 4096));
}

TEST_P(ReaderTest, MayBeDestroyedWithReadsInFlight) {
    std::vector<ReadRequest> requests;
    for (size_t i = 0; i < kDepth; ++i) requests.push_back(request(0, 65536, i * 65536, i));
    ASSERT_EQ(reader_->submit(requests), kDepth);
    reader_.reset();
    std::memset(memory_.data(), 0, kDepth * 65536);
    for (size_t i = 0; i < kDepth * 65536; i += 4096) {
        ASSERT_EQ(memory_.data()[i], std::byte{0});
    }
}

// The readers that do not load the file: its 5 GiB are a hole.
class LargeFileReaderTest : public ReaderTest {};

INSTANTIATE_TEST_SUITE_P(All, LargeFileReaderTest,
                         testing::ValuesIn(std::span(kVariants).subspan(1)),
                         [](const auto& variant) { return variant.param.label; });

TEST_P(LargeFileReaderTest, FarOffsets) {
    const uint64_t far = (uint64_t{5} << 30) + 512;
    const int fd = ::open(path_.c_str(), O_WRONLY);
    ASSERT_GE(fd, 0);
    const std::vector<std::byte> tail = patternBytes(8192, 1'000'003);
    ASSERT_EQ(pwrite(fd, tail.data(), tail.size(), static_cast<off_t>(far)), 8192);
    ASSERT_EQ(fsync(fd), 0);
    close(fd);
    open();
    const ReadRequest requests[] = {request(far, 8192, 0, 1), request(far - 4096, 4096, 65536, 2)};
    ASSERT_EQ(reader_->submit(requests), 2U);
    EXPECT_EQ(finish().size(), 2U);
    EXPECT_EQ(std::memcmp(memory_.data(), tail.data(), tail.size()), 0);
    EXPECT_EQ(memory_.data()[65536], std::byte{0});
}

TEST_P(ReaderTest, MissingFileAndFolderAreErrors) {
    auto missing = GetParam().open(folder_.file("none.bin"), 4);
    ASSERT_FALSE(missing.has_value());
    EXPECT_EQ(missing.error().code, ErrorCode::kNotFound);
    EXPECT_THAT(missing.error().message, HasSubstr("none.bin"));
    auto folder = GetParam().open(folder_.path().string(), 4);
    ASSERT_FALSE(folder.has_value());
    EXPECT_EQ(folder.error().code, ErrorCode::kInvalidFile);
}

TEST_P(ReaderTest, MisalignedRequestsAreOurMistake) {
    const ReadRequest offset[] = {request(100, 512, 0, 1)};
    EXPECT_DEATH((void)reader_->submit(offset), "CHECK");
    const ReadRequest length[] = {request(0, 500, 0, 1)};
    EXPECT_DEATH((void)reader_->submit(length), "CHECK");
    const ReadRequest address[] = {request(0, 512, 8, 1)};
    EXPECT_DEATH((void)reader_->submit(address), "CHECK");
}

}  // namespace
}  // namespace glowworm
