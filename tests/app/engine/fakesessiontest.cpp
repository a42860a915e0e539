// SPDX-License-Identifier: Apache-2.0
// The fake engine's script and figures: what the window's tests rest on.
#include <QTest>

#include "app/engine/automaticbudget.h"
#include "app/engine/fakescript.h"
#include "tests/app/support/fakeengine.h"

using namespace glowworm;

class FakeSessionTest : public QObject {
    Q_OBJECT

  private Q_SLOTS:
    void tokensAreWholeCharactersAndJoinToTheText();
    void figuresAddUp();
    void moreBudgetReadsLess();
    void automaticBudgetKeepsWithinTheModel();
};

void FakeSessionTest::tokensAreWholeCharactersAndJoinToTheText() {
    const std::string answer = fakeAnswer("table code list arabic words html");
    std::string joined;
    for (const std::string_view token : fakeTokens(answer)) {
        QVERIFY(!token.empty());
        QVERIFY(QString::fromUtf8(token.data(), static_cast<qsizetype>(token.size())).toUtf8() ==
                QByteArray(token.data(), static_cast<qsizetype>(token.size())));
        joined += token;
    }
    QVERIFY(joined == answer);
    QVERIFY(fakeAnswer("long").size() > 10'000);
}

void FakeSessionTest::figuresAddUp() {
    FakeFigures figures;
    figures.setBudget(FakeFigures::kLeastBytes + (300ULL << 20));
    for (int i = 0; i < 300; ++i) {
        const TokenStats s = figures.nextToken();
        QCOMPARE(s.hits + s.misses, s.active_neurons);
        QVERIFY(s.active_neurons < s.total_neurons);
        const double parts = s.attention_ms + s.predictor_ms + s.ffn_ms + s.flash_wait_ms +
                             s.manager_ms + s.output_ms;
        QVERIFY(qFuzzyCompare(parts, s.time_ms));
        QVERIFY(s.memory_bytes <= s.budget_bytes);
        const MemoryBreakdown m = figures.memory();
        QVERIFY(m.usedBytes() + m.neuron_cache_free <= m.budget_bytes);
    }
}

void FakeSessionTest::moreBudgetReadsLess() {
    const auto bytesAt = [](uint64_t budget) {
        FakeFigures figures;
        figures.setBudget(budget);
        uint64_t bytes = 0;
        for (int i = 0; i < 200; ++i) {
            const TokenStats s = figures.nextToken();
            if (i >= 100) bytes += s.read_bytes;
        }
        return bytes;
    };
    const uint64_t least = bytesAt(FakeFigures::kLeastBytes);
    const uint64_t middle = bytesAt((FakeFigures::kLeastBytes + FakeFigures::kWholeBytes) / 2);
    const uint64_t whole = bytesAt(FakeFigures::kWholeBytes);
    QVERIFY(least > middle);
    QVERIFY(middle > whole);
}

void FakeSessionTest::automaticBudgetKeepsWithinTheModel() {
    const ModelTarget model{.modelId = {}, .name = {}, .bundlePath = {},
                            .budgetBytesMin = 1000, .budgetBytesMax = 5000};
    QCOMPARE(automaticBudget(model, 400), 1000);     // the least, whatever the machine says
    QCOMPARE(automaticBudget(model, 4000), 3000);    // three quarters of what is there
    QCOMPARE(automaticBudget(model, 1 << 20), 5000); // never more than the whole model
    ModelTarget starter = model;
    starter.starter = true;
    QCOMPARE(automaticBudget(starter, 1 << 20), 3000);
    QCOMPARE(automaticBudget(ModelTarget(), 1 << 20), 0);
}

QTEST_MAIN(FakeSessionTest)
#include "fakesessiontest.moc"
