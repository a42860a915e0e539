// SPDX-License-Identifier: Apache-2.0
// What each budget would bring, foretold, and what the budgets that were tried did bring: the
// figures behind the panel's curve. GUI thread.
#pragma once

#include <vector>

#include <QObject>
#include <QtQml/qqmlregistration.h>

#include "core/base/stats.h"
#include "core/engine/working_set_curve.h"

namespace glowworm {

// The mean time of the tokens at one budget, the latest counting most.
struct BudgetMeasured {
    qint64 budgetBytes = 0;
    int tokens = 0;
    double timeMs = 0;
};

class BudgetCurve : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("Belongs to Telemetry")
    // Nothing is foretold before the first tokens of an answer.
    Q_PROPERTY(bool hasCurve READ hasCurve NOTIFY changed)

  public:
    static constexpr int kTokensLeast = 8;     // before a measured point is shown
    static constexpr size_t kMeasuredMost = 64;  // then the one that has rested longest goes

    using QObject::QObject;

    [[nodiscard]] bool hasCurve() const { return m_curve.points.size() > 1; }
    [[nodiscard]] const WorkingSetCurve& curve() const { return m_curve; }
    [[nodiscard]] const std::vector<BudgetMeasured>& measured() const { return m_measured; }

    // Foretold milliseconds a token at a budget; 0 without a curve.
    Q_INVOKABLE double msAt(double budgetBytes) const;
    // Measured milliseconds a token at a budget as good as this; 0: not tried for long.
    Q_INVOKABLE double measuredAt(double budgetBytes) const;
    // The curve and what was measured, as comma-separated values: a line for each point.
    [[nodiscard]] QByteArray toCsv() const;
    Q_INVOKABLE void copyAsCsv() const;  // on the clipboard
    // What a fitting step of more budget would bring, in one sentence; "" without a curve.
    [[nodiscard]] Q_INVOKABLE QString advice(double budgetBytes) const;

    void setCurve(const WorkingSetCurve& curve);
    void addToken(const TokenStats& stats);  // announced with the next announce()
    void announce() { Q_EMIT changed(); }
    void clear();

  Q_SIGNALS:
    void changed();

  private:
    [[nodiscard]] double fittingStep() const;
    // How far two budgets may be apart and still be one point.
    [[nodiscard]] double sameBytes() const;

    WorkingSetCurve m_curve;
    std::vector<BudgetMeasured> m_measured;  // the last used is at the back
};

}  // namespace glowworm
