// SPDX-License-Identifier: Apache-2.0
// The chat database: what is kept, and what happens to a newer, damaged or read-only file.
#include <unistd.h>

#include <QDir>
#include <QFile>
#include <QSqlDatabase>
#include <QSqlQuery>
#include <QTemporaryDir>
#include <QTest>

#include "app/chat/chatmigrations.h"
#include "tests/app/support/filesizelimit.h"
#include "tests/app/support/records.h"

using namespace glowworm;

namespace {

// Runs statements on the file from outside, as another program would.
void outside(const QString& path, const QStringList& statements) {
    {
        QSqlDatabase db =
            QSqlDatabase::addDatabase(QStringLiteral("QSQLITE"), QStringLiteral("out"));
        db.setDatabaseName(path);
        QVERIFY(db.open());
        QSqlQuery query(db);
        for (const QString& statement : statements)
            QVERIFY2(query.exec(statement), qPrintable(statement));
    }
    QSqlDatabase::removeDatabase(QStringLiteral("out"));
}

QByteArray bytesOf(const QString& path) {
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

}  // namespace

class ChatStoreTest : public QObject {
    Q_OBJECT

  private Q_SLOTS:
    void init();
    void keepsAConversation();
    void appendsInPiecesAndJoinsThem();
    void anInterruptedAnswerSaysSo();
    void replacesFromAPosition();
    void pagesMessages();
    void pagesAndFiltersConversations();
    void deletesWithUndoAndPurgesAtStart();
    void aNewerDatabaseIsRefused();
    void aDamagedDatabaseIsLeftUntilSetAside();
    void aReadOnlyDatabaseCanBeRead();
    void twoStoresDoNotShareAFile();
    void aFolderThatCannotBeMade();
    void aFullDiskIsReported();
    void anEmptyFileBecomesTheLatest();

