// SPDX-License-Identifier: Apache-2.0
// The live figures of the panel, from TokenStats: of the last tokens ("now": the last 16), of the
// answer, and of the memory. Told to QML at most ten times a second, and not at all while the panel
// is hidden (`visible`); the history is kept all the same, which costs a copy a token. GUI thread.
#pragma once

#include <QObject>
#include <QTimer>
#include <QtQml/qqmlregistration.h>

#include "app/engine/enginemessages.h"
#include "app/telemetry/budgetcurve.h"
#include "app/telemetry/tokenhistory.h"

namespace glowworm {

class Telemetry : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("Belongs to Application")
    Q_PROPERTY(bool visible READ visible WRITE setVisible NOTIFY visibleChanged)
    Q_PROPERTY(bool hasData READ hasData NOTIFY updated)  // at least one token
    Q_PROPERTY(double hitRateNow READ hitRateNow NOTIFY updated)        // 0..1
    Q_PROPERTY(double hitRateAnswer READ hitRateAnswer NOTIFY updated)  // 0..1
    Q_PROPERTY(double tokensPerSecond READ tokensPerSecond NOTIFY updated)
    Q_PROPERTY(double timePerTokenMs READ timePerTokenMs NOTIFY updated)
    // Parts of timePerTokenMs; otherMs is the rest (cache bookkeeping, output, sampling).
    Q_PROPERTY(double attentionMs READ attentionMs NOTIFY updated)
    Q_PROPERTY(double predictorMs READ predictorMs NOTIFY updated)
    Q_PROPERTY(double ffnMs READ ffnMs NOTIFY updated)
    Q_PROPERTY(double flashWaitMs READ flashWaitMs NOTIFY updated)
    Q_PROPERTY(double otherMs READ otherMs NOTIFY updated)
    Q_PROPERTY(double bytesPerToken READ bytesPerToken NOTIFY updated)
    Q_PROPERTY(double flashBytesPerSecond READ flashBytesPerSecond NOTIFY updated)
    Q_PROPERTY(int windowEffective READ windowEffective NOTIFY updated)  // tokens
    Q_PROPERTY(int windowAsked READ windowAsked NOTIFY updated)          // tokens, 0: automatic
    Q_PROPERTY(double neuronsLoadedPerToken READ neuronsLoadedPerToken NOTIFY updated)
    Q_PROPERTY(double neuronsDroppedPerToken READ neuronsDroppedPerToken NOTIFY updated)
    Q_PROPERTY(double activeShare READ activeShare NOTIFY updated)  // 0..1 of all neurons
    // What limits speed now, in one sentence; empty without data.
    Q_PROPERTY(QString verdict READ verdict NOTIFY updated)
    // Memory, bytes; all 0 while no model is open (hasMemory false).
    Q_PROPERTY(bool hasMemory READ hasMemory NOTIFY memoryChanged)
    Q_PROPERTY(qint64 residentBytes READ residentBytes NOTIFY memoryChanged)
    Q_PROPERTY(qint64 predictorBytes READ predictorBytes NOTIFY memoryChanged)
    Q_PROPERTY(qint64 cacheUsedBytes READ cacheUsedBytes NOTIFY memoryChanged)
    Q_PROPERTY(qint64 cacheFreeBytes READ cacheFreeBytes NOTIFY memoryChanged)
    Q_PROPERTY(qint64 kvBytes READ kvBytes NOTIFY memoryChanged)
    Q_PROPERTY(qint64 bufferBytes READ bufferBytes NOTIFY memoryChanged)
    Q_PROPERTY(qint64 budgetBytes READ budgetBytes NOTIFY memoryChanged)
    // What each budget would bring, and what those that were tried did bring.
    Q_PROPERTY(glowworm::BudgetCurve* curve READ curve CONSTANT)
    // The figures are of a synthetic model (random weights) or of the fake engine: say so.
    Q_PROPERTY(bool synthetic READ synthetic NOTIFY memoryChanged)

  public:
    explicit Telemetry(QObject* parent = nullptr);

    [[nodiscard]] bool visible() const { return m_visible; }
    void setVisible(bool visible);
    [[nodiscard]] bool hasData() const { return m_history.size() > 0; }
    [[nodiscard]] double hitRateNow() const { return m_now.hitRate(); }
    [[nodiscard]] double hitRateAnswer() const { return m_answer.hitRate(); }
    [[nodiscard]] double tokensPerSecond() const;
    [[nodiscard]] double timePerTokenMs() const { return m_now.mean(&TokenSums::timeMs); }
    [[nodiscard]] double attentionMs() const { return m_now.mean(&TokenSums::attentionMs); }
    [[nodiscard]] double predictorMs() const { return m_now.mean(&TokenSums::predictorMs); }
    [[nodiscard]] double ffnMs() const { return m_now.mean(&TokenSums::ffnMs); }
    [[nodiscard]] double flashWaitMs() const { return m_now.mean(&TokenSums::flashWaitMs); }
    [[nodiscard]] double otherMs() const;
    [[nodiscard]] double bytesPerToken() const { return m_now.mean(&TokenSums::readBytes); }
    [[nodiscard]] double flashBytesPerSecond() const;
    [[nodiscard]] int windowEffective() const;
    [[nodiscard]] int windowAsked() const;
    [[nodiscard]] double neuronsLoadedPerToken() const { return m_now.mean(&TokenSums::loaded); }
    [[nodiscard]] double neuronsDroppedPerToken() const { return m_now.mean(&TokenSums::dropped); }
    [[nodiscard]] double activeShare() const;
    [[nodiscard]] QString verdict() const;
    [[nodiscard]] bool hasMemory() const { return m_memory.budget_bytes > 0; }
    [[nodiscard]] qint64 residentBytes() const;
    [[nodiscard]] qint64 predictorBytes() const;
    [[nodiscard]] qint64 cacheUsedBytes() const;
    [[nodiscard]] qint64 cacheFreeBytes() const;
    [[nodiscard]] qint64 kvBytes() const;
    [[nodiscard]] qint64 bufferBytes() const;
    [[nodiscard]] qint64 budgetBytes() const;
    [[nodiscard]] bool synthetic() const { return m_synthetic; }
    [[nodiscard]] BudgetCurve* curve() { return &m_curve; }
    // What the plot draws.
    [[nodiscard]] const TokenHistory& history() const { return m_history; }

    // The history as comma-separated values, one line a token, on the clipboard.
    Q_INVOKABLE void copyAsCsv() const;

    void addTokens(const TokenBatch& batch);
    void setMemory(const MemoryBreakdown& memory);
    void setSynthetic(bool synthetic);
    // A new answer begins: hitRateAnswer starts again, the history goes on.
    void beginAnswer();
    // The model was closed: nothing to show.
    void clear();

  Q_SIGNALS:
    void visibleChanged();
    void updated();
    void memoryChanged();

  private:
    void announce();

    TokenHistory m_history;
    TokenSums m_now;     // of the last 16 tokens, made when announced
    TokenSums m_answer;
    MemoryBreakdown m_memory;
    BudgetCurve m_curve;
    bool m_visible = true;
    bool m_synthetic = false;
    bool m_tokensNew = false, m_memoryNew = false;
    QTimer m_timer;
};

}  // namespace glowworm
