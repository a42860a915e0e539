// SPDX-License-Identifier: Apache-2.0
#include "app/telemetry/budgetcurve.h"

#include <algorithm>
#include <cmath>

#include <QClipboard>
#include <QGuiApplication>

#include "app/telemetry/figure.h"

namespace glowworm {

namespace {

constexpr double kMebibyte = 1 << 20;
constexpr double kGibibyte = 1 << 30;
constexpr int kMeanOverTokens = 16;
constexpr double kSameBudget = 0.005;   // of the curve's range
constexpr double kLittle = 0.02;        // of the time: not worth the memory

QString bytes(double value) {
    if (value >= kGibibyte) return BudgetCurve::tr("%1 GiB").arg(figure(value / kGibibyte));
    return BudgetCurve::tr("%1 MiB").arg(figure(value / kMebibyte));
}

}  // namespace

double BudgetCurve::msAt(double budgetBytes) const {
    return hasCurve() ? m_curve.at(static_cast<uint64_t>(std::max(0.0, budgetBytes))).predicted_ms
                      : 0;
}

// A gigabyte, or for a smaller model the largest power of ten of megabytes that is a step and not
// the whole way.
double BudgetCurve::fittingStep() const {
    const auto range = static_cast<double>(m_curve.points.back().budget_bytes -
                                           m_curve.points.front().budget_bytes);
    for (const double step : {kGibibyte, 100 * kMebibyte, 10 * kMebibyte}) {
        if (step * 4 <= range) return step;
    }
    return kMebibyte;
}

QString BudgetCurve::advice(double budgetBytes) const {
    if (!hasCurve()) return {};
    const auto most = static_cast<double>(m_curve.points.back().budget_bytes);
    const double now = msAt(budgetBytes);
    const double left = most - budgetBytes;
    if (left < kMebibyte / 2 || now <= 0)
        return tr("The whole model is in memory: more would bring nothing.");
    const double step = std::min(fittingStep(), left);
    const double then = msAt(budgetBytes + step);
    const QString more =
        step == kGibibyte ? tr("One more gigabyte") : tr("%1 more").arg(bytes(step));
    if (now - then < kLittle * now)
        return tr("%1 would change little: about %2 ms a token as now.").arg(more, figure(then));
    return tr("%1 would bring about %2 ms a token instead of %3: %4 times as fast.")
        .arg(more, figure(then), figure(now), figure(now / then));
}

double BudgetCurve::sameBytes() const {
    if (!hasCurve()) return 0;
    return kSameBudget * static_cast<double>(m_curve.points.back().budget_bytes -
                                             m_curve.points.front().budget_bytes);
}

double BudgetCurve::measuredAt(double budgetBytes) const {
    const double near = sameBytes();
    for (const BudgetMeasured& one : m_measured) {
        const double apart = std::abs(static_cast<double>(one.budgetBytes) - budgetBytes);
        if (one.tokens >= kTokensLeast && apart <= near) return one.timeMs;
    }
    return 0;
}

QByteArray BudgetCurve::toCsv() const {
    QByteArray csv = "kind,budget_bytes,ms_per_token,hit_rate,read_bytes,window_tokens,tokens\n";
    const auto text = [](double v, int digits) { return QByteArray::number(v, 'f', digits); };
    for (const CurvePoint& point : m_curve.points) {
        const auto budget = QByteArray::number(static_cast<qulonglong>(point.budget_bytes));
        csv += "foretold," + budget + ',' + text(point.predicted_ms, 3) + ',' +
               text(point.hit_rate, 4) + ',' + text(point.read_bytes, 0) + ',' +
               text(point.window_tokens, 1) + ",\n";
    }
    for (const BudgetMeasured& one : m_measured) {
        csv += "measured," + QByteArray::number(one.budgetBytes) + ',' + text(one.timeMs, 3) +
               ",,,," + QByteArray::number(one.tokens) + '\n';
    }
    return csv;
}

void BudgetCurve::copyAsCsv() const {
    QGuiApplication::clipboard()->setText(QString::fromLatin1(toCsv()));
}

void BudgetCurve::setCurve(const WorkingSetCurve& curve) {
    m_curve = curve;
    Q_EMIT changed();
}

void BudgetCurve::addToken(const TokenStats& stats) {
    if (stats.budget_bytes == 0) return;
    const auto budget = static_cast<qint64>(stats.budget_bytes);
    const double near = sameBytes();
    const auto same = std::ranges::find_if(m_measured, [&](const BudgetMeasured& one) {
        return std::abs(static_cast<double>(one.budgetBytes - budget)) <= near;
    });
    if (same == m_measured.end()) {
        if (m_measured.size() == kMeasuredMost) m_measured.erase(m_measured.begin());
        m_measured.push_back({budget, 1, stats.time_ms});
        return;
    }
    same->budgetBytes = budget;
    ++same->tokens;
    same->timeMs += (stats.time_ms - same->timeMs) / std::min(same->tokens, kMeanOverTokens);
    std::rotate(same, same + 1, m_measured.end());
}

void BudgetCurve::clear() {
    m_curve = {};
    m_measured.clear();
    Q_EMIT changed();
}

}  // namespace glowworm
