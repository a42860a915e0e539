// SPDX-License-Identifier: Apache-2.0
// chatstore_driver FOLDER SEED: the application without a window, on the real store and a fake
// engine of 100 tokens a second. Asks, stops, regenerates, edits, deletes and undoes at random
// until it is killed. Before anything that removes an answer it prints "X"; while one grows, "A ID
// LENGTH".
#include <cstdio>
#include <random>

#include <QGuiApplication>
#include <QTimer>

#include "app/application.h"
#include "app/engine/fakesession.h"
#include "app/library/fakemodellibrary.h"

using namespace glowworm;

namespace {

class Driver : public QObject {
  public:
    Driver(Application& app, unsigned seed) : m_app(app), m_random(seed) {
        connect(app.engine(), &EngineController::tokensArrived, this, [this] { report(); });
        connect(&m_timer, &QTimer::timeout, this, [this] { act(); });
        m_timer.start(100);
    }

  private:
    void say(const QByteArray& line) {
        std::fwrite(line.constData(), 1, static_cast<size_t>(line.size()), stdout);
        std::fflush(stdout);
    }

    void report() {
        const MessageRecord* last = m_app.chat()->messages()->last();
        if (last != nullptr && m_app.chat()->busy())
            say("A " + last->id.toUtf8() + ' ' + QByteArray::number(last->text.size()) + '\n');
    }

    void act() {
        ChatSession* chat = m_app.chat();
        if (chat->loading() || !m_app.engine()->modelOpen()) return;
        const auto choice = m_random() % 12;
        if (chat->busy()) {
            if (choice == 0) chat->stop();
            if (choice == 1) {
                say("X\n");
                m_app.conversations()->remove(chat->conversationId());
            }
            return;
        }
        m_timer.setInterval(static_cast<int>(30 + m_random() % 200));
        if (choice == 2) m_app.newChat();
        if (choice == 3) {
            say("X\n");
            m_app.conversations()->undoRemove();
        }
        if (choice == 4 && chat->messages()->count() > 0) {
            say("X\n");
            chat->regenerate();
        } else if (choice == 5 && chat->messages()->count() > 0) {
            say("X\n");
            const QModelIndex first = chat->messages()->index(0);
            chat->editAndResend(first.data(MessageListModel::MessageIdRole).toString(),
                                QStringLiteral("long, edited"));
        } else {
            chat->send(QStringLiteral("long"));
        }
    }

    Application& m_app;
    std::minstd_rand m_random;
    QTimer m_timer;
};

}  // namespace

int main(int argc, char* argv[]) {
    QGuiApplication gui(argc, argv);
    const QStringList arguments = QGuiApplication::arguments();
    if (arguments.size() != 3) return 2;
    ApplicationParts parts = fakeParts(arguments[1]);
    parts.models = std::make_unique<FakeModelLibrary>(FakeModelLibrary::everyKind().first(1));
    parts.openSession = fakeSessions(
        {.loadMs = 0, .prefillTokensPerSecond = 1e6, .tokensPerSecond = 100});
    Application app(std::move(parts));
    app.windowShown();
    const Driver driver(app, arguments[2].toUInt());
    return QGuiApplication::exec();
}
