// SPDX-License-Identifier: Apache-2.0
// From prompt to stored answer, over the real store and the fake engine, with the models the views
// see under a model tester.
#include <QAbstractItemModelTester>
#include <QClipboard>
#include <QGuiApplication>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include "app/application.h"
#include "app/engine/fakesession.h"
#include "app/library/fakemodellibrary.h"
#include "tests/app/support/fakeengine.h"
#include "tests/app/support/records.h"

using namespace glowworm;

namespace {

class Fixture {
  public:
    explicit Fixture(const QString& folder, const FakeOptions& options = fast()) {
        ApplicationParts parts = fakeParts(folder);
        parts.models = std::make_unique<FakeModelLibrary>(
            FakeModelLibrary::everyKind().first(1));
        parts.openSession = fakeSessions(options);
        app = std::make_unique<Application>(std::move(parts));
        app->windowShown();
        conversationsTester =
            std::make_unique<QAbstractItemModelTester>(app->conversations());
        messagesTester = std::make_unique<QAbstractItemModelTester>(app->chat()->messages());
    }
    [[nodiscard]] bool ready() const {
        return app->engine()->modelOpen() && app->conversations()->loaded() &&
               !app->chat()->loading();
    }
    [[nodiscard]] QVariant message(int row, int role) const {
        return app->chat()->messages()->index(row).data(role);
    }
    [[nodiscard]] QString text(int row) const {
        return message(row, MessageListModel::PlainTextRole).toString();
    }
    [[nodiscard]] QString state(int row) const {
        return message(row, MessageListModel::StateRole).toString();
    }

    std::unique_ptr<Application> app;
    std::unique_ptr<QAbstractItemModelTester> conversationsTester, messagesTester;
};

}  // namespace

class ChatSessionTest : public QObject {
    Q_OBJECT

  private Q_SLOTS:
    void init();
    void asksAndKeepsTheAnswer();
    void stopsAndKeepsWhatWasSaid();
    void regenerates();
    void theOldAnswerStaysWithinReach();
    void whatNoLongerFitsIsLeftOutAndSaid();
    void editsAndAsksAgain();
    void aFailedAnswerSaysWhy();
    void switchingAwayWhileStreamingLosesNothing();
    void optionsAndDraftAreKept();
    void deletesAndUndoes();
    void removingTheStreamingConversationStopsIt();
    void longConversationsComeInPages();
    void aThousandConversationsComeInPages();
    void withoutAModelItSaysSo();
    void aCorruptDatabaseCanBeSetAside();
    void endsWhileStreaming();

  private:
    [[nodiscard]] QString folder() const { return m_dir->path(); }
    std::unique_ptr<QTemporaryDir> m_dir;
};

void ChatSessionTest::init() { m_dir = std::make_unique<QTemporaryDir>(); }

void ChatSessionTest::asksAndKeepsTheAnswer() {
    QString id;
    {
        const Fixture f(folder());
        QTRY_VERIFY(f.ready());
        ChatSession* chat = f.app->chat();
        QVERIFY(chat->conversationId().isEmpty());
        chat->send(QStringLiteral("  Tell me something short  "));
        QVERIFY(chat->busy());
        QTRY_VERIFY(!chat->busy());
        QCOMPARE(chat->messages()->count(), 2);
        QCOMPARE(f.text(1), QStringLiteral("Short and sweet."));
        QCOMPARE(f.state(1), QStringLiteral("done"));
        QVERIFY(f.message(1, MessageListModel::StatsTextRole)
                    .toString().contains(QStringLiteral("tokens/s")));
        QCOMPARE(chat->title(), QStringLiteral("Tell me something short"));
        id = chat->conversationId();
        QCOMPARE(f.app->conversations()->currentId(), id);
        QCOMPARE(f.app->conversations()->count(), 1);
        QTRY_VERIFY(f.app->telemetry()->tokensPerSecond() > 0);
    }
    const Fixture f(folder());
    QTRY_VERIFY(f.ready());
    QTRY_COMPARE(f.app->chat()->conversationId(), id);
    QTRY_COMPARE(f.app->chat()->messages()->count(), 2);
    QCOMPARE(f.text(1), QStringLiteral("Short and sweet."));
    auto* blocks = f.message(1, MessageListModel::BlocksRole).value<BlockListModel*>();
    QVERIFY(blocks != nullptr);
    QCOMPARE(blocks->count(), 1);
}

