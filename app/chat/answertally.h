// SPDX-License-Identifier: Apache-2.0
// Adds up the figures of one answer for the line under it.
#pragma once

#include <QList>
#include <QString>

#include "core/base/stats.h"

namespace glowworm {

class AnswerTally {
  public:
    void add(const TokenStats& stats);
    // "12.3 tokens/s · 84 % hits · 1.2 MB/token"; empty while there is no token.
    [[nodiscard]] QString text() const;
    [[nodiscard]] int tokens() const { return m_tokens; }

  private:
    int m_tokens = 0;
    double m_timeMs = 0;
    quint64 m_hits = 0, m_misses = 0, m_readBytes = 0;
};

}  // namespace glowworm
