// SPDX-License-Identifier: Apache-2.0
#include "core/io/read_step.h"

#include <cerrno>
#include <cstring>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/reserved_memory.h"

namespace glowworm {
namespace {

class ReadStepTest : public testing::Test {
  protected:
    ReadStepTest()
        : memory_(*ReservedMemory::reserve(1 << 20)),
          bounce_(*ReservedMemory::reserve(kBounceBytes)) {}
    PendingRead pending(uint64_t offset, uint32_t bytes, size_t at) {
        return {{offset, bytes, memory_.data() + at, 0}, 0, bounce_.data()};
    }
    static void expectStep(const ReadStep& step, uint64_t offset, uint32_t bytes, bool bounced) {
        EXPECT_EQ(step.offset, offset);
        EXPECT_EQ(step.bytes, bytes);
        EXPECT_EQ(step.bounced, bounced);
    }
    ReservedMemory memory_, bounce_;
};

constexpr FileAlignment kSmall{512, 512};
constexpr FileAlignment kLarge{4096, 512};
constexpr FileAlignment kLargeMemory{4096, 4096};

TEST_F(ReadStepTest, AnAlignedRequestIsOneStep) {
    const PendingRead read = pending(1536, 2560, 512);
    const ReadStep step = nextStep(read, kSmall);
    expectStep(step, 1536, 2560, false);
    EXPECT_EQ(step.target, memory_.data() + 512);
    EXPECT_FALSE(needsBounce(kSmall));
}

TEST_F(ReadStepTest, AShortReadIsResumedAtABlock) {
    PendingRead read = pending(0, 4096, 0);
    ReadStep step = nextStep(read, kSmall);
    EXPECT_TRUE(finishStep(read, step, 1300, kSmall));
    EXPECT_EQ(read.done, 1024U);
    step = nextStep(read, kSmall);
    expectStep(step, 1024, 3072, false);
    EXPECT_TRUE(finishStep(read, step, 3072, kSmall));
    EXPECT_TRUE(read.finished());
}

TEST_F(ReadStepTest, NoProgressIsTheEndOfTheFile) {
    PendingRead read = pending(0, 4096, 0);
    const ReadStep step = nextStep(read, kSmall);
    EXPECT_FALSE(finishStep(read, step, 0, kSmall));
    EXPECT_FALSE(finishStep(read, step, 100, kSmall));
}

TEST_F(ReadStepTest, BufferedReadsGoOnAtAnyByte) {
    constexpr FileAlignment any{1, 1};
    PendingRead read = pending(0, 1024, 0);
    EXPECT_TRUE(finishStep(read, nextStep(read, any), 7, any));
    expectStep(nextStep(read, any), 7, 1017, false);
}

TEST_F(ReadStepTest, LargeBlocksAreReadWholeAndCopied) {
    EXPECT_TRUE(needsBounce(kLarge));
    PendingRead read = pending(4608, 1536, 0);
    const ReadStep step = nextStep(read, kLarge);
    expectStep(step, 4096, 4096, true);
    for (size_t i = 0; i < 4096; ++i) step.target[i] = std::byte(i / 512);
    EXPECT_TRUE(finishStep(read, step, 4096, kLarge));
    EXPECT_TRUE(read.finished());
    EXPECT_EQ(memory_.data()[0], std::byte{1});
    EXPECT_EQ(memory_.data()[1535], std::byte{3});
    EXPECT_EQ(memory_.data()[1536], std::byte{0});
}

TEST_F(ReadStepTest, ALastBlockThatTheFileCutsOffStillServes) {
    PendingRead read = pending(512, 1024, 0);
    const ReadStep step = nextStep(read, kLarge);
    EXPECT_TRUE(finishStep(read, step, 1536, kLarge));  // the file ends inside the block
    EXPECT_TRUE(read.finished());
    PendingRead beyond = pending(512, 1024, 0);
    EXPECT_FALSE(finishStep(beyond, step, 512, kLarge));
}

TEST_F(ReadStepTest, ALongRequestGoesStraightBetweenItsEnds) {
    PendingRead read = pending(3584, 64 * 1024, 0);
    ReadStep step = nextStep(read, kLarge);
    expectStep(step, 0, 4096, true);  // the head
    ASSERT_TRUE(finishStep(read, step, 4096, kLarge));
    step = nextStep(read, kLarge);
    expectStep(step, 4096, 61440, false);
    EXPECT_EQ(step.target, memory_.data() + 512);
    ASSERT_TRUE(finishStep(read, step, 61440, kLarge));
    step = nextStep(read, kLarge);
    expectStep(step, 65536, 4096, true);  // the tail
    ASSERT_TRUE(finishStep(read, step, 4096, kLarge));
    EXPECT_TRUE(read.finished());
}

TEST_F(ReadStepTest, AMisplacedDestinationIsServedPieceByPiece) {
    PendingRead read = pending(4096, 40960, 512);
    uint64_t offset = 4096;
    for (int i = 0; i < 2; ++i) {
        const ReadStep step = nextStep(read, kLargeMemory);
        expectStep(step, offset, kBounceBytes, true);
        ASSERT_TRUE(finishStep(read, step, kBounceBytes, kLargeMemory));
        offset += kBounceBytes;
    }
    expectStep(nextStep(read, kLargeMemory), offset, 8192, true);
}

TEST_F(ReadStepTest, ErrorsNameFileOffsetAndAdvice) {
    const ReadRequest request{8192, 512, memory_.data(), 0};
    const Error truncated = truncatedError(request, "/m/neurons.bin", 8000);
    EXPECT_EQ(truncated.code, ErrorCode::kInvalidFile);
    EXPECT_THAT(truncated.message, testing::AllOf(testing::HasSubstr("/m/neurons.bin"),
                                                  testing::HasSubstr("offset 8192"),
                                                  testing::HasSubstr("import the model again")));
    const Error failed = readError(request, "/m/neurons.bin", EIO);
    EXPECT_EQ(failed.code, ErrorCode::kIo);
    EXPECT_THAT(failed.message, testing::HasSubstr("offset 8192 of /m/neurons.bin"));
}

}  // namespace
}  // namespace glowworm
