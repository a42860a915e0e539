// SPDX-License-Identifier: Apache-2.0
// predictor-KIND.bin: what goes in comes out; nothing that a file says is believed unchecked.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <span>

#include "core/sparsity/predictor_file.h"

namespace glowworm {
namespace {

using testing::HasSubstr;

std::vector<float> counting(size_t count) {
    std::vector<float> values(count);
    for (size_t i = 0; i < count; ++i) values[i] = static_cast<float>(i);
    return values;
}

std::vector<std::byte> twoMatrices() {
    PredictorFileBuilder builder;
    builder.add(LayerId(0), PredictorRole::kReduce, Dtype::kF32, 3, 5, counting(15).data());
    builder.add(LayerId(1), PredictorRole::kExpand, Dtype::kQ8_0, 2, 32, counting(64).data());
    return builder.finish();
}

TEST(PredictorFile, RoundTrip) {
    const auto file = PredictorFile::open(twoMatrices(), "p.bin");
    ASSERT_TRUE(file) << file.error().message;
    const auto reduce = file->matrix(LayerId(0), PredictorRole::kReduce, 3, 5).value();
    std::vector<float> row(5);
    decodeRow(reduce.dtype, reduce.row(2), 5, row.data());
    EXPECT_EQ(row, (std::vector<float>{10, 11, 12, 13, 14}));
    const auto expand = file->matrix(LayerId(1), PredictorRole::kExpand, 0, 0).value();
    EXPECT_EQ(expand.rows, 2U);
    EXPECT_EQ(expand.cols, 32U);
    EXPECT_EQ(expand.dtype, Dtype::kQ8_0);
    EXPECT_EQ(file->bytes(), twoMatrices().size());
}

TEST(PredictorFile, AMatrixThatIsMissingOrOfAnotherShapeIsAnError) {
    const auto file = PredictorFile::open(twoMatrices(), "p.bin").value();
    for (const auto& found : {file.matrix(LayerId(0), PredictorRole::kExpand, 0, 0),
                              file.matrix(LayerId(2), PredictorRole::kReduce, 0, 0),
                              file.matrix(LayerId(0), PredictorRole::kReduce, 4, 5),
                              file.matrix(LayerId(0), PredictorRole::kReduce, 3, 6)}) {
        ASSERT_FALSE(found);
        EXPECT_EQ(found.error().code, ErrorCode::kInvalidFile);
        EXPECT_THAT(found.error().message, HasSubstr("p.bin"));
    }
}

TEST(PredictorFile, EveryTruncationIsRefused) {
    const auto whole = twoMatrices();
    for (size_t bytes = 0; bytes < whole.size(); ++bytes) {
        const auto cut = std::span(whole).first(bytes);
        const auto file = PredictorFile::open({cut.begin(), cut.end()}, "p.bin");
        ASSERT_FALSE(file) << bytes << " of " << whole.size();
        EXPECT_EQ(file.error().code, ErrorCode::kInvalidFile);
    }
}

// Reads every row of whatever opens: a sanitizer sees any byte outside.
void readAll(const PredictorFile& file) {
    for (uint32_t layer = 0; layer < 3; ++layer) {
        for (uint32_t role = 0; role < 4; ++role) {
            const auto found = file.matrix(LayerId(layer), PredictorRole{role}, 0, 0);
            if (!found || found->dtype == Dtype::kQ6_K) continue;
            std::vector<float> row(found->cols);
            for (size_t r = 0; r < found->rows; ++r) {
                decodeRow(found->dtype, found->row(r), found->cols, row.data());
            }
        }
    }
}

TEST(PredictorFile, NoFlippedBitReadsOutside) {
    const auto whole = twoMatrices();
    for (size_t bit = 0; bit < (16 + 2 * 40) * 8; ++bit) {
        auto bytes = whole;
        bytes[bit / 8] ^= std::byte(1U << bit % 8);
        if (const auto file = PredictorFile::open(std::move(bytes), "p.bin")) readAll(*file);
    }
}

TEST(PredictorFile, NoRandomTableReadsOutside) {
    std::mt19937_64 random(5);
    for (int i = 0; i < 5000; ++i) {
        auto bytes = twoMatrices();
        for (int change = 0; change < 3; ++change) {
            static constexpr uint64_t kLikely[] = {0, 1, 32, 64, 1U << 20, UINT64_MAX, 1ULL << 63};
            const uint64_t value = kLikely[random() % std::size(kLikely)];
            std::memcpy(bytes.data() + 16 + 8 * (random() % 10), &value, sizeof value);
        }
        if (const auto file = PredictorFile::open(std::move(bytes), "p.bin")) readAll(*file);
    }
}

TEST(PredictorFile, AnotherVersionIsNamed) {
    auto bytes = twoMatrices();
    bytes[8] = std::byte{9};
    EXPECT_THAT(PredictorFile::open(bytes, "p.bin").error().message, HasSubstr("version is 9"));
}

}  // namespace
}  // namespace glowworm
