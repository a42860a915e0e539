// SPDX-License-Identifier: Apache-2.0
#include "tests/qml/bench/framemeter.h"

#include <algorithm>
#include <cmath>

#include <QQuickWindow>

namespace glowworm {

FrameMeter::FrameMeter(QQuickWindow* window) {
    connect(window, &QQuickWindow::frameSwapped, this, &FrameMeter::onFrame,
            Qt::DirectConnection);
}

void FrameMeter::start() {
    const QMutexLocker lock(&m_mutex);
    m_intervals_ms.clear();
    m_since.invalidate();
}

void FrameMeter::onFrame() {
    const QMutexLocker lock(&m_mutex);
    if (m_since.isValid()) m_intervals_ms.append(static_cast<double>(m_since.nsecsElapsed()) / 1e6);
    m_since.start();
}

int FrameMeter::frames() const {
    const QMutexLocker lock(&m_mutex);
    return static_cast<int>(m_intervals_ms.size());
}

double FrameMeter::shareBelow(double ms) const {
    const QMutexLocker lock(&m_mutex);
    if (m_intervals_ms.isEmpty()) return 0;
    const auto below = std::ranges::count_if(m_intervals_ms, [&](double i) { return i < ms; });
    return static_cast<double>(below) / static_cast<double>(m_intervals_ms.size());
}

double FrameMeter::withinMs(double share) const {
    const QMutexLocker lock(&m_mutex);
    if (m_intervals_ms.isEmpty()) return 0;
    QList<double> sorted = m_intervals_ms;
    std::ranges::sort(sorted);
    const double last = static_cast<double>(sorted.size() - 1);
    return sorted[static_cast<qsizetype>(std::ceil(share * last))];
}

}  // namespace glowworm
