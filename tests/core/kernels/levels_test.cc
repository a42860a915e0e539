// SPDX-License-Identifier: Apache-2.0
// Blocks of few bits: what is packed comes back on every target, and the search finds good scales.
#include "core/kernels/levels.h"

#include "core/kernels/blocks.h"
#include "tests/core/kernels/kernels_support.h"

namespace glowworm {
namespace {

constexpr Dtype kFewBits[] = {Dtype::kS4, Dtype::kS3, Dtype::kS2};

double squaredError(Dtype dtype, uint8_t scale_code, const std::vector<float>& x,
                    const float* weights) {
    double sum = 0;
    const float scale = kScaleOf[scale_code];
    for (size_t j = 0; j < kBlock; ++j) {
        const float level = levelsOf(dtype)[nearestCode(dtype, scale, x[j])];
        const auto error = static_cast<double>(x[j] - scale * level);
        sum += error * error * (weights == nullptr ? 1.0 : static_cast<double>(weights[j]));
    }
    return sum;
}

TEST(Levels, EachCodeComesBackFromItsPlaceOnEachTarget) {
    forEachTarget([] {
        for (const Dtype dtype : kFewBits) {
            const auto levels = levelsOf(dtype);
            for (uint8_t shift = 0; shift < codesOf(dtype); ++shift) {
                uint8_t codes[kBlock];
                for (size_t j = 0; j < kBlock; ++j) {
                    codes[j] = static_cast<uint8_t>((j * 7 + shift) % codesOf(dtype));
                }
                std::vector<std::byte> block(blockBytes(dtype));
                packBlock(dtype, 200, codes, block.data());
                float values[kBlock];
                decodeRow(dtype, block.data(), kBlock, values);
                for (size_t j = 0; j < kBlock; ++j) {
                    ASSERT_EQ(values[j], kScaleOf[200] * levels[codes[j]]) << dtypeName(dtype) << j;
                }
            }
        }
    });
}

TEST(Levels, TheNearestCodeIsTheNearestLevel) {
    for (const Dtype dtype : kFewBits) {
        const auto levels = levelsOf(dtype);
        for (float value = -70; value < 70; value += 0.37F) {
            const uint8_t code = nearestCode(dtype, 1, value);
            for (size_t other = 0; other < codesOf(dtype); ++other) {
                EXPECT_LE(std::abs(value - levels[code]), std::abs(value - levels[other]));
            }
        }
    }
}

TEST(Levels, NoScaleNearbyIsBetterThanTheChosenOne) {
    for (const Dtype dtype : kFewBits) {
        for (uint64_t seed = 1; seed < 20; ++seed) {
            const std::vector<float> x = someValues(kBlock, seed);
            const uint8_t chosen = chooseScale(dtype, x.data(), nullptr);
            const double least = squaredError(dtype, chosen, x, nullptr);
            for (int step = -4; step <= 4; ++step) {
                const auto code = static_cast<uint8_t>(chosen + step);
                EXPECT_GE(squaredError(dtype, code, x, nullptr) * 1.00001, least) << step;
            }
            // Where some elements count more, theirs is the say.
            std::vector<float> weights(kBlock, 0.01F);
            weights[seed] = 100;
            const uint8_t weighted = chooseScale(dtype, x.data(), weights.data());
            EXPECT_LE(squaredError(dtype, weighted, x, weights.data()),
                      squaredError(dtype, chosen, x, weights.data()) * 1.00001);
        }
    }
}

TEST(Levels, ErrorsOfARowAreThoseOfItsBits) {
    const std::vector<float> x = someValues(32 * 64, 5);
    double last = 1;
    for (const Dtype dtype : {Dtype::kS2, Dtype::kS3, Dtype::kS4}) {
        std::vector<std::byte> row(rowBytes(dtype, x.size()));
        std::vector<float> decoded(x.size());
        encodeRow(dtype, x.data(), x.size(), row.data());
        decodeRow(dtype, row.data(), x.size(), decoded.data());
        double error = 0, power = 0;
        for (size_t i = 0; i < x.size(); ++i) {
            const auto difference = static_cast<double>(x[i] - decoded[i]);
            error += difference * difference;
            power += static_cast<double>(x[i]) * static_cast<double>(x[i]);
        }
        EXPECT_LT(error / power, last / 3);
        last = error / power;
    }
    EXPECT_LT(last, 0.01);
}

TEST(Levels, ZerosInfinitiesAndTinyNumbersAreHarmless) {
    for (const Dtype dtype : kFewBits) {
        std::vector<float> x(kBlock, 0.0F), decoded(kBlock, 1.0F);
        std::vector<std::byte> row(rowBytes(dtype, kBlock));
        encodeRow(dtype, x.data(), kBlock, row.data());
        decodeRow(dtype, row.data(), kBlock, decoded.data());
        EXPECT_EQ(decoded, x);
        for (const float odd : {1e30F, std::numeric_limits<float>::infinity(), 1e-30F,
                                std::numeric_limits<float>::quiet_NaN()}) {
            x[3] = odd;
            encodeRow(dtype, x.data(), kBlock, row.data());
            decodeRow(dtype, row.data(), kBlock, decoded.data());
            for (const float value : decoded) EXPECT_TRUE(std::isfinite(value));
        }
    }
}

}  // namespace
}  // namespace glowworm
