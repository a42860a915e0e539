// SPDX-License-Identifier: Apache-2.0
#include "app/telemetry/latencyplot.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <QPainter>

#include "app/telemetry/axis.h"
#include "app/telemetry/figure.h"

namespace glowworm {

namespace {

constexpr double kLabelGap = 6;
constexpr int kGridLines = 3;

// The top of the axis: what nearly all tokens stay below, so that one slow token does not flatten
// the rest.
double axisTop(const TokenHistory& history) {
    std::array<double, TokenHistory::kSize> times{};
    const int n = history.size();
    for (int i = 0; i < n; ++i) times[static_cast<size_t>(i)] = history.at(i).time_ms;
    const auto nearly = times.begin() + (n - 1) * 97 / 100;
    std::nth_element(times.begin(), nearly, times.begin() + n);
    return axisRoundedUp(*nearly * 1.1);
}

double otherMs(const TokenStats& s) {
    return std::max(0.0,
                    s.time_ms - s.attention_ms - s.predictor_ms - s.ffn_ms - s.flash_wait_ms);
}

}  // namespace

LatencyPlot::LatencyPlot(QQuickItem* parent) : QQuickPaintedItem(parent) {
    setAntialiasing(true);
    connect(this, &LatencyPlot::styleChanged, this, [this] { update(); });
}

void LatencyPlot::setTelemetry(Telemetry* telemetry) {
    if (m_telemetry == telemetry) return;
    if (m_telemetry) m_telemetry->disconnect(this);
    m_telemetry = telemetry;
    if (telemetry) {
        connect(telemetry, &Telemetry::updated, this, [this] {
            if (isVisible()) update();
        });
    }
    Q_EMIT styleChanged();
}

QRectF LatencyPlot::plotArea() const {
    const QFontMetricsF metrics(m_font);
    const double left = metrics.horizontalAdvance(QStringLiteral("1000 ms")) + kLabelGap;
    const double top = metrics.height() / 2;
    return {left, top, std::max(0.0, width() - left), std::max(0.0, height() - 2 * top)};
}

void LatencyPlot::paint(QPainter* painter) {
    if (!m_telemetry || !m_telemetry->hasData()) return;
    const QRectF area = plotArea();
    if (area.width() < 1 || area.height() < 1) return;
    const double msMax = axisTop(m_telemetry->history());
    painter->setFont(m_font);
    paintGrid(*painter, area, msMax);
    paintBars(*painter, area, msMax);
    paintMarks(*painter, area);
}

void LatencyPlot::paintGrid(QPainter& painter, const QRectF& area, double msMax) const {
    const QFontMetricsF metrics(m_font);
    for (int line = 0; line < kGridLines; ++line) {
        const double share = static_cast<double>(line) / (kGridLines - 1);
        const double y = std::round(area.bottom() - share * area.height()) + 0.5;
        painter.setPen(QPen(m_gridColor, 1));
        painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y));
        painter.setPen(m_textColor);
        const QString label = axisTime(share * msMax);
        painter.drawText(QPointF(area.left() - kLabelGap - metrics.horizontalAdvance(label),
                                 y + metrics.ascent() / 2 - 1), label);
    }
}

void LatencyPlot::paintBars(QPainter& painter, const QRectF& area, double msMax) const {
    const TokenHistory& history = m_telemetry->history();
    const double step = area.width() / TokenHistory::kSize;
    const double gap = step >= 3 ? 1 : 0;
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing, false);
    painter.setClipRect(area);
    for (int i = 0; i < history.size(); ++i) {
        const TokenStats& s = history.at(i);
        const double x = area.right() - (history.size() - i) * step;
        double y = area.bottom();
        const auto part = [&](double ms, const QColor& color) {
            const double height = ms / msMax * area.height();
            painter.fillRect(QRectF(x, y - height, step - gap, height),
                             i == m_hovered ? color.lighter(130) : color);
            y -= height;
        };
        part(s.attention_ms, m_attentionColor);
        part(s.predictor_ms, m_predictorColor);
        part(s.ffn_ms, m_ffnColor);
        part(otherMs(s), m_otherColor);
        part(s.flash_wait_ms, m_flashColor);
    }
    painter.restore();
}

void LatencyPlot::paintMarks(QPainter& painter, const QRectF& area) const {
    const TokenHistory& history = m_telemetry->history();
    const double step = area.width() / TokenHistory::kSize;
    painter.setPen(QPen(m_markColor, 1.5, Qt::DashLine));
    for (int i = 0; i < history.size(); ++i) {
        if (!history.budgetMark(i)) continue;
        const double x = area.right() - (history.size() - i) * step;
        painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()));
    }
}

int LatencyPlot::tokenAt(double x) const {
    if (!m_telemetry || !m_telemetry->hasData()) return -1;
    const QRectF area = plotArea();
    if (x < area.left() || x >= area.right()) return -1;
    const int size = m_telemetry->history().size();
    const int fromEnd = static_cast<int>((area.right() - x) / area.width() * TokenHistory::kSize);
    return fromEnd < size ? size - 1 - fromEnd : -1;
}

QString LatencyPlot::describe(int token) const {
    if (!m_telemetry || token < 0 || token >= m_telemetry->history().size()) return {};
    const TokenHistory& history = m_telemetry->history();
    const TokenStats& s = history.at(token);
    return tr("Token %1: %2 ms (flash %3, feed-forward %4, attention %5, predictor %6, other %7)")
        .arg(history.added() - history.size() + token + 1)
        .arg(figure(s.time_ms), figure(s.flash_wait_ms), figure(s.ffn_ms), figure(s.attention_ms),
             figure(s.predictor_ms), figure(otherMs(s)));
}

}  // namespace glowworm
