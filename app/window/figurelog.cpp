// SPDX-License-Identifier: Apache-2.0
#include "app/window/figurelog.h"

#include <array>
#include <cstdio>
#include <utility>

#include <QQuickItem>
#include <QQuickWindow>

#include "app/application.h"

namespace glowworm {

namespace {

constexpr int kEveryMs = 100;

const char* stateOf(const Application& application) {
    const EngineController::State state = application.engine()->state();
    constexpr std::array kNames{"idle",    "loading",   "ready", "reading",
                                "answering", "stopping", "failed"};
    return kNames[static_cast<size_t>(state)];
}

// The first item of this name that is in sight.
const QQuickItem* find(const QQuickItem* parent, const QString& name) {
    if (!parent->isVisible()) return nullptr;
    if (parent->objectName() == name) return parent;
    for (const QQuickItem* child : parent->childItems())
        if (const QQuickItem* found = find(child, name)) return found;
    return nullptr;
}

QByteArray placeOf(const QQuickWindow& window, const char* name) {
    const QQuickItem* item = find(window.contentItem(), QString::fromLatin1(name));
    if (item == nullptr) return {};
    const QPointF place = item->mapToGlobal({0, 0});
    return QStringLiteral("item %1 %2 %3 %4 %5\n")
        .arg(QString::fromLatin1(name))
        .arg(qRound(place.x()))
        .arg(qRound(place.y()))
        .arg(qRound(item->width()))
        .arg(qRound(item->height()))
        .toLatin1();
}

}  // namespace

FigureLog::FigureLog(QQuickWindow& window, Application& application)
    : QObject(&window), m_window(window), m_application(application) {
    m_timer.setInterval(kEveryMs);
    connect(&m_timer, &QTimer::timeout, this, &FigureLog::say);
    m_timer.start();
}

void FigureLog::say() {
    const Telemetry& telemetry = *m_application.telemetry();
    QByteArray text = "figures state=" + QByteArray(stateOf(m_application));
    const auto add = [&](const char* name, qint64 value) {
        text += ' ' + QByteArray(name) + '=' + QByteArray::number(value);
    };
    add("budget", m_application.engine()->budgetBytes());
    add("budget_max", m_application.engine()->budgetBytesMax());
    add("cache", telemetry.cacheUsedBytes());
    add("hits", qRound64(1000 * telemetry.hitRateNow()));
    add("bytes", qRound64(telemetry.bytesPerToken()));
    add("tokens", telemetry.history().added());
    add("messages", m_application.chat()->messages()->count());
    text += '\n' + placeOf(m_window, "prompt") + placeOf(m_window, "budget");
    if (std::exchange(m_said, text) == text) return;
    std::fwrite(text.constData(), 1, static_cast<size_t>(text.size()), stdout);
    std::fflush(stdout);
}

}  // namespace glowworm
