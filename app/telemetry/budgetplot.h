// SPDX-License-Identifier: Apache-2.0
// The plot of milliseconds per token over the budget: the foretold line, dashed, and a point for
// each budget that was tried. The present budget's dot is not drawn here: it is the handle of the
// slider above, and stands at (dotX, dotY). Drawn by QPainter, only when something changed.
#pragma once

#include <QColor>
#include <QFont>
#include <QPointer>
#include <QQuickPaintedItem>
#include <QtQml/qqmlregistration.h>

#include "app/telemetry/budgetcurve.h"

namespace glowworm {

class BudgetPlot : public QQuickPaintedItem {
    Q_OBJECT
    QML_ELEMENT
    Q_PROPERTY(glowworm::BudgetCurve* curve READ curve WRITE setCurve NOTIFY styleChanged REQUIRED)
    Q_PROPERTY(double budgetBytes MEMBER m_budgetBytes NOTIFY styleChanged)
    Q_PROPERTY(QColor lineColor MEMBER m_lineColor NOTIFY styleChanged)
    Q_PROPERTY(QColor pointColor MEMBER m_pointColor NOTIFY styleChanged)
    Q_PROPERTY(QColor gridColor MEMBER m_gridColor NOTIFY styleChanged)
    Q_PROPERTY(QColor textColor MEMBER m_textColor NOTIFY styleChanged)
    Q_PROPERTY(QFont font MEMBER m_font NOTIFY styleChanged)
    // Where the plot's own area begins and ends: the smallest and the largest budget.
    Q_PROPERTY(double areaLeft READ areaLeft NOTIFY layoutChanged)
    Q_PROPERTY(double areaRight READ areaRight NOTIFY layoutChanged)
    // The present budget on the foretold line.
    Q_PROPERTY(double dotX READ dotX NOTIFY layoutChanged)
    Q_PROPERTY(double dotY READ dotY NOTIFY layoutChanged)

  public:
    explicit BudgetPlot(QQuickItem* parent = nullptr);

    [[nodiscard]] BudgetCurve* curve() const { return m_curve; }
    void setCurve(BudgetCurve* curve);
    void paint(QPainter* painter) override;

    [[nodiscard]] double areaLeft() const { return area().left(); }
    [[nodiscard]] double areaRight() const { return area().right(); }
    [[nodiscard]] double dotX() const;
    [[nodiscard]] double dotY() const;

  Q_SIGNALS:
    void styleChanged();
    void layoutChanged();

  protected:
    void geometryChange(const QRectF& now, const QRectF& before) override;
    void itemChange(ItemChange change, const ItemChangeData& data) override;

  private:
    void renew();
    [[nodiscard]] bool drawable() const { return m_curve && m_curve->hasCurve(); }
    [[nodiscard]] QRectF area() const;
    [[nodiscard]] double msTop() const;
    [[nodiscard]] QPointF place(double budgetBytes, double ms) const;
    void paintGrid(QPainter& painter) const;
    void paintLine(QPainter& painter) const;
    void paintMeasured(QPainter& painter) const;

    QPointer<BudgetCurve> m_curve;
    double m_budgetBytes = 0;
    QColor m_lineColor{0x12, 0x80, 0x7a}, m_pointColor{0x10, 0x21, 0x1f};
    QColor m_gridColor{0xd0, 0xd0, 0xd0}, m_textColor{0x60, 0x60, 0x60};
    QFont m_font;
};

}  // namespace glowworm
