// SPDX-License-Identifier: Apache-2.0
#include "core/model/staging.h"

#include <gtest/gtest.h>
#include <set>
#include <vector>

namespace glowworm {
namespace {

TEST(Staging, HoldsAsManyShortReadsAsItHasPieces) {
    Staging staging = Staging::reserve().value();
    std::set<uint32_t> pieces;
    for (uint32_t i = 0; i < Staging::kPieces; ++i) {
        const auto piece = staging.take(i % 2 == 0 ? 1 : Staging::kPieceBytes);
        ASSERT_TRUE(piece);
        EXPECT_TRUE(pieces.insert(*piece).second);
        EXPECT_LT(*piece, Staging::kPieces);
    }
    EXPECT_FALSE(staging.take(1));
    staging.give(17, 1);
    EXPECT_EQ(staging.take(Staging::kPieceBytes), 17U);
}

TEST(Staging, ALongReadNeedsPiecesSideBySide) {
    Staging staging = Staging::reserve().value();
    constexpr uint32_t kLong = kRunBytesMax, kCount = kLong / Staging::kPieceBytes;
    std::vector<uint32_t> longs;
    for (uint32_t i = 0; i < Staging::kPieces / kCount; ++i) {
        longs.push_back(staging.take(kLong).value());
        EXPECT_EQ(longs.back(), i * kCount);
    }
    EXPECT_FALSE(staging.take(1));
    staging.give(longs[2], kLong);
    EXPECT_EQ(staging.take(Staging::kPieceBytes + 1), longs[2]);
    EXPECT_FALSE(staging.take(kLong)) << "six free pieces are too few";
    EXPECT_EQ(staging.take(kLong - 2 * Staging::kPieceBytes), longs[2] + 2);
    staging.giveAll();
    EXPECT_EQ(staging.take(kLong), 0U);
}

TEST(Staging, RoomsDoNotOverlapAndEndInside) {
    Staging staging = Staging::reserve().value();
    const auto last = [&] {
        std::optional<uint32_t> piece, found;
        while ((piece = staging.take(3 * Staging::kPieceBytes))) found = piece;
        return found;
    }();
    ASSERT_TRUE(last);
    EXPECT_LE(*last + 3, Staging::kPieces);
    EXPECT_EQ(staging.data(*last) - staging.data(0),
              static_cast<ptrdiff_t>(*last) * Staging::kPieceBytes);
}

}  // namespace
}  // namespace glowworm
