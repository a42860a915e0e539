// SPDX-License-Identifier: Apache-2.0
// For the start-up benchmark: says when the window can first be used, and ends the program.
#pragma once

#include <QObject>

class QQuickWindow;

namespace glowworm {

class Application;

// When the list of chats and the last conversation have been read, the first frame with them that
// is on the screen makes "usable" on standard output and quits. Child of `window`.
class FirstFrame : public QObject {
    Q_OBJECT

  public:
    FirstFrame(QQuickWindow& window, Application& application);

  private:
    void onFrame();

    QQuickWindow& m_window;
    Application& m_application;
    bool m_seen = false;  // a frame was begun after everything was there
};

}  // namespace glowworm
