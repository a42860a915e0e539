// SPDX-License-Identifier: Apache-2.0
// Where the line is drawn, on literals.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "core/train/thresholds.h"

namespace glowworm {
namespace {

// Squared contributions 1, 4, 9, 16, 70 by rising score: 100 in all.
ThresholdFinder hundred() {
    ThresholdFinder finder;
    finder.add(3, 3, true);
    finder.add(1, 1, false);
    finder.add(5, std::sqrt(70.0F), true);
    finder.add(2, 2, false);
    finder.add(4, 4, true);
    return finder;
}

TEST(ThresholdFinder, DrawsTheLineWhereTheLossReachesItsShare) {
    EXPECT_EQ(hundred().find(0.009).threshold, std::numeric_limits<float>::lowest());
    EXPECT_EQ(hundred().find(0.0101).threshold, 1);
    EXPECT_EQ(hundred().find(0.049).threshold, 1);
    EXPECT_EQ(hundred().find(0.1401).threshold, 3);
    EXPECT_EQ(hundred().find(0.99).threshold, 4);
}

TEST(ThresholdFinder, MeasuresWhatTheLineDoes) {
    const LayerCalibration found = hundred().find(0.1401);  // names the scores 4 and 5
    EXPECT_FLOAT_EQ(found.active_share, 0.4F);
    EXPECT_FLOAT_EQ(found.recall, 2.0F / 3);
    EXPECT_FLOAT_EQ(found.precision, 1);
    EXPECT_FLOAT_EQ(found.false_positive_rate, 0);
    const LayerCalibration wide = hundred().find(0.0101);  // names 2, 3, 4, 5
    EXPECT_FLOAT_EQ(wide.recall, 1);
    EXPECT_FLOAT_EQ(wide.precision, 0.75F);
    EXPECT_FLOAT_EQ(wide.false_positive_rate, 0.5F);
}

TEST(ThresholdFinder, OfThoseThatMatterAShareIsFoundWhateverTheLoss) {
    EXPECT_EQ(hundred().find(0.99, 1).threshold, 2);    // 3, 4 and 5 matter
    EXPECT_EQ(hundred().find(0.99, 0.6).threshold, 3);  // one of them may be missed
    EXPECT_EQ(hundred().find(0.0101, 0.6).threshold, 1);
}

TEST(ThresholdFinder, EqualScoresStayTogether) {
    ThresholdFinder finder;
    finder.add(1, 1, true);
    finder.add(1, 1, true);
    finder.add(2, 7, true);
    // One of the two could go, both could not.
    EXPECT_EQ(finder.find(1.5 / 51).threshold, std::numeric_limits<float>::lowest());
    EXPECT_EQ(finder.find(2.5 / 51).threshold, 1);
}

TEST(ThresholdFinder, NothingMayBeLostLeavesOutWhatIsNothing) {
    ThresholdFinder finder;
    finder.add(0, 0, false);
    finder.add(-1, 0, false);
    finder.add(0.5F, 0.5F, true);
    const LayerCalibration found = finder.find(0);
    EXPECT_EQ(found.threshold, 0);
    EXPECT_FLOAT_EQ(found.recall, 1);
    EXPECT_FLOAT_EQ(found.active_share, 1.0F / 3);
}

TEST(ThresholdFinder, EverythingZeroNamesNothing) {
    ThresholdFinder finder;
    for (int i = 0; i < 4; ++i) finder.add(0, 0, false);
    const LayerCalibration found = finder.find(0.01);
    EXPECT_EQ(found.threshold, 0);
    EXPECT_EQ(found.active_share, 0);
    EXPECT_EQ(found.recall, 1);  // nothing was to be found
    EXPECT_EQ(found.false_positive_rate, 0);
    const LayerCalibration empty = ThresholdFinder().find(0.01);
    EXPECT_FALSE(std::isnan(empty.active_share));
}

TEST(ThresholdFinder, NumbersOfABrokenModelStillEndInALine) {
    constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
    ThresholdFinder finder = hundred();
    finder.add(kNan, kNan, true);
    finder.add(kNan, 1, false);
    finder.add(std::numeric_limits<float>::infinity(), 0, false);
    finder.add(-std::numeric_limits<float>::infinity(), kNan, false);
    const LayerCalibration found = finder.find(0.15);
    EXPECT_EQ(found.threshold, 3);
    EXPECT_TRUE(std::isfinite(found.active_share) && std::isfinite(found.recall));
}

}  // namespace
}  // namespace glowworm
