// SPDX-License-Identifier: Apache-2.0
// The moving stacked plot of the last 200 tokens' latency: attention, predictor, feed-forward, the
// rest, waiting for flash; a dashed mark where the budget changed. Drawn by QPainter, so it looks
// the same with and without a GPU. Repaints when the telemetry is updated, not more.
#pragma once

#include <QColor>
#include <QFont>
#include <QPointer>
#include <QQuickPaintedItem>
#include <QtQml/qqmlregistration.h>

#include "app/telemetry/telemetry.h"

namespace glowworm {

class LatencyPlot : public QQuickPaintedItem {
    Q_OBJECT
    QML_ELEMENT
    Q_PROPERTY(glowworm::Telemetry* telemetry READ telemetry WRITE setTelemetry NOTIFY styleChanged
                   REQUIRED)
    Q_PROPERTY(QColor attentionColor MEMBER m_attentionColor NOTIFY styleChanged)
    Q_PROPERTY(QColor predictorColor MEMBER m_predictorColor NOTIFY styleChanged)
    Q_PROPERTY(QColor ffnColor MEMBER m_ffnColor NOTIFY styleChanged)
    Q_PROPERTY(QColor flashColor MEMBER m_flashColor NOTIFY styleChanged)
    Q_PROPERTY(QColor otherColor MEMBER m_otherColor NOTIFY styleChanged)
    Q_PROPERTY(QColor gridColor MEMBER m_gridColor NOTIFY styleChanged)
    Q_PROPERTY(QColor textColor MEMBER m_textColor NOTIFY styleChanged)
    Q_PROPERTY(QColor markColor MEMBER m_markColor NOTIFY styleChanged)
    Q_PROPERTY(QFont font MEMBER m_font NOTIFY styleChanged)
    // The token under the pointer (0: oldest), or -1; set it from a HoverHandler by tokenAt(x).
    Q_PROPERTY(int hovered MEMBER m_hovered NOTIFY styleChanged)

  public:
    explicit LatencyPlot(QQuickItem* parent = nullptr);

    [[nodiscard]] Telemetry* telemetry() const { return m_telemetry; }
    void setTelemetry(Telemetry* telemetry);
    void paint(QPainter* painter) override;

    [[nodiscard]] Q_INVOKABLE int tokenAt(double x) const;
    // "Token 812: 84 ms (flash 52, feed-forward 20, ...)"; empty for -1.
    [[nodiscard]] Q_INVOKABLE QString describe(int token) const;

  Q_SIGNALS:
    void styleChanged();

  private:
    [[nodiscard]] QRectF plotArea() const;
    void paintGrid(QPainter& painter, const QRectF& area, double msMax) const;
    void paintBars(QPainter& painter, const QRectF& area, double msMax) const;
    void paintMarks(QPainter& painter, const QRectF& area) const;

    QPointer<Telemetry> m_telemetry;
    QColor m_attentionColor{0x4c, 0x78, 0xa8}, m_predictorColor{0x72, 0xb7, 0xb2};
    QColor m_ffnColor{0x54, 0xa2, 0x4b}, m_flashColor{0xf5, 0x85, 0x18};
    QColor m_otherColor{0xba, 0xb0, 0xac}, m_gridColor{0xd0, 0xd0, 0xd0};
    QColor m_textColor{0x60, 0x60, 0x60}, m_markColor{0x80, 0x20, 0x60};
    QFont m_font;
    int m_hovered = -1;
};

}  // namespace glowworm
