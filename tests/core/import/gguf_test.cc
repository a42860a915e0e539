// SPDX-License-Identifier: Apache-2.0
#include "core/import/gguf.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <filesystem>
#include <random>

#include "core/import/gguf_config.h"
#include "core/import/source.h"
#include "tests/support/damage.h"
#include "tests/support/temp_dir.h"

namespace glowworm {
namespace {

using testing::HasSubstr;

const std::string kGolden = SOURCE_DIR "/tests/golden/gguf/tiny.gguf";

// Builds headers by hand, the hostile ones too.
class GgufBytes {
  public:
    template <typename T>
    GgufBytes& number(T value) {
        const auto raw = std::bit_cast<std::array<char, sizeof(T)>>(value);
        bytes_.append(raw.data(), raw.size());
        return *this;
    }
    GgufBytes& text(const std::string& value) {
        number(uint64_t{value.size()});
        bytes_ += value;
        return *this;
    }
    GgufBytes& header(uint64_t tensors, uint64_t keys, uint32_t version = 3) {
        bytes_ += "GGUF";
        return number(version).number(tensors).number(keys);
    }
    GgufBytes& tensor(const std::string& name, std::vector<uint64_t> sizes, uint32_t type,
                      uint64_t offset) {
        text(name).number(static_cast<uint32_t>(sizes.size()));
        for (const uint64_t size : sizes) number(size);
        return number(type).number(offset);
    }
    GgufBytes& data(size_t count) {
        bytes_.resize((bytes_.size() + 31) / 32 * 32 + count);
        return *this;
    }
    [[nodiscard]] Result<Gguf> open() const {
        writeText(temp_.file("x.gguf"), bytes_);
        return openGguf(temp_.file("x.gguf"));
    }

