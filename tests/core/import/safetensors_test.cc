// SPDX-License-Identifier: Apache-2.0
#include "core/import/safetensors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <filesystem>
#include <random>

#include "tests/support/damage.h"
#include "tests/support/temp_dir.h"

namespace glowworm {
namespace {

using testing::HasSubstr;

const std::string kGolden = SOURCE_DIR "/tests/golden/";

std::string safetensors(const std::string& header, size_t data_bytes) {
    const auto length = std::bit_cast<std::array<char, 8>>(uint64_t{header.size()});
    return std::string(length.data(), 8) + header + std::string(data_bytes, '\0');
}

Result<TensorStore> openBytes(const std::string& bytes) {
    const TempDir temp;
    writeText(temp.file("model.safetensors"), bytes);
    return openSafetensorsFolder(temp.path().string());
}

void expectFault(const std::string& bytes, const std::string& part) {
    const auto store = openBytes(bytes);
    ASSERT_FALSE(store) << "expected: " << part;
    EXPECT_THAT(store.error().message, HasSubstr("model.safetensors"));
    EXPECT_THAT(store.error().message, HasSubstr(part));
}

TEST(Safetensors, ReadsOneFileAndShards) {
    const auto one = openSafetensorsFolder(kGolden + "opt");
    ASSERT_TRUE(one) << one.error().message;
    EXPECT_THAT(one->find("model.decoder.embed_positions.weight").value()->shape,
                testing::ElementsAre(130, 64));
    const auto shards = openSafetensorsFolder(kGolden + "llama-relu");
    ASSERT_TRUE(shards) << shards.error().message;
    EXPECT_EQ(shards->files.size(), 2U);
    EXPECT_TRUE(shards->has("model.embed_tokens.weight"));
    EXPECT_EQ(shards->find("missing").error().code, ErrorCode::kNotFound);
}

TEST(Safetensors, HostileHeadersAreNamed) {
    expectFault("short", "too short");
    expectFault(std::string(8, '\xFF') + "{}", "header");
    expectFault(safetensors("[]", 0), "no JSON object");
    expectFault(safetensors("{", 0), "not valid JSON");
    expectFault(safetensors(R"({"t":3})", 0), "no description");
    expectFault(safetensors(R"({"t":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}})", 8),
                "shape");
    expectFault(safetensors(R"({"t":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}})", 8), "lie");
    expectFault(safetensors(R"({"t":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", 4), "lie");
    expectFault(safetensors(R"({"t":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", 12),
                "no tensor");
    expectFault(safetensors(R"({"t":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}})", 8),
                "impossible shape");
    expectFault(safetensors(R"({"t":{"dtype":"F32","shape":[4611686018427387904,4],)"
                            R"("data_offsets":[0,0]}})",
                            0),
                "impossible shape");
    expectFault(safetensors(R"({"t":{"dtype":"Q9","shape":[2],"data_offsets":[0,8]}})", 8), "Q9");
    expectFault(safetensors(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},)"
                            R"("b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}})",
                            12),
                "overlaps");
    expectFault(safetensors(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},)"
                            R"("b":{"dtype":"F32","shape":[2],"data_offsets":[12,20]}})",
                            20),
                "hole");
}

TEST(Safetensors, TypesThatAreNotReadAreAFaultOnlyWhenUsed) {
    const auto store =
        openBytes(safetensors(R"({"t":{"dtype":"I64","shape":[2],"data_offsets":[0,16]}})", 16));
    ASSERT_TRUE(store);
    const auto tensor = store->find("t");
    ASSERT_FALSE(tensor);
    EXPECT_EQ(tensor.error().code, ErrorCode::kUnsupported);
    EXPECT_THAT(tensor.error().message, HasSubstr("I64"));
}

TEST(Safetensors, TruncationsAndFlippedBitsAreNoticedOrHarmless) {
    const std::string whole = readText(kGolden + "llama-bf16/model.safetensors");
    for (size_t length = 0; length < whole.size(); length += length < 3000 ? 37 : 4001)
        EXPECT_FALSE(openBytes(whole.substr(0, length))) << length;
    std::mt19937_64 random(5);
    for (int i = 0; i < 300; ++i) {
        std::string damaged = whole;
        const size_t bit = random() % (2000 * 8);
        damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
        (void)openBytes(damaged);
    }
}

TEST(Safetensors, IndexMustNameFilesOfTheFolder) {
    const auto withIndex = [](const std::string& index) {
        const TempDir temp;
        writeText(temp.file("model.safetensors.index.json"), index);
        return openSafetensorsFolder(temp.path().string());
    };
    for (const char* index :
         {R"({})", R"({"weight_map":{}})", R"({"weight_map":{"t":"../other"}})",
          R"({"weight_map":{"t":"/etc/passwd"}})", R"({"weight_map":{"t":3}})", R"([1])"}) {
        const auto store = withIndex(index);
        ASSERT_FALSE(store) << index;
        EXPECT_EQ(store.error().code, ErrorCode::kInvalidFile);
        EXPECT_THAT(store.error().message, HasSubstr("model.safetensors.index.json"));
    }
    const auto missing = withIndex(R"({"weight_map":{"t":"a.safetensors"}})");
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code, ErrorCode::kNotFound);
    EXPECT_THAT(missing.error().message, HasSubstr("a.safetensors"));
}

TEST(Safetensors, FolderOfTorchFilesIsToldSo) {
    const TempDir temp;
    writeText(temp.file("pytorch_model.bin"), "x");
    const auto store = openSafetensorsFolder(temp.path().string());
    ASSERT_FALSE(store);
    EXPECT_EQ(store.error().code, ErrorCode::kUnsupported);
    EXPECT_THAT(store.error().message, HasSubstr("PyTorch"));
}

}  // namespace
}  // namespace glowworm
