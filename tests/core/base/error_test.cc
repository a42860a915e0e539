// SPDX-License-Identifier: Apache-2.0
#include "core/base/error.h"

#include <cerrno>
#include <memory>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/check.h"
#include "core/base/clock.h"
#include "core/base/ids.h"

namespace glowworm {
namespace {

using testing::HasSubstr;

TEST(ErrorTest, SystemErrorsKeepTheirKind) {
    EXPECT_EQ(systemError("open", "/a", ENOENT).code, ErrorCode::kNotFound);
    EXPECT_EQ(systemError("open", "/a", ENOTDIR).code, ErrorCode::kNotFound);
    EXPECT_EQ(systemError("open", "/a", EACCES).code, ErrorCode::kPermission);
    EXPECT_EQ(systemError("write", "/a", ENOSPC).code, ErrorCode::kNoSpace);
    EXPECT_EQ(systemError("write", "/a", EDQUOT).code, ErrorCode::kNoSpace);
    EXPECT_EQ(systemError("reserve", "1 GiB", ENOMEM).code, ErrorCode::kOutOfMemory);
    EXPECT_EQ(systemError("read", "/a", EIO).code, ErrorCode::kIo);
}

TEST(ErrorTest, MessagesSayWhatWhereAndWhatToDo) {
    const Error error = systemError("open", "/models/x", EACCES);
    EXPECT_THAT(error.message, HasSubstr("cannot open /models/x: Permission denied ("));
}

Result<std::unique_ptr<int>> half(int value) {
    if (value % 2 != 0) return fail(ErrorCode::kInvalidArgument, "odd");
    return std::make_unique<int>(value / 2);
}

Result<int> quarter(int value) {
    ASSIGN_OR_RETURN(const std::unique_ptr<int> first, half(value));
    ASSIGN_OR_RETURN(const std::unique_ptr<int> second, half(*first));
    return *second;
}

Status isEven(int value) {
    RETURN_IF_ERROR(half(value));
    return {};
}

TEST(ErrorTest, MacrosPassValuesAndErrorsOn) {
    EXPECT_EQ(quarter(8), 2);
    EXPECT_EQ(quarter(6).error().message, "odd");
    EXPECT_TRUE(isEven(2).has_value());
    EXPECT_EQ(isEven(3).error().code, ErrorCode::kInvalidArgument);
}

TEST(CheckTest, EndsTheProgramWithPlaceAndCondition) {
    CHECK(1 + 1 == 2);
    EXPECT_DEATH(CHECK(1 + 1 == 3), "CHECK\\(1 \\+ 1 == 3\\) failed at .*error_test.cc:[0-9]+");
}

TEST(IdsTest, CompareByValue) {
    EXPECT_LT(NeuronId(2), NeuronId(3));
    EXPECT_EQ(SlotId().value(), 0U);
    static_assert(!std::is_convertible_v<uint32_t, NeuronId>);
    static_assert(!std::is_same_v<NeuronId, SlotId>);
}

class StepClock final : public Clock {
  public:
    [[nodiscard]] std::chrono::nanoseconds now() const override { return now_ += step_; }

  private:
    mutable std::chrono::nanoseconds now_{0};
    std::chrono::nanoseconds step_{2'500'000};
};

TEST(ClockTest, TimersAddUp) {
    const StepClock clock;
    double total_ms = 1;
    { const ScopedTimer timer(clock, &total_ms); }
    { const ScopedTimer timer(clock, &total_ms); }
    EXPECT_DOUBLE_EQ(total_ms, 6);
    const auto before = steadyClock().now();
    EXPECT_LE(before, steadyClock().now());
}

}  // namespace
}  // namespace glowworm