  private:
    [[nodiscard]] QString path() const {
        return m_dir->filePath(QStringLiteral("sub/chats.sqlite"));
    }
    std::unique_ptr<QTemporaryDir> m_dir;
};

void ChatStoreTest::init() { m_dir = std::make_unique<QTemporaryDir>(); }

void ChatStoreTest::keepsAConversation() {
    AnswerStart start = question("c1", "What is a glowworm?", 0);
    start.conversation.options = {.systemPrompt = QStringLiteral("Be brief"), .temperature = 0.2,
                                  .topK = 7, .topP = 0.5, .minP = 0.1, .repeatPenalty = 1.2,
                                  .seed = 1234567890123, .maxTokens = 99};
    {
        ChatStore store(path());
        QCOMPARE(store.open().health, StoreHealth::kGood);
        QVERIFY(store.beginAnswer(start));
        start.answer.text = QStringLiteral("A beetle. 😀");
        start.answer.state = MessageState::kDone;
        start.answer.statsText = QStringLiteral("12 tokens/s");
        QVERIFY(store.finishAnswer(start.answer));
        start.conversation.draft = QStringLiteral("and");
        QVERIFY(store.saveDetails(start.conversation));
        QVERIFY(store.rename(QStringLiteral("c1"), QStringLiteral("Beetles")));
    }
    ChatStore store(path());
    QCOMPARE(store.open().health, StoreHealth::kGood);
    const auto conversation = store.conversation(QStringLiteral("c1"));
    QVERIFY(conversation && *conversation);
    QCOMPARE((*conversation)->title, QStringLiteral("Beetles"));
    QCOMPARE((*conversation)->draft, QStringLiteral("and"));
    QCOMPARE((*conversation)->snippet, QStringLiteral("A beetle. 😀"));
    QVERIFY((*conversation)->options == start.conversation.options);
    const auto page = store.messages(QStringLiteral("c1"), -1, 10);
    QVERIFY(page);
    QCOMPARE(page->messages.size(), 2);
    QCOMPARE(page->messages[0].role, MessageRole::kUser);
    QCOMPARE(page->messages[1].text, QStringLiteral("A beetle. 😀"));
    QCOMPARE(page->messages[1].state, MessageState::kDone);
    QCOMPARE(page->messages[1].statsText, QStringLiteral("12 tokens/s"));
    QVERIFY(!store.conversation(QStringLiteral("nonesuch")).value());
}

void ChatStoreTest::appendsInPiecesAndJoinsThem() {
    ChatStore store(path());
    store.open();
    AnswerStart start = question("c1", "?", 0);
    QVERIFY(store.beginAnswer(start));
    for (int i = 0; i < 12; ++i)
        QVERIFY(store.appendAnswer(start.answer.id, QString::number(i) + u' '));
    // A piece for an answer that has gone is not an error.
    QVERIFY(store.appendAnswer(QStringLiteral("gone"), QStringLiteral("x")));
    start.answer.text = QStringLiteral("all");
    start.answer.state = MessageState::kStopped;
    QVERIFY(store.finishAnswer(start.answer));
    store.close();
    QCOMPARE(store.open().health, StoreHealth::kGood);
    QCOMPARE(store.messages(QStringLiteral("c1"), -1, 10)->messages[1].text, QStringLiteral("all"));
}

void ChatStoreTest::anInterruptedAnswerSaysSo() {
    {
        ChatStore store(path());
        store.open();
        const AnswerStart start = question("c1", "?", 0);
        QVERIFY(store.beginAnswer(start));
        for (int i = 0; i < 12; ++i)
            QVERIFY(store.appendAnswer(start.answer.id, QString::number(i) + u' '));
    }
    ChatStore store(path());
    store.open();
    const MessageRecord answer = store.messages(QStringLiteral("c1"), -1, 10)->messages[1];
    QCOMPARE(answer.state, MessageState::kInterrupted);
    QCOMPARE(answer.text, QStringLiteral("0 1 2 3 4 5 6 7 8 9 10 11 "));
}

void ChatStoreTest::replacesFromAPosition() {
    ChatStore store(path());
    store.open();
    QVERIFY(store.beginAnswer(question("c1", "one", 0)));
    QVERIFY(store.beginAnswer(question("c1", "two", 2)));
    AnswerStart edited = question("c1", "two, again", 2);
    edited.replaceFrom = 2;
    QVERIFY(store.beginAnswer(edited));
    const auto page = store.messages(QStringLiteral("c1"), -1, 10);
    QCOMPARE(page->messages.size(), 4);
    QCOMPARE(page->messages[2].text, QStringLiteral("two, again"));
    // A step that cannot be done leaves nothing behind.
    QVERIFY(!store.beginAnswer(question("c1", "same place", 2)));
    QCOMPARE(store.messages(QStringLiteral("c1"), -1, 10)->messages.size(), 4);
}

void ChatStoreTest::pagesMessages() {
    ChatStore store(path());
    store.open();
    for (int i = 0; i < 25; ++i)
        QVERIFY(store.beginAnswer(question("c1", QByteArray::number(i).constData(), 2 * i)));
    QList<qint64> positions;
    qint64 before = -1;
    bool older = true;
    while (older) {
        const auto page = store.messages(QStringLiteral("c1"), before, 20);
        QVERIFY(page->messages.size() <= 20);
        for (qsizetype i = page->messages.size(); i-- > 0;)
            positions.append(page->messages[i].position);
        older = page->hasOlder;
        before = page->messages.first().position;
    }
    QCOMPARE(positions.size(), 50);
    for (qsizetype i = 0; i < 50; ++i) QCOMPARE(positions[i], 49 - i);
    QCOMPARE(store.messages(QStringLiteral("c1"), 10, -1)->messages.size(), 10);
}

void ChatStoreTest::pagesAndFiltersConversations() {
    ChatStore store(path());
    store.open();
    for (int i = 0; i < 45; ++i) {
        AnswerStart start = question(("c" + QByteArray::number(i)).constData(), "?", 0);
        start.conversation.title = QStringLiteral("Talk %1 %_\\").arg(i);
        start.conversation.updated = QDateTime::fromMSecsSinceEpoch(1'000'000 + i / 2);
        QVERIFY(store.beginAnswer(start));
    }
    QStringList seen;
    ConversationCursor after;
    for (;;) {
        const auto page = store.conversations({}, after, 20);
        if (page->isEmpty()) break;
        for (const ConversationRecord& c : *page) seen += c.id;
        after = {page->last().updated, page->last().id};
    }
    QCOMPARE(seen.size(), 45);
    QCOMPARE(QSet<QString>(seen.begin(), seen.end()).size(), 45);
    QCOMPARE(seen.first(), QStringLiteral("c44"));
    QCOMPARE(store.conversations(QStringLiteral("talk 7"), {}, 50)->size(), 1);
    QCOMPARE(store.conversations(QStringLiteral("%_\\"), {}, 50)->size(), 45);
    QCOMPARE(store.conversations(QStringLiteral("k_7"), {}, 50)->size(), 0);
}

void ChatStoreTest::deletesWithUndoAndPurgesAtStart() {
    ChatStore store(path());
    store.open();
    for (const char* id : {"keep", "gone"}) QVERIFY(store.beginAnswer(question(id, "?", 0)));
    QVERIFY(store.setDeleted(QStringLiteral("keep"), true));
    QVERIFY(store.setDeleted(QStringLiteral("gone"), true));
    QCOMPARE(store.conversations({}, {}, 10)->size(), 0);
    QVERIFY(store.setDeleted(QStringLiteral("keep"), false));
    QCOMPARE(store.conversations({}, {}, 10)->size(), 1);
    store.close();
    store.open();
    QVERIFY(store.setDeleted(QStringLiteral("gone"), false));
    QCOMPARE(store.conversations({}, {}, 10)->size(), 1);
    QCOMPARE(store.messages(QStringLiteral("gone"), -1, 10)->messages.size(), 0);
    QCOMPARE(store.messages(QStringLiteral("keep"), -1, 10)->messages.size(), 2);
}

void ChatStoreTest::aNewerDatabaseIsRefused() {
    ChatStore(path()).open();
    outside(path(), {QStringLiteral("PRAGMA user_version = 999"),
                     QStringLiteral("PRAGMA wal_checkpoint(TRUNCATE)")});
    const QByteArray before = bytesOf(path());
    ChatStore store(path());
    const StoreOpening opening = store.open();
    QCOMPARE(opening.health, StoreHealth::kNewer);
    QVERIFY(opening.message.contains(path()));
    QVERIFY(store.beginAnswer(question("c1", "works all the same", 0)));
    store.close();
    QVERIFY(bytesOf(path()) == before);
}

void ChatStoreTest::aDamagedDatabaseIsLeftUntilSetAside() {
    QDir().mkpath(QFileInfo(path()).path());
    const QByteArray rubbish(9000, 'x');
    QFile file(path());
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(rubbish);
    file.close();
    ChatStore store(path());
    QCOMPARE(store.open().health, StoreHealth::kCorrupt);
    QVERIFY(store.beginAnswer(question("c1", "?", 0)));
    QVERIFY(bytesOf(path()) == rubbish);
    const StoreOpening opening = store.setAside();
    QCOMPARE(opening.health, StoreHealth::kGood);
    const QStringList aside =
        QDir(QFileInfo(path()).path()).entryList({QStringLiteral("*.corrupt-*")});
    QCOMPARE(aside.size(), 1);
    QVERIFY(opening.message.contains(aside[0]));
    QVERIFY(bytesOf(QFileInfo(path()).path() + u'/' + aside[0]) == rubbish);
    QVERIFY(store.beginAnswer(question("c1", "?", 0)));
    store.close();
    QCOMPARE(store.open().health, StoreHealth::kGood);
    QCOMPARE(store.conversations({}, {}, 10)->size(), 1);
}

void ChatStoreTest::aReadOnlyDatabaseCanBeRead() {
    {
        ChatStore store(path());
        store.open();
        QVERIFY(store.beginAnswer(question("c1", "still here", 0)));
    }
    const QByteArray before = bytesOf(path());
    const QString folder = QFileInfo(path()).path();
    const auto read = QFile::ReadOwner | QFile::ReadGroup | QFile::ReadOther;
    const auto enter = QFile::ExeOwner | QFile::ExeGroup | QFile::ExeOther;
    QVERIFY(QFile::setPermissions(path(), read));
    QVERIFY(QFile::setPermissions(folder, read | enter));
    QVERIFY(QFile::setPermissions(m_dir->path(), read | enter | QFile::WriteOwner));
    const uid_t before_id = geteuid();
    if (before_id == 0) QCOMPARE(seteuid(65534), 0);
    {
        ChatStore store(path());
        const StoreOpening opening = store.open();
        QVERIFY2(opening.health == StoreHealth::kReadOnly, qPrintable(opening.message));
        QVERIFY(opening.message.contains(path()));
        QCOMPARE(store.messages(QStringLiteral("c1"), -1, 10)->messages.size(), 2);
        QVERIFY(store.beginAnswer(question("c2", "not kept, but answered", 0)));
        QCOMPARE(store.conversations({}, {}, 10)->size(), 2);
    }
    if (before_id == 0) QCOMPARE(seteuid(before_id), 0);
    QFile::setPermissions(folder, QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
    QVERIFY(bytesOf(path()) == before);
}

void ChatStoreTest::twoStoresDoNotShareAFile() {
    ChatStore first(path());
    QCOMPARE(first.open().health, StoreHealth::kGood);
    QVERIFY(first.beginAnswer(question("c1", "?", 0)));
    ChatStore second(path());
    QCOMPARE(second.open().health, StoreHealth::kUnavailable);
    first.close();
    QCOMPARE(second.open().health, StoreHealth::kGood);
}

void ChatStoreTest::aFolderThatCannotBeMade() {
    ChatStore store(QStringLiteral("/dev/null/chats.sqlite"));
    const StoreOpening opening = store.open();
    QCOMPARE(opening.health, StoreHealth::kUnavailable);
    QVERIFY(!opening.message.isEmpty());
    QVERIFY(store.beginAnswer(question("c1", "?", 0)));
}

void ChatStoreTest::aFullDiskIsReported() {
    ChatStore store(path());
    store.open();
    QVERIFY(store.beginAnswer(question("c1", "before", 0)));
    AnswerStart start = question("c1", "too much", 2);
    start.prompt->text = QString(1'000'000, u'x');
    {
        const FileSizeLimit limit(200'000);
        const StoreStatus status = store.beginAnswer(start);
        QVERIFY(!status);
        QCOMPARE(status.error().kind, StoreError::Kind::kFull);
        QVERIFY(status.error().message.contains(path()));
        QCOMPARE(store.messages(QStringLiteral("c1"), -1, 10)->messages.size(), 2);
    }
    QVERIFY(store.beginAnswer(start));
    QCOMPARE(store.messages(QStringLiteral("c1"), -1, 10)->messages.size(), 4);
}

void ChatStoreTest::anEmptyFileBecomesTheLatest() {
    QDir().mkpath(QFileInfo(path()).path());
    QFile file(path());
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.close();
    ChatStore store(path());
    QCOMPARE(store.open().health, StoreHealth::kGood);
    store.close();
    QSqlDatabase db = QSqlDatabase::addDatabase(QStringLiteral("QSQLITE"), QStringLiteral("look"));
    db.setDatabaseName(path());
    QVERIFY(db.open());
    QCOMPARE(schemaVersion(db), latestSchemaVersion());
    QVERIFY(migrateSchema(db).isEmpty());
    db = {};
    QSqlDatabase::removeDatabase(QStringLiteral("look"));
}

QTEST_GUILESS_MAIN(ChatStoreTest)
#include "chatstoretest.moc"
