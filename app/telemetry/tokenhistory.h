// SPDX-License-Identifier: Apache-2.0
// The last tokens' figures, and sums over them. Plain values; one thread.
#pragma once

#include <array>

#include <QByteArray>

#include "core/base/stats.h"

namespace glowworm {

// Sums of TokenStats over a stretch of tokens.
struct TokenSums {
    double tokens = 0, timeMs = 0, attentionMs = 0, predictorMs = 0, ffnMs = 0, flashWaitMs = 0;
    double readBytes = 0, hits = 0, misses = 0, loaded = 0, dropped = 0, active = 0, total = 0;

    void add(const TokenStats& stats);
    [[nodiscard]] double mean(double TokenSums::* figure) const {
        return tokens > 0 ? this->*figure / tokens : 0;
    }
    [[nodiscard]] double hitRate() const { return hits + misses > 0 ? hits / (hits + misses) : 0; }
};

// A ring of the last kSize tokens; [0] is the oldest. Allocates nothing after construction.
class TokenHistory {
  public:
    static constexpr int kSize = 200;

    void add(const TokenStats& stats);
    void clear() { *this = {}; }
    [[nodiscard]] int size() const { return m_size; }
    [[nodiscard]] const TokenStats& at(int index) const;
    // The budget was another one at the token before: the plot draws a mark.
    [[nodiscard]] bool budgetMark(int index) const;
    // Sums over the last `tokens` (or as many as there are).
    [[nodiscard]] TokenSums lastSums(int tokens) const;
    // How many tokens were ever added: the plot's axis.
    [[nodiscard]] qint64 added() const { return m_added; }
    [[nodiscard]] QByteArray toCsv() const;

  private:
    std::array<TokenStats, kSize> m_ring{};
    std::array<bool, kSize> m_marks{};
    int m_begin = 0, m_size = 0;
    qint64 m_added = 0;
};

}  // namespace glowworm
