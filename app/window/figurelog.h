// SPDX-License-Identifier: Apache-2.0
// For the driven run (tests/qml/driven): says what the window shows, a line a change.
#pragma once

#include <QObject>
#include <QTimer>

class QQuickWindow;

namespace glowworm {

class Application;

// On standard output, at most ten times a second:
//   figures state=answering budget=... budget_max=... cache=... hits=... bytes=... tokens=...
//   item prompt X Y WIDTH HEIGHT   (on the screen, whenever it has moved)
// Child of `window`.
class FigureLog : public QObject {
    Q_OBJECT

  public:
    FigureLog(QQuickWindow& window, Application& application);

  private:
    void say();

    QQuickWindow& m_window;
    Application& m_application;
    QTimer m_timer;
    QByteArray m_said;
};

}  // namespace glowworm