  private:
    TempDir temp_;
    std::string bytes_;
};

void expectFault(const GgufBytes& bytes, const std::string& part,
                 ErrorCode code = ErrorCode::kInvalidFile) {
    const auto gguf = bytes.open();
    ASSERT_FALSE(gguf) << "expected: " << part;
    EXPECT_EQ(gguf.error().code, code);
    EXPECT_THAT(gguf.error().message, HasSubstr("x.gguf"));
    EXPECT_THAT(gguf.error().message, HasSubstr(part));
}

TEST(Gguf, ReadsTheGoldenFile) {
    const auto gguf = openGguf(kGolden);
    ASSERT_TRUE(gguf) << gguf.error().message;
    EXPECT_EQ(gguf->version, 3U);
    EXPECT_EQ(gguf->metadata.text("general.architecture"), "llama");
    EXPECT_EQ(gguf->metadata.number("llama.attention.head_count_kv"), 2U);
    EXPECT_EQ(gguf->metadata.texts("tokenizer.ggml.tokens")->size(), 320U);
    const StoredTensor* head = gguf->store.find("output.weight").value();
    EXPECT_EQ(head->dtype, Dtype::kQ6_K);
    EXPECT_THAT(head->shape, testing::ElementsAre(320, 256));
    const auto config = configFromGguf(*gguf);
    ASSERT_TRUE(config) << config.error().message;
    EXPECT_EQ(config->positions, PositionKind::kRopeNeighbours);
    EXPECT_EQ(config->head_dim, 64U);
    EXPECT_FALSE(config->tied_head);
    EXPECT_TRUE(tokenizerOfGguf(*gguf));
}

TEST(Gguf, TypedAccessAnswersNothingForOtherTypes) {
    const auto gguf = openGguf(kGolden).value();
    EXPECT_EQ(gguf.metadata.number("general.name"), std::nullopt);
    EXPECT_EQ(gguf.metadata.text("llama.block_count"), "");
    EXPECT_EQ(gguf.metadata.real("llama.block_count"), std::nullopt);
    EXPECT_EQ(gguf.metadata.texts("tokenizer.ggml.scores"), nullptr);
    EXPECT_EQ(gguf.metadata.boolean("missing"), std::nullopt);
}

TEST(Gguf, EveryTruncationIsNoticed) {
    const TempDir temp;
    const std::string path = temp.file("t.gguf");
    std::filesystem::copy_file(kGolden, path);
    for (size_t length = std::filesystem::file_size(path); length > 0;) {
        length -= std::min<size_t>(length, length > 20000 ? 5003 : length > 400 ? 61 : 1);
        std::filesystem::resize_file(path, length);
        const auto gguf = openGguf(path);
        ASSERT_FALSE(gguf) << length;
        EXPECT_THAT(gguf.error().message, HasSubstr("t.gguf"));
    }
}

TEST(Gguf, FlippedBitsNeverBreakTheReader) {
    const TempDir temp;
    const std::string path = temp.file("f.gguf");
    std::filesystem::copy_file(kGolden, path);
    std::mt19937_64 random(11);
    for (int i = 0; i < 300; ++i) {
        const size_t bit = random() % (12000 * 8);
        flipBit(path, bit);
        const auto source = openSource(path);
        if (source) (void)readTokenizer(path);
        else EXPECT_THAT(source.error().message, HasSubstr("f.gguf"));
        flipBit(path, bit);
    }
    EXPECT_TRUE(openSource(path));
}

TEST(Gguf, HostileHeadersAreNamed) {
    expectFault(GgufBytes().number(uint32_t{0x12345678}), "not a GGUF");
    expectFault(GgufBytes().header(0, 0, 1), "version 1", ErrorCode::kUnsupported);
    expectFault(GgufBytes().header(0, 0, 0x03000000), "big-endian", ErrorCode::kUnsupported);
    expectFault(GgufBytes().header(~uint64_t{0}, 0), "more than any model has");
    expectFault(GgufBytes().header(0, ~uint64_t{0}), "more than any model has");
    expectFault(GgufBytes().header(0, 1).number(~uint64_t{0}), "longer than any");
    expectFault(GgufBytes().header(0, 1).number(uint64_t{100}), "past the end");
    expectFault(GgufBytes().header(0, 1).text("k").number(uint32_t{99}), "unknown type 99");
    expectFault(GgufBytes()
                    .header(0, 1)
                    .text("k")
                    .number(uint32_t{9})
                    .number(uint32_t{9})
                    .number(uint64_t{1}),
                "array of arrays");
    expectFault(GgufBytes()
                    .header(0, 1)
                    .text("k")
                    .number(uint32_t{9})
                    .number(uint32_t{8})
                    .number(~uint64_t{0}),
                "longer than the file");
    expectFault(GgufBytes()
                    .header(0, 2)
                    .text("k")
                    .number(uint32_t{7})
                    .number(uint8_t{1})
                    .text("k")
                    .number(uint32_t{7})
                    .number(uint8_t{1}),
                "twice");
}

TEST(Gguf, HostileTensorsAreNamed) {
    expectFault(GgufBytes().header(1, 0).tensor("t", {32, 4}, 12, 0).data(1000), "Q4_K",
                ErrorCode::kUnsupported);
    expectFault(GgufBytes().header(1, 0).tensor("t", {32, 4}, 77, 0).data(1000), "type 77",
                ErrorCode::kUnsupported);
    expectFault(GgufBytes().header(1, 0).tensor("t", {4, 4, 4}, 0, 0).data(1000), "dimensions",
                ErrorCode::kUnsupported);
    expectFault(GgufBytes().header(1, 0).tensor("t", {}, 0, 0).data(1000), "0 dimensions");
    expectFault(GgufBytes().header(1, 0).tensor("t", {0, 4}, 0, 0).data(1000), "impossible shape");
    expectFault(GgufBytes().header(1, 0).tensor("t", {1ULL << 40, 1ULL << 40}, 0, 0).data(1000),
                "impossible shape");
    expectFault(GgufBytes().header(1, 0).tensor("t", {33, 4}, 8, 0).data(1000), "whole blocks");
    expectFault(GgufBytes().header(1, 0).tensor("t", {32, 4}, 0, 8).data(1000), "not aligned");
    expectFault(GgufBytes().header(1, 0).tensor("t", {32, 4}, 0, 0).data(511), "past the end");
    expectFault(GgufBytes().header(1, 0).tensor("t", {32, 4}, 0, ~uint64_t{31}).data(1000),
                "past the end");
    expectFault(
        GgufBytes().header(2, 0).tensor("a", {32, 4}, 0, 0).tensor("b", {32, 4}, 0, 480).data(2000),
        "overlaps");
    expectFault(
        GgufBytes().header(2, 0).tensor("a", {32, 4}, 0, 0).tensor("a", {32, 4}, 0, 512).data(2000),
        "twice");
    EXPECT_TRUE(GgufBytes().header(1, 0, 2).tensor("t", {32, 4}, 0, 0).data(512).open());
}

TEST(GgufConfig, OtherArchitecturesAreRefusedByName) {
    const auto gguf = GgufBytes()
                          .header(0, 1)
                          .text("general.architecture")
                          .number(uint32_t{8})
                          .text("mamba")
                          .open();
    ASSERT_TRUE(gguf);
    const auto config = configFromGguf(*gguf);
    ASSERT_FALSE(config);
    EXPECT_EQ(config.error().code, ErrorCode::kUnsupported);
    EXPECT_THAT(config.error().message, HasSubstr("mamba"));
}

}  // namespace
}  // namespace glowworm