void ChatSessionTest::stopsAndKeepsWhatWasSaid() {
    const Fixture f(folder(), steadyDecode());
    QTRY_VERIFY(f.ready());
    f.app->chat()->send(QStringLiteral("long"));
    QTRY_VERIFY(f.text(1).size() > 20);
    QCOMPARE(f.state(1), QStringLiteral("streaming"));
    f.app->chat()->stop();
    QTRY_VERIFY(!f.app->chat()->busy());
    QCOMPARE(f.state(1), QStringLiteral("stopped"));
    QVERIFY(f.text(1).size() > 20);
}

void ChatSessionTest::regenerates() {
    const Fixture f(folder());
    QTRY_VERIFY(f.ready());
    f.app->chat()->send(QStringLiteral("short"));
    QTRY_VERIFY(!f.app->chat()->busy());
    const QString first = f.message(1, MessageListModel::MessageIdRole).toString();
    f.app->chat()->setDraft(QStringLiteral("half a thought"));
    f.app->chat()->regenerate();
    QVERIFY(f.app->chat()->busy());
    QVERIFY(f.text(1).isEmpty());
    QTRY_VERIFY(!f.app->chat()->busy());
    QCOMPARE(f.app->chat()->messages()->count(), 2);
    QCOMPARE(f.message(1, MessageListModel::MessageIdRole).toString(), first);
    QCOMPARE(f.text(1), QStringLiteral("Short and sweet."));
    QCOMPARE(f.app->chat()->draft(), QStringLiteral("half a thought"));
}

void ChatSessionTest::theOldAnswerStaysWithinReach() {
    QString id;
    {
        const Fixture f(folder(), steadyDecode());
        QTRY_VERIFY(f.ready());
        ChatSession* chat = f.app->chat();
        chat->send(QStringLiteral("long"));
        QTRY_VERIFY(f.text(1).size() > 20);
        chat->stop();
        QTRY_VERIFY(!chat->busy());
        const QString first = f.text(1);
        chat->regenerate();
        QTRY_VERIFY(f.text(1).size() > first.size() + 20);
        chat->stop();
        QTRY_VERIFY(!chat->busy());
        const QString second = f.text(1);
        QCOMPARE(f.message(1, MessageListModel::VariantsRole).toInt(), 2);
        QCOMPARE(f.message(1, MessageListModel::VariantRole).toInt(), 1);
        id = f.message(1, MessageListModel::MessageIdRole).toString();
        chat->showVariant(id, 2);  // there is none
        chat->showVariant(id, 0);
        QTRY_COMPARE(f.text(1), first);
        QCOMPARE(f.message(1, MessageListModel::VariantRole).toInt(), 0);
        QCOMPARE(f.state(1), QStringLiteral("stopped"));
        chat->showVariant(id, 1);
        QTRY_COMPARE(f.text(1), second);
        chat->showVariant(id, 0);
        QTRY_COMPARE(f.text(1), first);
    }
    const Fixture f(folder());
    QTRY_VERIFY(f.ready());
    QTRY_COMPARE(f.app->chat()->messages()->count(), 2);
    QCOMPARE(f.message(1, MessageListModel::VariantsRole).toInt(), 2);
    QCOMPARE(f.message(1, MessageListModel::VariantRole).toInt(), 0);
}

void ChatSessionTest::whatNoLongerFitsIsLeftOutAndSaid() {
    const Fixture f(folder());
    f.app->settings()->setContextTokens(256);
    QTRY_VERIFY(f.ready());
    f.app->engine()->closeModel();
    QTRY_VERIFY(!f.app->engine()->modelOpen());
    f.app->engine()->openModel(f.app->models()->firstReadyModel());
    QTRY_VERIFY(f.ready());
    QCOMPARE(f.app->engine()->contextTokens(), 256);
    ChatSession* chat = f.app->chat();
    for (int question = 0; question < 6; ++question) {
        chat->send(QStringLiteral("short, with some more words so that it takes its room here"));
        QTRY_VERIFY(!chat->busy());
        QCOMPARE(f.state(chat->messages()->count() - 1), QStringLiteral("done"));
    }
    QVERIFY(chat->errorText().isEmpty());
    QVERIFY(!chat->contextStartId().isEmpty());
    const int start = chat->messages()->rowOf(chat->contextStartId());
    QVERIFY(start > 0);
    QCOMPARE(f.message(start, MessageListModel::RoleRole).toString(), QStringLiteral("user"));
    chat->open({});
    QVERIFY(chat->contextStartId().isEmpty());
}

