// SPDX-License-Identifier: Apache-2.0
// Rows to and from F32, against the gguf package (tests/golden/quant.json) and by hand.
#include "core/kernels/dtype.h"

#include <bit>
#include <cstring>
#include <fstream>
#include <limits>
#include <string>

#include <nlohmann/json.hpp>

#include "core/kernels/half.h"
#include "tests/core/kernels/kernels_support.h"

namespace glowworm {
namespace {

std::vector<std::byte> fromHex(const std::string& hex) {
    std::vector<std::byte> bytes;
    for (size_t i = 0; i + 1 < hex.size(); i += 2) {
        bytes.push_back(static_cast<std::byte>(std::stoi(hex.substr(i, 2), nullptr, 16)));
    }
    return bytes;
}

std::string lower(std::string text) {
    for (char& c : text) c = static_cast<char>(std::tolower(c));
    return text;
}

TEST(Dtype, RowsEqualThoseOfTheGgufPackage) {
    std::ifstream file(std::string(SOURCE_DIR) + "/tests/golden/quant.json");
    const auto golden = nlohmann::json::parse(file);
    for (const auto& format : golden["formats"]) {
        const auto dtype = dtypeFromName(lower(format["format"].get<std::string>()));
        ASSERT_TRUE(dtype.has_value()) << format["format"];
        for (size_t r = 0; r < format["bytes"].size(); ++r) {
            const std::vector<std::byte> bytes = fromHex(format["bytes"][r].get<std::string>());
            const auto want = format["decoded"][r].get<std::vector<float>>();
            ASSERT_EQ(bytes.size(), rowBytes(*dtype, want.size()));
            forEachTarget([&] {
                std::vector<float> decoded(want.size());
                decodeRow(*dtype, bytes.data(), want.size(), decoded.data());
                EXPECT_EQ(decoded, want) << format["format"] << " row " << r;
            });
            if (!format.contains("values")) continue;
            const auto values = format["values"][r].get<std::vector<float>>();
            std::vector<std::byte> encoded(bytes.size());
            encodeRow(*dtype, values.data(), values.size(), encoded.data());
            EXPECT_EQ(encoded, bytes) << format["format"] << " row " << r;
        }
    }
}

TEST(Dtype, NamesGoThereAndBack) {
    for (uint8_t i = 0; i <= static_cast<uint8_t>(Dtype::kS2); ++i) {
        const auto dtype = static_cast<Dtype>(i);
        EXPECT_EQ(dtypeFromName(dtypeName(dtype)), dtype);
    }
    EXPECT_EQ(dtypeFromName("q5_k"), std::nullopt);
    EXPECT_EQ(rowBytes(Dtype::kQ4_1, 576), 360U);
    EXPECT_EQ(rowBytes(Dtype::kQ6_K, 512), 420U);
}

TEST(Dtype, EachHalfSurvivesTheWayThroughF32) {
    for (uint32_t bits = 0; bits < 0x10000; ++bits) {
        const auto half = static_cast<uint16_t>(bits);
        const float f16 = f32FromF16(half);
        const float bf16 = f32FromBf16(half);
        ASSERT_TRUE(std::isnan(f16) || f16FromF32(f16) == half) << bits;
        ASSERT_TRUE(std::isnan(bf16) || bf16FromF32(bf16) == half) << bits;
    }
}

TEST(Dtype, HalvesRoundToEvenAndKeepSignsAndInfinities) {
    constexpr float kInfinity = std::numeric_limits<float>::infinity();
    EXPECT_EQ(f16FromF32(-0.0F), 0x8000);
    EXPECT_EQ(f16FromF32(-kInfinity), 0xfc00);
    EXPECT_EQ(f16FromF32(65519.0F), 0x7bff);
    EXPECT_EQ(f16FromF32(65520.0F), 0x7c00);
    EXPECT_EQ(f16FromF32(1.0F + 0x1p-11F), 0x3c00);         // a tie, down to even
    EXPECT_EQ(f16FromF32(1.0F + 3 * 0x1p-11F), 0x3c02);     // a tie, up to even
    EXPECT_EQ(f16FromF32(0x1p-25F), 0x0000);                // half the smallest: a tie
    EXPECT_EQ(f16FromF32(std::nextafter(0x1p-25F, 1.0F)), 0x0001);
    EXPECT_TRUE(std::isnan(f32FromF16(f16FromF32(std::numeric_limits<float>::quiet_NaN()))));
    EXPECT_TRUE(std::isnan(f32FromBf16(bf16FromF32(std::numeric_limits<float>::quiet_NaN()))));
    EXPECT_EQ(bf16FromF32(-kInfinity), 0xff80);
    EXPECT_EQ(bf16FromF32(std::bit_cast<float>(0x3f808000U)), 0x3f80);
}

TEST(Dtype, EachTargetDecodesEachHalfAlike) {
    std::vector<std::byte> row(0x10000 * 2);
    for (uint32_t i = 0; i < 0x10000; ++i) storeAs(row.data() + 2 * i, static_cast<uint16_t>(i));
    forEachTarget([&] {
        std::vector<float> values(0x10000);
        decodeRow(Dtype::kF16, row.data(), values.size(), values.data());
        for (uint32_t i = 0; i < values.size(); ++i) {
            const float want = f32FromF16(static_cast<uint16_t>(i));
            if (std::isnan(want)) {
                ASSERT_TRUE(std::isnan(values[i]));
            } else {
                ASSERT_EQ(std::bit_cast<uint32_t>(values[i]), std::bit_cast<uint32_t>(want)) << i;
            }
        }
    });
}

TEST(Dtype, BlocksLoseAtMostHalfAStep) {
    const std::vector<float> values = someValues(640, 1);
    for (const auto& [dtype, step] : {std::pair{Dtype::kQ8_0, 1 / 127.0}, {Dtype::kQ4_0, 1 / 8.0},
                                      {Dtype::kQ4_1, 2 / 15.0}}) {
        std::vector<std::byte> row(rowBytes(dtype, values.size()));
        std::vector<float> decoded(values.size());
        encodeRow(dtype, values.data(), values.size(), row.data());
        decodeRow(dtype, row.data(), values.size(), decoded.data());
        // Q4_0 has no +8: the value opposite to the largest may lose a whole step.
        const double bound = dtype == Dtype::kQ4_0 ? step : step / 2;
        for (size_t i = 0; i < values.size(); ++i) {
            ASSERT_NEAR(values[i], decoded[i], bound * 1.01 + 1e-3) << dtypeName(dtype);
        }
    }
}

}  // namespace
}  // namespace glowworm
