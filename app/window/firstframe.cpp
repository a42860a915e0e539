// SPDX-License-Identifier: Apache-2.0
#include "app/window/firstframe.h"

#include <cstdio>
#include <utility>

#include <QCoreApplication>
#include <QQuickWindow>

#include "app/application.h"

namespace glowworm {

FirstFrame::FirstFrame(QQuickWindow& window, Application& application)
    : QObject(&window), m_window(window), m_application(application) {
    connect(&window, &QQuickWindow::frameSwapped, this, &FirstFrame::onFrame,
            Qt::QueuedConnection);
    const auto drawAgain = [this] { m_window.update(); };
    connect(application.conversations(), &ConversationListModel::countChanged, this, drawAgain);
    connect(application.chat(), &ChatSession::conversationChanged, this, drawAgain);
}

void FirstFrame::onFrame() {
    if (!m_application.conversations()->loaded() || m_application.chat()->loading()) return;
    // This frame may have been drawn before the last of it came; the next one was not.
    if (!std::exchange(m_seen, true)) return m_window.update();
    std::puts("usable");
    std::fflush(stdout);
    QCoreApplication::quit();
}

}  // namespace glowworm
