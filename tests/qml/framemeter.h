// SPDX-License-Identifier: Apache-2.0
// Times between the frames of a window, for the benchmark. GUI thread; the render thread only adds.
#pragma once

#include <QElapsedTimer>
#include <QList>
#include <QMutex>
#include <QPointer>
#include <QQuickWindow>
#include <QtQml/qqmlregistration.h>

namespace glowworm {

class FrameMeter : public QObject {
    Q_OBJECT
    QML_ELEMENT
    Q_PROPERTY(QQuickWindow* window READ window WRITE setWindow NOTIFY windowChanged)

  public:
    using QObject::QObject;

    [[nodiscard]] QQuickWindow* window() const { return m_window; }
    void setWindow(QQuickWindow* window);

    Q_INVOKABLE void start();  // forgets what was measured
    Q_INVOKABLE int frames() const;
    // The interval, in milliseconds, that `share` (0..1) of the frames stay within.
    Q_INVOKABLE double withinMs(double share) const;

  Q_SIGNALS:
    void windowChanged();

  private:
    void onFrame();

    QPointer<QQuickWindow> m_window;
    QElapsedTimer m_since;
    mutable QMutex m_mutex;
    QList<double> m_intervals_ms;
};

}  // namespace glowworm
