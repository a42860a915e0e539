// SPDX-License-Identifier: Apache-2.0
#include "app/telemetry/telemetry.h"

#include <algorithm>
#include <utility>

#include <QClipboard>
#include <QGuiApplication>

#include "app/telemetry/verdict.h"

namespace glowworm {

namespace {
constexpr int kAnnounceMs = 100;
constexpr int kNowTokens = 16;
}  // namespace

Telemetry::Telemetry(QObject* parent) : QObject(parent) {
    m_timer.setSingleShot(true);
    m_timer.setInterval(kAnnounceMs);
    connect(&m_timer, &QTimer::timeout, this, &Telemetry::announce);
}

void Telemetry::setVisible(bool visible) {
    if (std::exchange(m_visible, visible) == visible) return;
    Q_EMIT visibleChanged();
    if (visible) announce();
}

void Telemetry::addTokens(const TokenBatch& batch) {
    for (const TokenStats& stats : batch.stats) {
        m_history.add(stats);
        m_answer.add(stats);
        m_curve.addToken(stats);
    }
    m_tokensNew = true;
    if (m_visible && !m_timer.isActive()) m_timer.start();
}

void Telemetry::setMemory(const MemoryBreakdown& memory) {
    m_memory = memory;
    m_memoryNew = true;
    if (m_visible && !m_timer.isActive()) m_timer.start();
}

void Telemetry::setSynthetic(bool synthetic) {
    m_synthetic = synthetic;
    Q_EMIT memoryChanged();
}

void Telemetry::beginAnswer() { m_answer = {}; }

void Telemetry::clear() {
    m_history.clear();
    m_answer = {};
    m_memory = {};
    m_curve.clear();
    m_tokensNew = m_memoryNew = true;
    announce();
}

void Telemetry::announce() {
    if (!m_visible) return;
    if (std::exchange(m_tokensNew, false)) {
        m_now = m_history.lastSums(kNowTokens);
        Q_EMIT updated();
        m_curve.announce();
    }
    if (std::exchange(m_memoryNew, false)) Q_EMIT memoryChanged();
}

double Telemetry::tokensPerSecond() const {
    return m_now.timeMs > 0 ? 1000 * m_now.tokens / m_now.timeMs : 0;
}

double Telemetry::otherMs() const {
    return std::max(0.0,
                    timePerTokenMs() - attentionMs() - predictorMs() - ffnMs() - flashWaitMs());
}

double Telemetry::flashBytesPerSecond() const {
    return m_now.timeMs > 0 ? 1000 * m_now.readBytes / m_now.timeMs : 0;
}

int Telemetry::windowEffective() const {
    return hasData() ? static_cast<int>(m_history.at(m_history.size() - 1).window_tokens) : 0;
}

int Telemetry::windowAsked() const {
    return hasData() ? static_cast<int>(m_history.at(m_history.size() - 1).window_tokens_asked) : 0;
}

double Telemetry::activeShare() const { return m_now.total > 0 ? m_now.active / m_now.total : 0; }

QString Telemetry::verdict() const { return verdictOf(m_now); }

qint64 Telemetry::residentBytes() const { return static_cast<qint64>(m_memory.resident_weights); }
qint64 Telemetry::predictorBytes() const { return static_cast<qint64>(m_memory.predictor); }
qint64 Telemetry::cacheUsedBytes() const { return static_cast<qint64>(m_memory.neuron_cache_used); }
qint64 Telemetry::cacheFreeBytes() const { return static_cast<qint64>(m_memory.neuron_cache_free); }
qint64 Telemetry::kvBytes() const { return static_cast<qint64>(m_memory.kv_cache); }
qint64 Telemetry::bufferBytes() const { return static_cast<qint64>(m_memory.buffers); }
qint64 Telemetry::budgetBytes() const { return static_cast<qint64>(m_memory.budget_bytes); }

void Telemetry::copyAsCsv() const {
    QGuiApplication::clipboard()->setText(QString::fromLatin1(m_history.toCsv()));
}

}  // namespace glowworm
