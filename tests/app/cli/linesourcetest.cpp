// SPDX-License-Identifier: Apache-2.0
#include "app/cli/linesource.h"

#include <array>

#include <gtest/gtest.h>
#include <unistd.h>

namespace glowworm {

namespace {

class Lines : public testing::Test {
  protected:
    void SetUp() override { ASSERT_EQ(::pipe(ends.data()), 0); }
    void TearDown() override {
        ::close(ends[0]);
        endInput();
    }
    void type(const std::string& text) const {
        ASSERT_EQ(::write(ends[1], text.data(), text.size()), static_cast<ssize_t>(text.size()));
    }
    void endInput() {
        if (ends[1] >= 0) ::close(ends[1]);
        ends[1] = -1;
    }
    std::array<int, 2> ends{-1, -1};
};

TEST_F(Lines, ReadsLineByLineAndALastOneWithoutNewline) {
    type("one\r\n\ntwo é\nlast");
    endInput();
    DescriptorLines lines(ends[0]);
    EXPECT_EQ(lines.readLine(), "one");
    EXPECT_EQ(lines.readLine(), "");
    EXPECT_EQ(lines.readLine(), "two é");
    EXPECT_EQ(lines.readLine(), "last");
    EXPECT_EQ(lines.readLine(), std::nullopt);
}

TEST_F(Lines, PollTakesOnlyWhatIsThere) {
    DescriptorLines lines(ends[0]);
    EXPECT_EQ(lines.pollLine(), std::nullopt);
    type("/budget 3");
    EXPECT_EQ(lines.pollLine(), std::nullopt);
    type("00M\nnext\n");
    EXPECT_EQ(lines.pollLine(), "/budget 300M");
    EXPECT_EQ(lines.readLine(), "next");
}

TEST_F(Lines, ReadAllKeepsEveryByte) {
    const std::string text = "a\r\n\0b\xFF\n";
    const std::string large(50000, 'x');
    type(text + large);
    endInput();
    DescriptorLines lines(ends[0]);
    EXPECT_EQ(lines.readAll(), text + large);
    EXPECT_EQ(lines.readLine(), std::nullopt);
}

}  // namespace

}  // namespace glowworm
