// SPDX-License-Identifier: Apache-2.0
// The panel's figures, by hand on small numbers; and that a hidden panel costs nothing.
#include <QClipboard>
#include <QGuiApplication>
#include <QSignalSpy>
#include <QTest>

#include "app/telemetry/axis.h"
#include "app/telemetry/telemetry.h"
#include "app/telemetry/verdict.h"

using namespace glowworm;

namespace {

TokenStats token(double time, double flash, uint64_t hits, uint64_t misses, uint64_t budget = 100) {
    TokenStats s;
    s.time_ms = time;
    s.flash_wait_ms = flash;
    s.attention_ms = 2;
    s.predictor_ms = 1;
    s.ffn_ms = 3;
    s.hits = hits;
    s.misses = misses;
    s.read_bytes = misses * 1000;
    s.active_neurons = hits + misses;
    s.total_neurons = 1000;
    s.budget_bytes = budget;
    s.window_tokens = 5;
    return s;
}

}  // namespace

class TelemetryTest : public QObject {
    Q_OBJECT

  private Q_SLOTS:
    void isEmptyAtFirst();
    void computesTheFigures();
    void nowIsTheLastSixteen();
    void theAnswerStartsAgain();
    void tellsAtMostTenTimesASecond();
    void hiddenItTellsNothing();
    void theRingKeepsTheLast();
    void marksAChangeOfBudget();
    void saysWhatLimitsSpeed();
    void copiesCsv();
    void labelsOfAnAxisAreShort();
};

void TelemetryTest::isEmptyAtFirst() {
    const Telemetry telemetry;
    QVERIFY(!telemetry.hasData());
    QVERIFY(!telemetry.hasMemory());
    QCOMPARE(telemetry.tokensPerSecond(), 0.0);
    QCOMPARE(telemetry.hitRateNow(), 0.0);
    QCOMPARE(telemetry.windowEffective(), 0);
    QVERIFY(telemetry.verdict().isEmpty());
}

