// SPDX-License-Identifier: Apache-2.0
#include "core/text/utf8_stream.h"

#include <gtest/gtest.h>

#include <random>

#include "core/text/utf8.h"

namespace glowworm {
namespace {

TEST(Utf8, TellsValidFromInvalidFromIncomplete) {
    EXPECT_EQ(validUtf8Prefix("aé€😀"), std::string_view("aé€😀").size());
    EXPECT_EQ(validUtf8Prefix("a\xC0\xAF"), 1U);         // overlong
    EXPECT_EQ(validUtf8Prefix("\xED\xA0\x80"), 0U);      // a surrogate
    EXPECT_EQ(validUtf8Prefix("\xF4\x90\x80\x80"), 0U);  // past U+10FFFF
    EXPECT_EQ(firstUtf8Sequence("\xF0\x9F\x98").kind, Utf8Kind::kIncomplete);
    EXPECT_EQ(firstUtf8Sequence("\xF0\x9F\x98").length, 3U);
    EXPECT_EQ(firstUtf8Sequence("\xF0\x9Fx").kind, Utf8Kind::kInvalid);
    EXPECT_EQ(firstUtf8Sequence("\xF0\x9Fx").length, 2U);
    EXPECT_EQ(firstUtf8Sequence("\x80").length, 1U);
}

TEST(Utf8Stream, HoldsBackHalfACharacterUntilItsRestArrives) {
    Utf8Stream stream;
    EXPECT_EQ(stream.push("a\xF0\x9F"), "a");
    EXPECT_EQ(stream.push("\x98"), "");
    EXPECT_EQ(stream.push("\x80!"), "😀!");
    EXPECT_EQ(stream.flush(), "");
}

TEST(Utf8Stream, ReplacesWhatCannotBecomeACharacter) {
    Utf8Stream stream;
    EXPECT_EQ(stream.push("\xFFz"), "\uFFFDz");
    EXPECT_EQ(stream.push("\xE2\x82"), "");
    EXPECT_EQ(stream.push("x"), "\uFFFDx");  // one mark for the maximal subpart
}

TEST(Utf8Stream, FlushMarksAnUnfinishedCharacterAndStartsAnew) {
    Utf8Stream stream;
    EXPECT_EQ(stream.push("\xE2\x82"), "");
    EXPECT_EQ(stream.flush(), "\uFFFD");
    EXPECT_EQ(stream.push("ok"), "ok");
    EXPECT_EQ(stream.flush(), "");
}

TEST(Utf8Stream, AnyCutsOfAnyBytesGiveTheSameValidText) {
    std::mt19937 random(7);
    for (int round = 0; round < 300; ++round) {
        std::string bytes;
        const char* parts[] = {"é", "😀", "\xFF", "\xE2\x82", "a", "\xF0", "\x80", "日"};
        for (int i = 0; i < 20; ++i) bytes += parts[random() % std::size(parts)];
        Utf8Stream stream;
        std::string streamed;
        for (size_t at = 0; at < bytes.size();) {
            const size_t length = 1 + random() % 3;
            streamed += stream.push(bytes.substr(at, length));
            EXPECT_TRUE(isValidUtf8(streamed));
            at += length;
        }
        streamed += stream.flush();
        EXPECT_EQ(streamed, toValidUtf8(bytes));
    }
}

}  // namespace
}  // namespace glowworm
