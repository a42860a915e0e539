// SPDX-License-Identifier: Apache-2.0
#include "tests/qml/scene.h"

#include <QClipboard>
#include <QDir>
#include <QFile>
#include <QGuiApplication>
#include <QQmlEngine>

#include "app/chat/chatstore.h"
#include "app/engine/fakesession.h"
#include "app/library/fakemodellibrary.h"

namespace glowworm {

namespace {

QList<FakeModel> modelsFor(const QString& which) {
    const FakeModel usual{.id = QStringLiteral("fake-3b"), .name = QStringLiteral("Fake 3B"),
                          .state = QStringLiteral("ready"),
                          .typeText = QStringLiteral("Q8_0 · ReLU · 30 layers"), .starter = true};
    if (which == u"none") return {};
    FakeModel model = usual;
    if (which == u"starter") {
        model.state = QStringLiteral("importing");
        model.stageText = QStringLiteral("Reading layer 3 of 30");
        return {model};
    }
    if (which == u"broken") {
        model.id = QStringLiteral("broken");
        return {model};
    }
    if (which == u"all") return FakeModelLibrary::everyKind();
    return {usual};
}

QString paragraphs(int words) {
    QString text;
    for (int word = 0; word < words; ++word) {
        text += word % 9 == 4 ? QStringLiteral("**neurons** ") : QStringLiteral("stream ");
        if (word % 60 == 59) text += QStringLiteral("\n\n");
    }
    return text;
}

}  // namespace

ApplicationParts Scene::parts(const QVariantMap& options) const {
    const auto number = [&](const char* name, double usual) {
        return options.value(QLatin1StringView(name), usual).toDouble();
    };
    const QString which = options.value(QStringLiteral("models")).toString();
    ApplicationParts parts;
    parts.fakeEngine = true;
    parts.databasePath = m_folder->filePath(QStringLiteral("chats.sqlite"));
    parts.settings = std::make_unique<Settings>(m_folder->filePath(QStringLiteral("glowworm.ini")),
                                                m_folder->path());
    if (options.contains(QStringLiteral("theme")))
        parts.settings->setTheme(options.value(QStringLiteral("theme")).toString());
    if (options.contains(QStringLiteral("contextTokens")))
        parts.settings->setContextTokens(static_cast<int>(number("contextTokens", 0)));
    parts.models = std::make_unique<FakeModelLibrary>(modelsFor(which),
                                                      static_cast<int>(number("stepMs", 20)));
    parts.openSession = fakeSessions({ .loadMs = number("loadMs", 20),
        .prefillTokensPerSecond = number("promptTokensPerSecond", 5000),
        .tokensPerSecond = number("tokensPerSecond", 200) });
    return parts;
}

Application* Scene::start(const QVariantMap& options) {
    stop();
    m_application = std::make_unique<Application>(parts(options));
    QQmlEngine::setObjectOwnership(m_application.get(), QQmlEngine::CppOwnership);
    return m_application.get();
}

void Scene::stop() { m_application.reset(); }

void Scene::forget() {
    stop();
    m_folder = std::make_unique<QTemporaryDir>();
}

void Scene::fill(int conversations, int messages, int words) {
    ChatStore store(m_folder->filePath(QStringLiteral("chats.sqlite")));
    store.open();
    const QDateTime now = QDateTime::currentDateTimeUtc();
    for (int c = 0; c < conversations; ++c) {
        const QDateTime time = now.addSecs(-3600LL * (conversations - c));
        const QString id = QStringLiteral("conversation-%1").arg(c);
        const ConversationRecord conversation{.id = id, .title = QStringLiteral("Chat %1").arg(c),
                                              .snippet = QStringLiteral("stream"), .updated = time};
        for (int m = 0; m + 1 < messages; m += 2) {
            const QString stem = QStringLiteral("%1-%2").arg(id).arg(m);
            const MessageRecord prompt{.id = stem + u'q', .conversationId = id,
                                       .text = paragraphs(20), .position = m, .created = time};
            MessageRecord answer { .id = stem + u'a',
                .conversationId = id,
                .role = MessageRole::kAssistant,
                .state = MessageState::kStreaming,
                .position = m + 1,
                .created = time };
            store.beginAnswer({.conversation = conversation, .prompt = prompt, .answer = answer});
            answer.text = paragraphs(words);
            answer.state = MessageState::kDone;
            store.finishAnswer(answer);
        }
    }
}

QString Scene::clipboard() const { return QGuiApplication::clipboard()->text(); }

QString Scene::environment(const QString& name) const {
    return qEnvironmentVariable(name.toUtf8().constData());
}

}  // namespace glowworm