void TelemetryTest::computesTheFigures() {
    Telemetry telemetry;
    QSignalSpy updated(&telemetry, &Telemetry::updated);
    telemetry.addTokens({{}, {token(20, 10, 75, 25), token(30, 10, 25, 75)}});
    QTRY_COMPARE(updated.size(), 1);
    QVERIFY(telemetry.hasData());
    QCOMPARE(telemetry.tokensPerSecond(), 40.0);
    QCOMPARE(telemetry.timePerTokenMs(), 25.0);
    QCOMPARE(telemetry.flashWaitMs(), 10.0);
    QCOMPARE(telemetry.otherMs(), 25.0 - 10 - 2 - 1 - 3);
    QCOMPARE(telemetry.hitRateNow(), 0.5);
    QCOMPARE(telemetry.bytesPerToken(), 50'000.0);
    QCOMPARE(telemetry.flashBytesPerSecond(), 2'000'000.0);
    QCOMPARE(telemetry.activeShare(), 0.1);
    QCOMPARE(telemetry.windowEffective(), 5);
}

void TelemetryTest::nowIsTheLastSixteen() {
    Telemetry telemetry;
    QSignalSpy updated(&telemetry, &Telemetry::updated);
    TokenBatch batch;
    for (int i = 0; i < 50; ++i) batch.stats += token(20, 0, 0, 100);
    for (int i = 0; i < 16; ++i) batch.stats += token(20, 0, 100, 0);
    telemetry.addTokens(batch);
    QTRY_COMPARE(updated.size(), 1);
    QCOMPARE(telemetry.hitRateNow(), 1.0);
    QCOMPARE(telemetry.hitRateAnswer(), 16.0 / 66);
}

void TelemetryTest::theAnswerStartsAgain() {
    Telemetry telemetry;
    telemetry.addTokens({{}, {token(20, 0, 0, 100)}});
    telemetry.beginAnswer();
    telemetry.addTokens({{}, {token(20, 0, 100, 0)}});
    QCOMPARE(telemetry.hitRateAnswer(), 1.0);
    QCOMPARE(telemetry.history().size(), 2);
    telemetry.clear();
    QVERIFY(!telemetry.hasData());
}

void TelemetryTest::tellsAtMostTenTimesASecond() {
    Telemetry telemetry;
    QSignalSpy updated(&telemetry, &Telemetry::updated);
    for (int i = 0; i < 1000; ++i) telemetry.addTokens({{}, {token(1, 0, 1, 0)}});
    QCOMPARE(updated.size(), 0);
    QTRY_COMPARE(updated.size(), 1);
}

void TelemetryTest::hiddenItTellsNothing() {
    Telemetry telemetry;
    telemetry.setVisible(false);
    QSignalSpy updated(&telemetry, &Telemetry::updated);
    QSignalSpy memory(&telemetry, &Telemetry::memoryChanged);
    telemetry.addTokens({{}, {token(20, 0, 1, 0)}});
    telemetry.setMemory({.resident_weights = 7, .budget_bytes = 100});
    QVERIFY(!updated.wait(250));
    QVERIFY(memory.isEmpty());
    telemetry.setVisible(true);
    QCOMPARE(updated.size(), 1);
    QCOMPARE(memory.size(), 1);
    QCOMPARE(telemetry.tokensPerSecond(), 50.0);
    QCOMPARE(telemetry.residentBytes(), 7);
}

void TelemetryTest::theRingKeepsTheLast() {
    TokenHistory history;
    for (uint64_t i = 0; i < 450; ++i) history.add(token(1, 0, i, 0));
    QCOMPARE(history.size(), TokenHistory::kSize);
    QCOMPARE(history.added(), 450);
    QCOMPARE(history.at(0).hits, 250U);
    QCOMPARE(history.at(199).hits, 449U);
    QCOMPARE(history.lastSums(2).hits, 448.0 + 449.0);
}

void TelemetryTest::marksAChangeOfBudget() {
    TokenHistory history;
    for (const uint64_t budget : {100U, 100U, 200U, 200U, 100U})
        history.add(token(1, 0, 1, 0, budget));
    QList<bool> marks;
    for (int i = 0; i < history.size(); ++i) marks += history.budgetMark(i);
    QCOMPARE(marks, QList<bool>({false, false, true, false, true}));
}

void TelemetryTest::saysWhatLimitsSpeed() {
    const auto verdict = [](const TokenStats& stats) {
        TokenSums sums;
        sums.add(stats);
        return verdictOf(sums);
    };
    QCOMPARE(verdict(token(100, 62, 50, 50)),
             QStringLiteral("Waiting for flash 62 % of each token: more budget helps"));
    QCOMPARE(verdict(token(100, 0, 50, 0)),
             QStringLiteral("Compute bound: everything needed is in memory"));
    QVERIFY(
        verdict(token(10, 1, 50, 50)).startsWith(QStringLiteral("Compute bound: feed-forward")));
    QVERIFY(!verdict(token(100, 40, 95, 5)).contains(QStringLiteral("more budget")));
}

void TelemetryTest::copiesCsv() {
    Telemetry telemetry;
    telemetry.addTokens({{}, {token(20, 10, 75, 25), token(30, 10, 25, 75)}});
    telemetry.copyAsCsv();
    const QStringList lines = QGuiApplication::clipboard()->text().split(u'\n', Qt::SkipEmptyParts);
    QCOMPARE(lines.size(), 3);
    QVERIFY(lines[0].startsWith(QStringLiteral("token,time_ms")));
    QCOMPARE(lines[1].split(u',').size(), lines[0].split(u',').size());
    QVERIFY(lines[2].startsWith(QStringLiteral("2,30.000,")));
}

void TelemetryTest::labelsOfAnAxisAreShort() {
    QCOMPARE(axisTime(0), QStringLiteral("0"));
    QCOMPARE(axisTime(2.5), QStringLiteral("2.5 ms"));
    QCOMPARE(axisTime(500), QStringLiteral("500 ms"));
    QCOMPARE(axisTime(1000), QStringLiteral("1 s"));
    QCOMPARE(axisTime(axisRoundedUp(1234)), QStringLiteral("2 s"));
}

QTEST_MAIN(TelemetryTest)
#include "telemetrytest.moc"