void ChatSessionTest::editsAndAsksAgain() {
    const Fixture f(folder());
    QTRY_VERIFY(f.ready());
    for (const char* prompt : {"short one", "short two"}) {
        f.app->chat()->send(QString::fromUtf8(prompt));
        QTRY_VERIFY(!f.app->chat()->busy());
    }
    QCOMPARE(f.app->chat()->messages()->count(), 4);
    const QString first = f.message(0, MessageListModel::MessageIdRole).toString();
    const QString answer = f.message(1, MessageListModel::MessageIdRole).toString();
    f.app->chat()->editAndResend(answer, QStringLiteral("no"));  // not the person's own
    QCOMPARE(f.app->chat()->messages()->count(), 4);
    f.app->chat()->editAndResend(first, QStringLiteral("short, edited"));
    QTRY_VERIFY(!f.app->chat()->busy());
    QCOMPARE(f.app->chat()->messages()->count(), 2);
    QCOMPARE(f.text(0), QStringLiteral("short, edited"));
    f.app->chat()->copyText(f.message(0, MessageListModel::MessageIdRole).toString());
    QCOMPARE(QGuiApplication::clipboard()->text(), QStringLiteral("short, edited"));
}

void ChatSessionTest::aFailedAnswerSaysWhy() {
    const Fixture f(folder());
    QTRY_VERIFY(f.ready());
    f.app->chat()->send(QStringLiteral("please fail"));
    QTRY_VERIFY(!f.app->chat()->busy());
    QCOMPARE(f.state(1), QStringLiteral("error"));
    QVERIFY(!f.text(1).isEmpty());
    QVERIFY(f.app->chat()->errorText().contains(QStringLiteral("disk")));
    f.app->chat()->dismissError();
    QVERIFY(f.app->chat()->errorText().isEmpty());
    f.app->chat()->send(QStringLiteral("short"));
    QTRY_VERIFY(!f.app->chat()->busy());
    QCOMPARE(f.state(3), QStringLiteral("done"));
}

