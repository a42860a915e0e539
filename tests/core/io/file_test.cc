// SPDX-License-Identifier: Apache-2.0
#include "core/io/file.h"

#include <csignal>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/temp_dir.h"

namespace glowworm {
namespace {

using testing::HasSubstr;
namespace fs = std::filesystem;

class FileTest : public testing::Test {
  protected:
    void put(const std::string& name, const std::string& text) {
        ASSERT_TRUE(writeWholeFile(folder_.file(name), text).has_value());
    }
    std::string get(const std::string& name) {
        return readWholeFile(folder_.file(name), 64 << 20).value_or("<error>");
    }
    TempDir folder_;
};

TEST_F(FileTest, WhatIsWrittenIsRead) {
    put("a", "hello");
    EXPECT_EQ(get("a"), "hello");
    put("a", "");
    EXPECT_EQ(get("a"), "");
    EXPECT_FALSE(fs::exists(folder_.file("a.partial")));
}

TEST_F(FileTest, AFileAboveTheLimitIsRefused) {
    put("a", "hello");
    EXPECT_TRUE(readWholeFile(folder_.file("a"), 5).has_value());
    const auto refused = readWholeFile(folder_.file("a"), 4);
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, ErrorCode::kInvalidFile);
    EXPECT_THAT(refused.error().message, HasSubstr(folder_.file("a")));
}

TEST_F(FileTest, OnlyRegularFilesAreOpened) {
    EXPECT_EQ(InputFile::open(folder_.file("none")).error().code, ErrorCode::kNotFound);
    EXPECT_EQ(InputFile::open(folder_.path().string()).error().code, ErrorCode::kInvalidFile);
    ASSERT_EQ(mkfifo(folder_.file("pipe").c_str(), 0600), 0);
    EXPECT_EQ(InputFile::open(folder_.file("pipe")).error().code, ErrorCode::kInvalidFile);
    EXPECT_EQ(InputFile::open("/dev/zero").error().code, ErrorCode::kInvalidFile);
}

TEST_F(FileTest, SpansAreReadWholeOrNotAtAll) {
    put("a", "0123456789");
    const auto file = InputFile::open(folder_.file("a"));
    ASSERT_TRUE(file.has_value());
    EXPECT_EQ(file->sizeBytes(), 10U);
    std::string text(4, ' ');
    const auto out = std::as_writable_bytes(std::span(text));
    ASSERT_TRUE(file->read(6, out).has_value());
    EXPECT_EQ(text, "6789");
    ASSERT_TRUE(file->read(10, out.first(0)).has_value());
    for (const uint64_t offset : {uint64_t{7}, uint64_t{11}, UINT64_MAX}) {
        const auto failed = file->read(offset, out);
        ASSERT_FALSE(failed.has_value()) << offset;
        EXPECT_EQ(failed.error().code, ErrorCode::kInvalidFile);
        EXPECT_THAT(failed.error().message, HasSubstr(std::to_string(offset)));
    }
    ASSERT_EQ(truncate(folder_.file("a").c_str(), 8), 0);  // shorter after it was opened
    EXPECT_EQ(file->read(6, out).error().code, ErrorCode::kInvalidFile);
    file->dropCache(0, 0);
}

TEST_F(FileTest, TheWriterJoinsPiecesOfAnySize) {
    std::mt19937 random(5);
    auto writer = FileWriter::create(folder_.file("w"));
    ASSERT_TRUE(writer.has_value());
    std::string expected;
    for (const size_t size : {1U, 0U, 700'000U, 400'000U, 3'000'000U, 1'048'576U, 5U}) {
        std::string piece(size, ' ');
        for (char& c : piece) c = static_cast<char>(random());
        ASSERT_TRUE(writer->write(piece).has_value());
        expected += piece;
        EXPECT_EQ(writer->position(), expected.size());
    }
    ASSERT_TRUE(writer->padTo(65536).has_value());
    expected.resize((expected.size() + 65535) / 65536 * 65536);
    ASSERT_TRUE(writer->padTo(65536).has_value());  // nothing is missing now
    ASSERT_TRUE(writer->close().has_value());
    EXPECT_EQ(get("w"), expected);
}

TEST_F(FileTest, TheWriterPassesItsWriteBackLimit) {
    auto writer = FileWriter::create(folder_.file("w"));
    ASSERT_TRUE(writer.has_value());
    const std::string piece(3 << 20, 'p');
    for (int i = 0; i < 15; ++i) ASSERT_TRUE(writer->write(piece).has_value());
    ASSERT_TRUE(writer->close().has_value());
    EXPECT_EQ(fs::file_size(folder_.file("w")), 15 * piece.size());
}

// A limit on file sizes stands for a full disk.
void writeUnderLimit(const std::string& path) {
    signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{1 << 20, 1 << 20};
    setrlimit(RLIMIT_FSIZE, &limit);
    auto writer = FileWriter::create(path);
    Status status = writer->write(std::string(3 << 20, 'x'));
    if (status) status = writer->close();
    const bool as_promised = !status && status.error().code == ErrorCode::kNoSpace &&
                             status.error().message.contains(path);
    _exit(as_promised ? 0 : 1);
}

TEST_F(FileTest, AFullDiskIsAnErrorThatNamesTheFile) {
    EXPECT_EXIT(writeUnderLimit(folder_.file("big")), testing::ExitedWithCode(0), "");
}

TEST_F(FileTest, AFailedReplacementLeavesTheOldFile) {
    put("a", "old");
    fs::create_directory(folder_.file("a.partial"));  // stands in the way
    EXPECT_FALSE(writeWholeFile(folder_.file("a"), "new").has_value());
    EXPECT_EQ(get("a"), "old");
}

TEST_F(FileTest, ErrorsOfPathsThatCannotBe) {
    EXPECT_EQ(FileWriter::create(folder_.file("none/w")).error().code, ErrorCode::kNotFound);
    put("a", "x");
    EXPECT_FALSE(makeFolders(folder_.file("a/b")).has_value());
    EXPECT_EQ(syncFolder(folder_.file("none")).error().code, ErrorCode::kNotFound);
    EXPECT_FALSE(freeBytes(folder_.file("none")).has_value());
}

TEST_F(FileTest, FoldersAreRenamedWholeAndNeverOverOthers) {
    ASSERT_TRUE(makeFolders(folder_.file("m.partial/deep")).has_value());
    ASSERT_TRUE(makeFolders(folder_.file("m.partial/deep")).has_value());
    put("m.partial/f", "x");
    ASSERT_TRUE(renameDurably(folder_.file("m.partial"), folder_.file("m")).has_value());
    EXPECT_EQ(get("m/f"), "x");
    ASSERT_TRUE(makeFolders(folder_.file("n.partial")).has_value());
    const auto refused = renameDurably(folder_.file("n.partial"), folder_.file("m"));
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
    EXPECT_EQ(get("m/f"), "x");
    EXPECT_FALSE(renameDurably(folder_.file("none"), folder_.file("o")).has_value());
}

TEST_F(FileTest, FreeSpaceIsSomething) {
    const auto bytes = freeBytes(folder_.path().string());
    ASSERT_TRUE(bytes.has_value());
    EXPECT_GT(*bytes, 0U);
}

TEST_F(FileTest, DescriptorsMoveAndClose) {
    FileDescriptor first(dup(0));
    ASSERT_TRUE(first.valid());
    const int number = first.get();
    FileDescriptor second(std::move(first));
    EXPECT_EQ(second.get(), number);
    second.reset();
    EXPECT_FALSE(second.valid());
}

}  // namespace
}  // namespace glowworm
