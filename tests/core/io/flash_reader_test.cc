// SPDX-License-Identifier: Apache-2.0
// Which reader openFlashReader() gives, and what becomes of it where something is missing.
#include "core/io/flash_reader.h"

#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <vector>

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/reserved_memory.h"
#include "core/io/file.h"
#include "tests/support/temp_dir.h"

namespace glowworm {
namespace {

using testing::HasSubstr;

constexpr ReaderKind kKinds[] = {ReaderKind::kAuto, ReaderKind::kUring, ReaderKind::kPread,
                                 ReaderKind::kMemory};

class OpenReaderTest : public testing::Test {
  protected:
    OpenReaderTest() { makeFile(path_); }
    static void makeFile(const std::string& path) {
        auto writer = FileWriter::create(path);
        ASSERT_TRUE(writer.has_value());
        ASSERT_TRUE(writer->write(std::string(64 * 1024, 'x')).has_value());
        ASSERT_TRUE(writer->close().has_value());
    }
    static void readSome(FlashReader& reader) {
        auto memory = ReservedMemory::reserve(4096);
        ASSERT_TRUE(memory.has_value());
        const ReadRequest request{512, 1024, memory->data(), 5};
        ASSERT_EQ(reader.submit({&request, 1}), 1U);
        std::array<ReadCompletion, 1> out;
        const StopFlag never;
        ASSERT_EQ(reader.wait(1, out, never), 1U);
        EXPECT_TRUE(out[0].ok) << reader.error().message;
        EXPECT_EQ(memory->data()[1023], std::byte('x'));
        EXPECT_EQ(memory->data()[1024], std::byte{0});
    }
    TempDir folder_;
    std::string path_ = folder_.file("neurons.bin");
};

TEST_F(OpenReaderTest, EachKindIsWhatItSays) {
    EXPECT_STREQ((*openFlashReader(path_, ReaderKind::kPread, 4))->name(), "pread");
    EXPECT_STREQ((*openFlashReader(path_, ReaderKind::kMemory, 4))->name(), "memory");
    for (const ReaderKind kind : kKinds) {
        auto reader = openFlashReader(path_, kind, 4);
        if (kind == ReaderKind::kUring && !reader) continue;  // a sandbox without io_uring
        ASSERT_TRUE(reader.has_value()) << reader.error().message;
        EXPECT_EQ((*reader)->depth(), 4U);
        EXPECT_EQ((*reader)->alignmentBytes(), 512U);
        readSome(**reader);
    }
}

TEST_F(OpenReaderTest, TheMemoryReaderCountsTheWholeFile) {
    EXPECT_EQ((*openFlashReader(path_, ReaderKind::kMemory, 4))->bufferBytes(), 64U * 1024);
}

TEST_F(OpenReaderTest, WithoutDirectIoEveryKindStillReads) {
    const std::string path = "/dev/shm/glowworm-test-" + std::to_string(getpid());
    if (!std::filesystem::is_directory("/dev/shm")) GTEST_SKIP() << "no tmpfs here";
    makeFile(path);
    for (const ReaderKind kind : kKinds) {
        auto reader = openFlashReader(path, kind, 4);
        if (kind == ReaderKind::kUring && !reader) continue;
        ASSERT_TRUE(reader.has_value()) << reader.error().message;
        readSome(**reader);
    }
    std::filesystem::remove(path);
}

TEST_F(OpenReaderTest, DepthsThatMakeNoSenseAreRefused) {
    for (const size_t depth : {size_t{0}, kReaderDepthMax + 1}) {
        const auto reader = openFlashReader(path_, ReaderKind::kAuto, depth);
        ASSERT_FALSE(reader.has_value());
        EXPECT_EQ(reader.error().code, ErrorCode::kInvalidArgument);
    }
}

TEST_F(OpenReaderTest, AMissingFileIsNamedByEveryKind) {
    for (const ReaderKind kind : kKinds) {
        const auto reader = openFlashReader(folder_.file("none"), kind, 4);
        ASSERT_FALSE(reader.has_value());
        EXPECT_EQ(reader.error().code, ErrorCode::kNotFound);
        EXPECT_THAT(reader.error().message, HasSubstr(folder_.file("none")));
    }
}

TEST_F(OpenReaderTest, AStopThatCameBeforeEndsTheWaitAtOnce) {
    constexpr size_t kReads = 64;
    auto memory = ReservedMemory::reserve(kReads * 65536);
    ASSERT_TRUE(memory.has_value());
    std::vector<ReadRequest> requests;
    for (size_t i = 0; i < kReads; ++i) {
        requests.push_back({0, 65536, memory->data() + i * 65536, i});
    }
    StopFlag stop;
    stop.request();
    for (const ReaderKind kind : kKinds) {
        auto reader = openFlashReader(path_, kind, kReads);
        if (!reader) continue;
        ASSERT_EQ((*reader)->submit(requests), kReads);
        std::vector<ReadCompletion> out(kReads);
        const auto begin = std::chrono::steady_clock::now();
        const auto count = (*reader)->wait(kReads, out, stop);
        EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(200));
        ASSERT_TRUE(count.has_value());
        EXPECT_EQ((*reader)->inFlight(), kReads - *count);
        (*reader)->drain();
        EXPECT_EQ((*reader)->inFlight(), 0U);
    }
}

// From here on this process (a death test's child) gets EPERM from io_uring_setup.
void forbidUring() {
    std::array<sock_filter, 4> program{{
        {BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(seccomp_data, nr)},
        {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, SYS_io_uring_setup},
        {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | EPERM},
        {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW},
    }};
    const sock_fprog filter{program.size(), program.data()};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0) {
        _exit(2);
    }
}

void openWithoutUring(const std::string& path) {
    forbidUring();
    const auto uring = openFlashReader(path, ReaderKind::kUring, 4);
    const auto best = openFlashReader(path, ReaderKind::kAuto, 4);
    const bool refused = !uring && uring.error().code == ErrorCode::kUnsupported &&
                         uring.error().message.contains("io_uring is not available");
    const bool fell_back = best && std::string_view((*best)->name()) == "pread";
    _exit(refused && fell_back ? 0 : 1);
}

TEST_F(OpenReaderTest, WhereASandboxForbidsUring) {
    EXPECT_EXIT(openWithoutUring(path_), testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace glowworm
