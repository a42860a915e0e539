// SPDX-License-Identifier: Apache-2.0
#include "tests/qml/scene.h"

#include <QClipboard>
#include <QDir>
#include <QDragEnterEvent>
#include <QFile>
#include <QGuiApplication>
#include <QInputMethodEvent>
#include <QMimeData>
#include <QQmlEngine>

#include "app/engine/fakesession.h"
#include "app/library/fakemodellibrary.h"
#include "app/library/fakeprobe.h"
#include "tests/qml/conversations.h"

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
    if (which == u"large") {
        FakeModel huge = usual;
        huge.id = QStringLiteral("huge");
        huge.name = QStringLiteral("Mixtral 8x22B Instruct v0.1 of the very long name 2024-04 F16");
        huge.starter = false;
        huge.budgetMinBytes = 1LL << 42;
        return {usual, huge};
    }
    if (which == u"all") return FakeModelLibrary::everyKind();
    return {usual};
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
    const auto machine = options.value(QStringLiteral("machine")).toString();
    const MachineMemo memo(m_folder->filePath(QStringLiteral("machine.json")).toStdString());
    parts.machine = {.probe = fakeProbe(static_cast<int>(number("probeMs", 50))), .memo = memo,
                     .modelsFolder = "/", .restMs = machine == u"resting" ? 50 : -1};
    if (machine == u"known") {
        const StopFlag stop;
        const auto profile = fakeProbe(0)({.folder = "/", .file = {}}, 0, {}, stop);
        if (profile) static_cast<void>(memo.remember(*profile));
    }
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
    fillConversations(m_folder->filePath(QStringLiteral("chats.sqlite")), conversations, messages,
                      words);
}

void Scene::drop(QQuickWindow* window, const QUrl& url) const {
    QMimeData data;
    if (url.isEmpty()) {
        data.setText(QStringLiteral("words"));
    } else {
        data.setUrls({url});
    }
    const QPoint middle(window->width() / 2, window->height() / 2);
    QDragEnterEvent enter(middle, Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
    QCoreApplication::sendEvent(window, &enter);
    QDropEvent drop(middle, Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
    QCoreApplication::sendEvent(window, &drop);
}

void Scene::compose(const QString& text, bool done) const {
    QInputMethodEvent event(done ? QString() : text, {});
    if (done) event.setCommitString(text);
    QCoreApplication::sendEvent(QGuiApplication::focusObject(), &event);
}

QString Scene::clipboard() const { return QGuiApplication::clipboard()->text(); }

QString Scene::environment(const QString& name) const {
    return qEnvironmentVariable(name.toUtf8().constData());
}

}  // namespace glowworm
