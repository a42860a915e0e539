// SPDX-License-Identifier: Apache-2.0
#include "app/chat/answertally.h"

#include <QCoreApplication>
#include <QLocale>

#include "app/telemetry/figure.h"

namespace glowworm {

void AnswerTally::add(const TokenStats& stats) {
    ++m_tokens;
    m_timeMs += stats.time_ms;
    m_hits += stats.hits;
    m_misses += stats.misses;
    m_readBytes += stats.read_bytes;
}

QString AnswerTally::text() const {
    if (m_tokens == 0 || m_timeMs <= 0) return {};
    const auto tr = [](const char* words) {
        return QCoreApplication::translate("AnswerTally", words);
    };
    QStringList parts{tr("%1 tokens/s").arg(figure(1000.0 * m_tokens / m_timeMs))};
    if (m_hits + m_misses > 0) {
        const double share = static_cast<double>(m_hits) / static_cast<double>(m_hits + m_misses);
        parts += tr("%1 % hits").arg(static_cast<int>(share * 100 + 0.5));
        parts += tr("%1/token").arg(QLocale().formattedDataSize(
            static_cast<qint64>(m_readBytes) / m_tokens, 1, QLocale::DataSizeTraditionalFormat));
    }
    return parts.join(QStringLiteral(" · "));
}

}  // namespace glowworm
