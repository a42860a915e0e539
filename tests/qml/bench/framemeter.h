// SPDX-License-Identifier: Apache-2.0
// Times between the frames of a window. GUI thread; the render thread only adds.
#pragma once

#include <QElapsedTimer>
#include <QList>
#include <QMutex>
#include <QObject>

class QQuickWindow;

namespace glowworm {

class FrameMeter : public QObject {
    Q_OBJECT

  public:
    explicit FrameMeter(QQuickWindow* window);

    void start();  // forgets what was measured
    [[nodiscard]] int frames() const;
    // The share (0..1) of the intervals that are below `ms`.
    [[nodiscard]] double shareBelow(double ms) const;
    // The interval, in milliseconds, that `share` (0..1) of the frames stay within.
    [[nodiscard]] double withinMs(double share) const;

  private:
    void onFrame();

    QElapsedTimer m_since;
    mutable QMutex m_mutex;
    QList<double> m_intervals_ms;
};

}  // namespace glowworm