void ChatSessionTest::switchingAwayWhileStreamingLosesNothing() {
    FakeOptions options = steadyDecode();
    options.tokensPerSecond = 400;
    const Fixture f(folder(), options);
    QTRY_VERIFY(f.ready());
    ChatSession* chat = f.app->chat();
    chat->send(QStringLiteral("table"));
    const QString id = chat->conversationId();
    QTRY_VERIFY(f.text(1).size() > 20);
    f.app->newChat();
    QVERIFY(chat->conversationId().isEmpty());
    QVERIFY(chat->busyElsewhere());
    QCOMPARE(chat->messages()->count(), 0);
    chat->send(QStringLiteral("one at a time"));
    QCOMPARE(chat->messages()->count(), 0);
    f.app->conversations()->select(id);
    QTRY_COMPARE(chat->messages()->count(), 2);
    QVERIFY(!chat->busyElsewhere());
    QTRY_VERIFY_WITH_TIMEOUT(!chat->busy(), 20'000);
    QCOMPARE(f.state(1), QStringLiteral("done"));
    QVERIFY(f.text(1).startsWith(QStringLiteral("## What a budget buys")));
    QVERIFY(f.text(1).endsWith(QStringLiteral("hit rate follow.\n")));
    const QString shown = f.text(1);
    f.app->newChat();
    f.app->conversations()->select(id);
    QTRY_COMPARE(chat->messages()->count(), 2);
    QCOMPARE(f.text(1), shown);
}

void ChatSessionTest::optionsAndDraftAreKept() {
    {
        const Fixture f(folder());
        QTRY_VERIFY(f.ready());
        ChatSession* chat = f.app->chat();
        chat->setDraft(QStringLiteral("for later"));
        chat->send(QStringLiteral("short"));
        QVERIFY(chat->draft().isEmpty());
        QTRY_VERIFY(!chat->busy());
        chat->setDraft(QStringLiteral("unsent"));
        chat->setTemperature(0.1);
        chat->setSystemPrompt(QStringLiteral("Be kind."));
        f.app->newChat();
        QCOMPARE(chat->temperature(), 0.7);
        QVERIFY(chat->draft().isEmpty());
        chat->setDraft(QStringLiteral("of the new one"));
        const QModelIndex first = f.app->conversations()->index(0);
        f.app->conversations()->select(
            first.data(ConversationListModel::ConversationIdRole).toString());
        QTRY_COMPARE(chat->draft(), QStringLiteral("unsent"));
        f.app->newChat();
        QCOMPARE(chat->draft(), QStringLiteral("of the new one"));
    }
    const Fixture f(folder());
    QTRY_VERIFY(f.ready());
    QTRY_COMPARE(f.app->conversations()->count(), 1);
    f.app->conversations()->select(f.app->conversations()
                                       ->index(0)
                                       .data(ConversationListModel::ConversationIdRole)
                                       .toString());
    QTRY_COMPARE(f.app->chat()->draft(), QStringLiteral("unsent"));
    QCOMPARE(f.app->chat()->temperature(), 0.1);
    QCOMPARE(f.app->chat()->systemPrompt(), QStringLiteral("Be kind."));
}

void ChatSessionTest::deletesAndUndoes() {
    const Fixture f(folder());
    QTRY_VERIFY(f.ready());
    ConversationListModel* list = f.app->conversations();
    for (const char* prompt : {"short one", "short two"}) {
        f.app->newChat();
        f.app->chat()->send(QString::fromUtf8(prompt));
        QTRY_VERIFY(!f.app->chat()->busy());
    }
    QCOMPARE(list->count(), 2);
    const QString id = list->index(0).data(ConversationListModel::ConversationIdRole).toString();
    QCOMPARE(list->index(0).data(ConversationListModel::TitleRole).toString(),
             QStringLiteral("short two"));
    QCOMPARE(list->index(0).data(ConversationListModel::SectionRole).toString(),
             QStringLiteral("Today"));
    list->rename(id, QStringLiteral(" New  name "));
    QCOMPARE(f.app->chat()->title(), QStringLiteral("New name"));
    list->remove(id);
    QCOMPARE(list->count(), 1);
    QVERIFY(list->currentId().isEmpty());
    QVERIFY(list->undoText().contains(QStringLiteral("New name")));
    list->undoRemove();
    QVERIFY(list->undoText().isEmpty());
    QCOMPARE(list->count(), 2);
    QCOMPARE(list->currentId(), id);
    QTRY_COMPARE(f.app->chat()->messages()->count(), 2);
    list->setUndoMsMax(20);
    list->remove(id);
    QTRY_VERIFY(list->undoText().isEmpty());
    list->setFilter(QStringLiteral("ONE"));
    QTRY_COMPARE(list->count(), 1);
    list->setFilter(QStringLiteral("nothing like it"));
    QTRY_VERIFY(list->loaded());
    QCOMPARE(list->count(), 0);
}

void ChatSessionTest::removingTheStreamingConversationStopsIt() {
    const Fixture f(folder(), steadyDecode());
    QTRY_VERIFY(f.ready());
    f.app->chat()->send(QStringLiteral("long"));
    QTRY_VERIFY(f.text(1).size() > 20);
    f.app->conversations()->remove(f.app->chat()->conversationId());
    QTRY_VERIFY(!f.app->chat()->busy());
    QCOMPARE(f.app->engine()->state(), EngineController::Ready);
}

void ChatSessionTest::longConversationsComeInPages() {
    {
        ChatStore store(folder() + QStringLiteral("/chats.sqlite"));
        store.open();
        for (int i = 0; i < 100; ++i)
            QVERIFY(store.beginAnswer(question("c1", QByteArray::number(i).constData(), 2 * i)));
    }
    const Fixture f(folder());
    QTRY_VERIFY(f.ready());
    f.app->conversations()->select(QStringLiteral("c1"));
    MessageListModel* messages = f.app->chat()->messages();
    QTRY_VERIFY(messages->count() > 0);
    QVERIFY(messages->count() < 100);
    QVERIFY(messages->hasOlder());
    QCOMPARE(f.text(messages->count() - 2), QStringLiteral("99"));
    QCOMPARE(f.state(messages->count() - 1), QStringLiteral("interrupted"));
    while (messages->hasOlder()) {
        const int before = messages->count();
        messages->fetchOlder();
        messages->fetchOlder();  // asked twice, brought once
        QTRY_VERIFY(messages->count() > before);
    }
    QCOMPARE(messages->count(), 200);
    QCOMPARE(f.text(0), QStringLiteral("0"));
    // The whole conversation goes to the engine, whatever was read into the view.
    QSignalSpy finished(f.app->engine(), &EngineController::answerFinished);
    f.app->chat()->send(QStringLiteral("short"));
    QTRY_COMPARE(finished.size(), 1);
    QVERIFY(finished[0][0].value<AnswerEnd>().promptTokens > 200);
}

void ChatSessionTest::aThousandConversationsComeInPages() {
    {
        ChatStore store(folder() + QStringLiteral("/chats.sqlite"));
        store.open();
        for (int i = 0; i < 1000; ++i)
            QVERIFY(store.beginAnswer(question(QByteArray::number(i).constData(), "?", 0)));
    }
    const Fixture f(folder());
    QTRY_VERIFY(f.ready());
    ConversationListModel* list = f.app->conversations();
    QCOMPARE(list->count(), 100);
    while (list->count() < 1000) {
        QTRY_VERIFY(list->canFetchMore({}));
        list->fetchMore({});
        const int before = list->count();
        QTRY_VERIFY(list->count() > before);
    }
    QTRY_COMPARE(list->count(), 1000);
}

void ChatSessionTest::withoutAModelItSaysSo() {
    ApplicationParts parts = fakeParts(folder());
    parts.models = std::make_unique<FakeModelLibrary>(QList<FakeModel>());
    Application app(std::move(parts));
    QTRY_VERIFY(app.conversations()->loaded());
    app.chat()->send(QStringLiteral("hello"));
    QVERIFY(!app.chat()->busy());
    QVERIFY(app.chat()->errorText().contains(QStringLiteral("model")));
    QCOMPARE(app.chat()->messages()->count(), 0);
}

void ChatSessionTest::aCorruptDatabaseCanBeSetAside() {
    QFile file(folder() + QStringLiteral("/chats.sqlite"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(QByteArray(5000, 'x'));
    file.close();
    const Fixture f(folder());
    QTRY_VERIFY(!f.app->notice().isEmpty());
    QCOMPARE(f.app->noticeActions().size(), 1);
    f.app->runNoticeAction(0);
    QTRY_VERIFY(f.app->noticeActions().isEmpty());
    QVERIFY(f.app->notice().contains(QStringLiteral("corrupt")));
    f.app->dismissNotice();
    QVERIFY(f.app->notice().isEmpty());
    QTRY_VERIFY(f.ready());
    f.app->chat()->send(QStringLiteral("short"));
    QTRY_VERIFY(!f.app->chat()->busy());
    QCOMPARE(f.app->conversations()->count(), 1);
}

void ChatSessionTest::endsWhileStreaming() {
    QString said;
    {
        const Fixture f(folder(), steadyDecode());
        QTRY_VERIFY(f.ready());
        f.app->chat()->send(QStringLiteral("long"));
        QTRY_VERIFY(f.text(1).size() > 100);
        said = f.text(1);
    }
    const Fixture f(folder());
    QTRY_VERIFY(f.ready());
    QTRY_COMPARE(f.app->chat()->messages()->count(), 2);
    QCOMPARE(f.state(1), QStringLiteral("interrupted"));
    QVERIFY(f.text(1).startsWith(said));
}

QTEST_MAIN(ChatSessionTest)
#include "chatsessiontest.moc"
