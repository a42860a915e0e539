// SPDX-License-Identifier: Apache-2.0
// The store's thread: order, what a refused write becomes, and the last words at the end.
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include "app/chat/storethread.h"
#include "tests/app/support/filesizelimit.h"
#include "tests/app/support/records.h"

using namespace glowworm;

class StoreThreadTest : public QObject {
    Q_OBJECT

  private Q_SLOTS:
    void readsSeeEarlierWrites();
    void theEndWritesEverything();
    void anAnswerToNobodyIsDropped();
    void keepsWhatAFullDiskRefuses();
};

void StoreThreadTest::readsSeeEarlierWrites() {
    StoreThread store(QStringLiteral(":memory:"));
    QSignalSpy opened(&store, &StoreThread::opened);
    store.open();
    for (int i = 0; i < 50; ++i) {
        store.write(this, [i](ChatStore& s) {
            return s.beginAnswer(question("c1", QByteArray::number(i).constData(), 2 * i));
        });
    }
    qsizetype messages = 0;
    store.read(
        this, [](ChatStore& s) { return s.messages(QStringLiteral("c1"), -1, -1); },
        [&](const StoreResult<MessagePage>& page) { messages = page->messages.size(); });
    QTRY_COMPARE(messages, 100);
    QCOMPARE(opened.size(), 1);
}

void StoreThreadTest::theEndWritesEverything() {
    const QTemporaryDir dir;
    const QString path = dir.filePath(QStringLiteral("c.sqlite"));
    {
        StoreThread store(path);
        store.open();
        for (int i = 0; i < 50; ++i) {
            store.write(this, [i](ChatStore& s) {
                return s.beginAnswer(question("c1", QByteArray::number(i).constData(), 2 * i));
            });
        }
    }
    ChatStore store(path);
    QCOMPARE(store.open().health, StoreHealth::kGood);
    QCOMPARE(store.messages(QStringLiteral("c1"), -1, -1)->messages.size(), 100);
}

void StoreThreadTest::anAnswerToNobodyIsDropped() {
    StoreThread store(QStringLiteral(":memory:"));
    store.open();
    auto asker = std::make_unique<QObject>();
    bool answered = false;
    store.read(asker.get(), [](ChatStore&) { return 1; }, [&](int) { answered = true; });
    asker.reset();
    int other = 0;
    store.read(this, [](ChatStore&) { return 2; }, [&](int n) { other = n; });
    QTRY_COMPARE(other, 2);
    QVERIFY(!answered);
}

void StoreThreadTest::keepsWhatAFullDiskRefuses() {
    const QTemporaryDir dir;
    StoreThread store(dir.filePath(QStringLiteral("c.sqlite")));
    QSignalSpy opened(&store, &StoreThread::opened);
    QSignalSpy failed(&store, &StoreThread::failed);
    QSignalSpy recovered(&store, &StoreThread::recovered);
    store.open();
    QTRY_COMPARE(opened.size(), 1);
    QList<bool> stored;
    const auto say = [&](const QString& text, qint64 position) {
        store.write(
            this,
            [=](ChatStore& s) {
                AnswerStart start = question("c1", "?", position);
                start.prompt->text = text;
                return s.beginAnswer(start);
            },
            [&](bool done) { stored += done; });
    };
    {
        const FileSizeLimit limit(300'000);
        say(QString(1'000'000, u'x'), 0);
        say(QStringLiteral("after"), 2);
        QTRY_COMPARE(stored, QList<bool>({false, false}));
        QCOMPARE(failed.size(), 1);
        store.retry();
        QTRY_COMPARE(failed.size(), 2);
        QVERIFY(recovered.isEmpty());
    }
    store.retry();
    QTRY_COMPARE(recovered.size(), 1);
    qsizetype messages = 0;
    store.read(
        this, [](ChatStore& s) { return s.messages(QStringLiteral("c1"), -1, -1); },
        [&](const StoreResult<MessagePage>& page) { messages = page->messages.size(); });
    QTRY_COMPARE(messages, 4);
}

QTEST_GUILESS_MAIN(StoreThreadTest)
#include "storethreadtest.moc"
