// SPDX-License-Identifier: Apache-2.0
#include "app/telemetry/budgetplot.h"

#include <algorithm>
#include <cmath>

#include <QPainter>
#include <QPainterPath>

#include "app/telemetry/axis.h"
#include "app/telemetry/figure.h"

namespace glowworm {

namespace {
constexpr double kLabelGap = 6;
constexpr double kDotRadius = 8;  // room for the handle at the ends
constexpr double kPointRadius = 3;
constexpr int kGridLines = 3;
}  // namespace

BudgetPlot::BudgetPlot(QQuickItem* parent) : QQuickPaintedItem(parent) {
    setAntialiasing(true);
    connect(this, &BudgetPlot::styleChanged, this, &BudgetPlot::renew);
}

void BudgetPlot::setCurve(BudgetCurve* curve) {
    if (m_curve == curve) return;
    if (m_curve) m_curve->disconnect(this);
    m_curve = curve;
    if (curve) connect(curve, &BudgetCurve::changed, this, &BudgetPlot::renew);
    Q_EMIT styleChanged();
}

void BudgetPlot::renew() {
    if (!isVisible()) return;
    Q_EMIT layoutChanged();
    update();
}

void BudgetPlot::geometryChange(const QRectF& now, const QRectF& before) {
    QQuickPaintedItem::geometryChange(now, before);
    renew();
}

void BudgetPlot::itemChange(ItemChange change, const ItemChangeData& data) {
    QQuickPaintedItem::itemChange(change, data);
    if (change == ItemVisibleHasChanged && data.boolValue) renew();
}

QRectF BudgetPlot::area() const {
    const QFontMetricsF metrics(m_font);
    const double left =
        std::max(metrics.horizontalAdvance(QStringLiteral("1000 ms")) + kLabelGap, kDotRadius);
    const double top = std::max(metrics.height() / 2, kDotRadius);
    return {left, top, std::max(1.0, width() - left - kDotRadius),
            std::max(1.0, height() - 2 * top)};
}

double BudgetPlot::msTop() const {
    double most = 0;
    for (const CurvePoint& point : m_curve->curve().points)
        most = std::max(most, point.predicted_ms);
    for (const BudgetMeasured& point : m_curve->measured())
        if (point.tokens >= BudgetCurve::kTokensLeast) most = std::max(most, point.timeMs);
    return axisRoundedUp(most);
}

QPointF BudgetPlot::place(double budgetBytes, double ms) const {
    const QRectF plot = area();
    const auto& points = m_curve->curve().points;
    const auto least = static_cast<double>(points.front().budget_bytes);
    const auto most = static_cast<double>(points.back().budget_bytes);
    const double share = std::clamp((budgetBytes - least) / (most - least), 0.0, 1.0);
    return {plot.left() + share * plot.width(),
            plot.bottom() - std::clamp(ms / msTop(), 0.0, 1.0) * plot.height()};
}

double BudgetPlot::dotX() const {
    return drawable() ? place(m_budgetBytes, 0).x() : area().left();
}

double BudgetPlot::dotY() const {
    return drawable() ? place(m_budgetBytes, m_curve->msAt(m_budgetBytes)).y() : area().bottom();
}

void BudgetPlot::paint(QPainter* painter) {
    if (!drawable()) return;
    painter->setFont(m_font);
    paintGrid(*painter);
    paintLine(*painter);
    paintMeasured(*painter);
}

void BudgetPlot::paintGrid(QPainter& painter) const {
    const QFontMetricsF metrics(m_font);
    const QRectF plot = area();
    for (int line = 0; line < kGridLines; ++line) {
        const double share = static_cast<double>(line) / (kGridLines - 1);
        const double y = std::round(plot.bottom() - share * plot.height()) + 0.5;
        painter.setPen(QPen(m_gridColor, 1));
        painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y));
        painter.setPen(m_textColor);
        const QString label = axisTime(share * msTop());
        const QRectF place(0, y - metrics.height() / 2, plot.left() - kLabelGap, metrics.height());
        painter.drawText(place, Qt::AlignRight | Qt::AlignVCenter, label);
    }
}

void BudgetPlot::paintLine(QPainter& painter) const {
    QPainterPath path;
    for (const CurvePoint& point : m_curve->curve().points) {
        const QPointF at = place(static_cast<double>(point.budget_bytes), point.predicted_ms);
        if (path.elementCount() == 0) {
            path.moveTo(at);
        } else {
            path.lineTo(at);
        }
    }
    QPen pen(m_lineColor, 2);
    pen.setDashPattern({4, 2.5});
    pen.setCapStyle(Qt::FlatCap);
    painter.setPen(pen);
    painter.setBrush(Qt::NoBrush);
    painter.drawPath(path);
}

void BudgetPlot::paintMeasured(QPainter& painter) const {
    painter.setPen(Qt::NoPen);
    painter.setBrush(m_pointColor);
    for (const BudgetMeasured& point : m_curve->measured()) {
        if (point.tokens < BudgetCurve::kTokensLeast) continue;
        painter.drawEllipse(place(static_cast<double>(point.budgetBytes), point.timeMs),
                            kPointRadius, kPointRadius);
    }
}

}  // namespace glowworm
