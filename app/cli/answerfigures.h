// SPDX-License-Identifier: Apache-2.0
// The figures of an answer, summed over its tokens, and the line that tells them.
#pragma once

#include <string>

#include "core/base/stats.h"

namespace glowworm {

class AnswerFigures {
  public:
    void add(const TokenStats& stats);
    [[nodiscard]] uint64_t tokens() const { return m_tokens; }
    // "hit rate 93.1 % · 1.2 MiB a token · 12.3 ms a token · window 5 · 210 MiB of 300 MiB"; of no
    // token "".
    [[nodiscard]] std::string line() const;

    [[nodiscard]] uint64_t hits() const { return m_hits; }
    [[nodiscard]] uint64_t misses() const { return m_misses; }

  private:
    uint64_t m_tokens = 0, m_hits = 0, m_misses = 0, m_readBytes = 0;
    double m_timeMs = 0;
    TokenStats m_last;
};

// The parts of the memory, one a line.
[[nodiscard]] std::string memoryTable(const MemoryBreakdown& memory);

}  // namespace glowworm
