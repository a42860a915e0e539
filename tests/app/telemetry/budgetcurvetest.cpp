// SPDX-License-Identifier: Apache-2.0
// The curve's figures and its sentence, by hand on small numbers.
#include <QSignalSpy>
#include <QTest>

#include "app/telemetry/budgetcurve.h"
#include "app/telemetry/telemetry.h"

using namespace glowworm;

namespace {

constexpr uint64_t kMebi = 1 << 20;

// From 100 to 1100 MiB, 50 to 10 ms, falling evenly up to 600 MiB.
WorkingSetCurve curve(uint64_t scale = 1) {
    WorkingSetCurve curve;
    curve.tokens = 20;
    curve.compute_ms = 10;
    for (const auto& [budget, ms] : {std::pair{100, 50.0}, {600, 10.0}, {1100, 10.0}}) {
        CurvePoint point;
        point.budget_bytes = static_cast<uint64_t>(budget) * kMebi * scale;
        point.predicted_ms = ms;
        curve.points.push_back(point);
    }
    return curve;
}

TokenStats token(uint64_t budget, double ms) {
    TokenStats stats;
    stats.budget_bytes = budget;
    stats.time_ms = ms;
    return stats;
}

}  // namespace

class BudgetCurveTest : public QObject {
    Q_OBJECT

  private Q_SLOTS:
    void isEmptyAtFirst();
    void foretellsBetweenItsPoints();
    void saysWhatAFittingStepWouldBring();
    void keepsOnePointForEachBudgetThatWasTried();
    void foretoldStandsBesideMeasured();
    void aHiddenPanelIsNotTold();
};

void BudgetCurveTest::isEmptyAtFirst() {
    BudgetCurve empty;
    QVERIFY(!empty.hasCurve());
    QCOMPARE(empty.msAt(1e9), 0.0);
    QCOMPARE(empty.advice(1e9), QString());
}

void BudgetCurveTest::foretellsBetweenItsPoints() {
    BudgetCurve curveObject;
    QSignalSpy changed(&curveObject, &BudgetCurve::changed);
    curveObject.setCurve(curve());
    QCOMPARE(changed.count(), 1);
    QVERIFY(curveObject.hasCurve());
    QCOMPARE(curveObject.msAt(350.0 * kMebi), 30.0);
    QCOMPARE(curveObject.msAt(0), 50.0);
    curveObject.clear();
    QVERIFY(!curveObject.hasCurve());
}

void BudgetCurveTest::saysWhatAFittingStepWouldBring() {
    BudgetCurve small;
    small.setCurve(curve());
    const QString gain = small.advice(100.0 * kMebi);
    QVERIFY2(gain.startsWith("100 MiB more") && gain.contains("42.0 ms") && gain.contains("50.0"),
             qPrintable(gain));
    QVERIFY(small.advice(700.0 * kMebi).contains("change little"));
    QVERIFY(small.advice(1100.0 * kMebi).contains("whole model"));
    BudgetCurve large;
    large.setCurve(curve(16));
    QVERIFY(large.advice(1600.0 * kMebi).startsWith("One more gigabyte"));
    // The last step is as long as what is left.
    QVERIFY(small.advice(1060.0 * kMebi).startsWith("40.0 MiB more"));
}

void BudgetCurveTest::keepsOnePointForEachBudgetThatWasTried() {
    BudgetCurve tried;
    tried.setCurve(curve());
    for (int i = 0; i < 40; ++i) tried.addToken(token(200 * kMebi, i < 20 ? 100 : 42));
    for (int i = 0; i < 10; ++i) tried.addToken(token(400 * kMebi, 26));
    tried.addToken(token(200 * kMebi + kMebi, 42));  // as good as the same
    tried.addToken(token(0, 1));                     // no budget: nothing to show
    QCOMPARE(tried.measured().size(), 2U);
    QCOMPARE(tried.measured().back().tokens, 41);
    QVERIFY(tried.measured().back().timeMs < 65);  // the latest count most
    QCOMPARE(tried.measured().front().timeMs, 26.0);
    for (uint64_t i = 0; i < 200; ++i) tried.addToken(token((100 + 9 * i) * kMebi, 20));
    QCOMPARE(tried.measured().size(), BudgetCurve::kMeasuredMost);
}

void BudgetCurveTest::foretoldStandsBesideMeasured() {
    BudgetCurve tried;
    tried.setCurve(curve());
    for (int i = 0; i < BudgetCurve::kTokensLeast - 1; ++i)
        tried.addToken(token(200 * kMebi, 40));
    QCOMPARE(tried.measuredAt(200.0 * kMebi), 0.0);  // too few to say
    tried.addToken(token(200 * kMebi, 40));
    QCOMPARE(tried.measuredAt(200.0 * kMebi), 40.0);
    QCOMPARE(tried.measuredAt(201.0 * kMebi), 40.0);
    QCOMPARE(tried.measuredAt(300.0 * kMebi), 0.0);
    const QList<QByteArray> lines = tried.toCsv().trimmed().split('\n');
    QCOMPARE(lines.size(), 5);
    QCOMPARE(lines[1], QByteArray("foretold,104857600,50.000,0.0000,0,0.0,"));
    QCOMPARE(lines[4], QByteArray("measured,209715200,40.000,,,,8"));
}

void BudgetCurveTest::aHiddenPanelIsNotTold() {
    Telemetry telemetry;
    telemetry.setVisible(false);
    QSignalSpy changed(telemetry.curve(), &BudgetCurve::changed);
    telemetry.addTokens({.stats = {token(200 * kMebi, 42)}});
    QTest::qWait(150);
    QCOMPARE(changed.count(), 0);
    telemetry.setVisible(true);
    QVERIFY(changed.count() > 0);
}

QTEST_GUILESS_MAIN(BudgetCurveTest)
#include "budgetcurvetest.moc"
