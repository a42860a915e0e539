// SPDX-License-Identifier: Apache-2.0
// The engine thread and its controller, on the fake engine: open, answer, stop in every phase,
// change the budget while an answer runs, end while anything runs.
#include <QElapsedTimer>
#include <QSignalSpy>
#include <QTest>

#include "tests/app/support/fakeengine.h"

using namespace glowworm;

namespace {

constexpr qint64 kStopMs = 200;   // the bound for an answer to Stop
constexpr qint64 kCloseMs = 1000;

}  // namespace

class EngineControllerTest : public QObject {
    Q_OBJECT

  private Q_SLOTS:
    void opensAndAnswers();
    void joinsTokens();
    void stopsInEveryPhase_data();
    void stopsInEveryPhase();
    void endsInEveryPhase_data() { stopsInEveryPhase_data(); }
    void endsInEveryPhase();
    void changesTheBudgetWhileAnswering();
    void clampsTheBudget();
    void keepsABudgetChosenWhileLoading();
    void reportsABrokenModelAndRetries();
    void reportsAFailedAnswerAndGoesOn();
    void answersOnceTheModelIsReady();
    void opensAnotherModelWhileAnswering();
    void closesTheModel();
    void stoppingALoadEndsAWaitingPrompt();
};

void EngineControllerTest::opensAndAnswers() {
    EngineController engine(fakeSessions(fast()));
    engine.setResolver(anyModel);
    QCOMPARE(engine.state(), EngineController::Idle);
    QSignalSpy memory(&engine, &EngineController::memoryArrived);
    engine.openModel(QStringLiteral("a"));
    QCOMPARE(engine.state(), EngineController::Loading);
    QTRY_COMPARE(engine.state(), EngineController::Ready);
    QCOMPARE(engine.modelName(), QStringLiteral("Model a"));
    QVERIFY(engine.budgetBytesMin() > 0);
    QVERIFY(engine.budgetBytes() >= engine.budgetBytesMin());
    QVERIFY(!memory.isEmpty());

    QString text;
    qsizetype tokens = 0;
    connect(&engine, &EngineController::tokensArrived, this, [&](const TokenBatch& batch) {
        text += batch.text;
        tokens += batch.stats.size();
    });
    QSignalSpy finished(&engine, &EngineController::answerFinished);
    QVERIFY(engine.generate(ask("short")));
    QVERIFY(!engine.generate(ask("another")));
    QTRY_COMPARE(finished.size(), 1);
    QCOMPARE(text, QStringLiteral("Short and sweet."));
    const auto end = finished[0][0].value<AnswerEnd>();
    QCOMPARE(end.finish, FinishReason::kEndOfText);
    QCOMPARE(tokens, end.tokens);
    QCOMPARE(engine.state(), EngineController::Ready);
    QCOMPARE(engine.contextUsed(), end.promptTokens + end.tokens);
}

void EngineControllerTest::joinsTokens() {
    FakeOptions options = steadyDecode();
    options.tokensPerSecond = 1000;
    EngineController engine(fakeSessions(options));
    engine.setResolver(anyModel);
    engine.openModel(QStringLiteral("a"));
    QTRY_COMPARE(engine.state(), EngineController::Ready);
    QSignalSpy batches(&engine, &EngineController::tokensArrived);
    QSignalSpy finished(&engine, &EngineController::answerFinished);
    QElapsedTimer timer;
    timer.start();
    engine.generate(ask("table"));
    QTRY_COMPARE_WITH_TIMEOUT(finished.size(), 1, 20'000);
    // At most one each 33 ms, the first and the last apart.
    QVERIFY2(batches.size() <= timer.elapsed() / 33 + 2,
             qPrintable(QString::number(batches.size())));
    QVERIFY(finished[0][0].value<AnswerEnd>().tokens > batches.size());
}

void EngineControllerTest::stopsInEveryPhase_data() {
    QTest::addColumn<FakeOptions>("options");
    QTest::addColumn<int>("phase");
    QTest::newRow("load") << stuckInLoad() << static_cast<int>(EngineController::Loading);
    QTest::newRow("prefill") << stuckInPrefill() << static_cast<int>(EngineController::Prefilling);
    QTest::newRow("first token") << slowDecode() << static_cast<int>(EngineController::Prefilling);
    QTest::newRow("decode") << steadyDecode() << static_cast<int>(EngineController::Generating);
}

void EngineControllerTest::stopsInEveryPhase() {
    QFETCH(FakeOptions, options);
    QFETCH(int, phase);
    EngineController engine(fakeSessions(options));
    engine.setResolver(anyModel);
    QSignalSpy finished(&engine, &EngineController::answerFinished);
    engine.openModel(QStringLiteral("a"));
    const bool loading = phase == EngineController::Loading;
    if (!loading) {
        QTRY_COMPARE(engine.state(), EngineController::Ready);
        engine.generate(ask("long"));
    }
    QTRY_COMPARE(static_cast<int>(engine.state()), phase);
    QElapsedTimer timer;
    timer.start();
    engine.stop();
    QCOMPARE(engine.state(), EngineController::Stopping);
    QTRY_COMPARE(engine.state(), loading ? EngineController::Idle : EngineController::Ready);
    QVERIFY2(timer.elapsed() < kStopMs, qPrintable(QString::number(timer.elapsed())));
    if (!loading) {
        QCOMPARE(finished.size(), 1);
        QCOMPARE(finished[0][0].value<AnswerEnd>().finish, FinishReason::kStopped);
    }
}

void EngineControllerTest::endsInEveryPhase() {
    QFETCH(FakeOptions, options);
    QFETCH(int, phase);
    auto engine = std::make_unique<EngineController>(fakeSessions(options));
    engine->setResolver(anyModel);
    engine->openModel(QStringLiteral("a"));
    if (phase != EngineController::Loading) {
        QTRY_COMPARE(engine->state(), EngineController::Ready);
        engine->generate(ask("long"));
    }
    QTRY_COMPARE(static_cast<int>(engine->state()), phase);
    QElapsedTimer timer;
    timer.start();
    engine.reset();
    QVERIFY2(timer.elapsed() < kCloseMs, qPrintable(QString::number(timer.elapsed())));
}

void EngineControllerTest::changesTheBudgetWhileAnswering() {
    EngineController engine(fakeSessions(steadyDecode()));
    engine.setResolver(anyModel);
    engine.openModel(QStringLiteral("a"));
    QTRY_COMPARE(engine.state(), EngineController::Ready);
    engine.generate(ask("long"));
    QTRY_COMPARE(engine.state(), EngineController::Generating);
    TokenStats last;
    connect(&engine, &EngineController::tokensArrived, this,
            [&](const TokenBatch& batch) { last = batch.stats.last(); });
    const qint64 budget = engine.budgetBytesMin() + (64 << 20);
    engine.setBudgetBytes(budget);
    QTRY_COMPARE(static_cast<qint64>(last.budget_bytes), budget);
    engine.setWindowTokens(1);
    QTRY_COMPARE(last.window_tokens_asked, 1U);
    QTRY_COMPARE(last.window_tokens, 1U);
    engine.stop();
    QTRY_COMPARE(engine.state(), EngineController::Ready);
    QCOMPARE(engine.budgetBytes(), budget);
}

void EngineControllerTest::clampsTheBudget() {
    EngineController engine(fakeSessions(fast()));
    engine.setResolver(anyModel);
    engine.setBudgetBytes(123);  // no model: nothing to set
    QCOMPARE(engine.budgetBytes(), 0);
    engine.openModel(QStringLiteral("a"));
    QTRY_COMPARE(engine.state(), EngineController::Ready);
    QSignalSpy memory(&engine, &EngineController::memoryArrived);
    engine.setBudgetBytes(1);
    QCOMPARE(engine.budgetBytes(), engine.budgetBytesMin());
    QTRY_COMPARE(memory.size(), 1);
    QCOMPARE(static_cast<qint64>(memory[0][0].value<MemoryBreakdown>().budget_bytes),
             engine.budgetBytesMin());
    engine.setBudgetBytes(engine.budgetBytesMax() + 1);
    QCOMPARE(engine.budgetBytes(), engine.budgetBytesMax());
}

void EngineControllerTest::keepsABudgetChosenWhileLoading() {
    EngineController engine(fakeSessions({.loadMs = 200}));
    engine.setResolver(anyModel);
    engine.openModel(QStringLiteral("a"));
    const auto budget = static_cast<qint64>(FakeFigures::kWholeBytes) - 1;
    engine.setBudgetBytes(budget);
    MemoryBreakdown memory;
    connect(&engine, &EngineController::memoryArrived, this,
            [&](const MemoryBreakdown& m) { memory = m; });
    QTRY_COMPARE(static_cast<qint64>(memory.budget_bytes), budget);
    QCOMPARE(engine.budgetBytes(), budget);
}

void EngineControllerTest::reportsABrokenModelAndRetries() {
    EngineController engine(fakeSessions(fast()));
    engine.setResolver(anyModel);
    engine.openModel(QStringLiteral("broken"));
    QTRY_COMPARE(engine.state(), EngineController::Failed);
    QVERIFY(engine.errorText().contains(QStringLiteral("neurons.bin")));
    QVERIFY(!engine.modelOpen());
    engine.retry();
    QCOMPARE(engine.state(), EngineController::Loading);
    QVERIFY(engine.errorText().isEmpty());
    QTRY_COMPARE(engine.state(), EngineController::Failed);
    engine.openModel(QStringLiteral("a"));
    QTRY_COMPARE(engine.state(), EngineController::Ready);
}

void EngineControllerTest::reportsAFailedAnswerAndGoesOn() {
    EngineController engine(fakeSessions(fast()));
    engine.setResolver(anyModel);
    engine.openModel(QStringLiteral("a"));
    QTRY_COMPARE(engine.state(), EngineController::Ready);
    QSignalSpy failed(&engine, &EngineController::answerFailed);
    QSignalSpy finished(&engine, &EngineController::answerFinished);
    engine.generate(ask("please fail"));
    QTRY_COMPARE(failed.size(), 1);
    QVERIFY(failed[0][0].toString().contains(QStringLiteral("disk")));
    QVERIFY(finished.isEmpty());
    QVERIFY(engine.generate(ask("short")));
    QTRY_COMPARE(finished.size(), 1);
}

void EngineControllerTest::answersOnceTheModelIsReady() {
    EngineController engine(fakeSessions({.loadMs = 100, .tokensPerSecond = 1e6}));
    engine.setResolver(anyModel);
    QVERIFY(!engine.generate(ask("short")));
    engine.openModel(QStringLiteral("a"));
    QSignalSpy finished(&engine, &EngineController::answerFinished);
    QVERIFY(engine.generate(ask("short")));
    QVERIFY(!engine.generate(ask("short")));
    QTRY_COMPARE(finished.size(), 1);
    QCOMPARE(finished[0][0].value<AnswerEnd>().finish, FinishReason::kEndOfText);
}

void EngineControllerTest::opensAnotherModelWhileAnswering() {
    EngineController engine(fakeSessions(steadyDecode()));
    engine.setResolver(anyModel);
    engine.openModel(QStringLiteral("a"));
    QTRY_COMPARE(engine.state(), EngineController::Ready);
    engine.generate(ask("long"));
    QTRY_COMPARE(engine.state(), EngineController::Generating);
    QSignalSpy finished(&engine, &EngineController::answerFinished);
    engine.openModel(QStringLiteral("b"));
    QTRY_COMPARE(engine.modelId(), QStringLiteral("b"));
    QCOMPARE(finished.size(), 1);
    QTRY_COMPARE(engine.state(), EngineController::Ready);
    QCOMPARE(engine.modelId(), QStringLiteral("b"));
}

void EngineControllerTest::closesTheModel() {
    EngineController engine(fakeSessions(fast()));
    engine.setResolver(anyModel);
    engine.openModel(QStringLiteral("a"));
    QTRY_COMPARE(engine.state(), EngineController::Ready);
    engine.closeModel();
    QTRY_COMPARE(engine.state(), EngineController::Idle);
    QVERIFY(engine.modelId().isEmpty());
    QCOMPARE(engine.budgetBytesMax(), 0);
    engine.openModel(QStringLiteral("a"));
    QTRY_COMPARE(engine.state(), EngineController::Ready);
}

void EngineControllerTest::stoppingALoadEndsAWaitingPrompt() {
    EngineController engine(fakeSessions(stuckInLoad()));
    engine.setResolver(anyModel);
    engine.openModel(QStringLiteral("a"));
    QVERIFY(engine.generate(ask("short")));
    QSignalSpy finished(&engine, &EngineController::answerFinished);
    engine.stop();
    QTRY_COMPARE(finished.size(), 1);
    QCOMPARE(finished[0][0].value<AnswerEnd>().finish, FinishReason::kStopped);
    QCOMPARE(engine.state(), EngineController::Idle);
}

QTEST_MAIN(EngineControllerTest)
#include "enginecontrollertest.moc"
