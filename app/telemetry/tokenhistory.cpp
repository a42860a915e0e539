// SPDX-License-Identifier: Apache-2.0
#include "app/telemetry/tokenhistory.h"

#include <algorithm>

#include "core/base/check.h"

namespace glowworm {

void TokenSums::add(const TokenStats& stats) {
    tokens += 1;
    timeMs += stats.time_ms;
    attentionMs += stats.attention_ms;
    predictorMs += stats.predictor_ms;
    ffnMs += stats.ffn_ms;
    flashWaitMs += stats.flash_wait_ms;
    readBytes += static_cast<double>(stats.read_bytes);
    hits += static_cast<double>(stats.hits);
    misses += static_cast<double>(stats.misses);
    loaded += static_cast<double>(stats.neurons_loaded);
    dropped += static_cast<double>(stats.neurons_dropped);
    active += static_cast<double>(stats.active_neurons);
    total += static_cast<double>(stats.total_neurons);
}

void TokenHistory::add(const TokenStats& stats) {
    const bool mark = m_size > 0 && at(m_size - 1).budget_bytes != stats.budget_bytes;
    const auto place = static_cast<size_t>((m_begin + m_size) % kSize);
    m_ring[place] = stats;
    m_marks[place] = mark;
    if (m_size < kSize) {
        ++m_size;
    } else {
        m_begin = (m_begin + 1) % kSize;
    }
    ++m_added;
}

const TokenStats& TokenHistory::at(int index) const {
    CHECK(index >= 0 && index < m_size);
    return m_ring[static_cast<size_t>((m_begin + index) % kSize)];
}

bool TokenHistory::budgetMark(int index) const {
    CHECK(index >= 0 && index < m_size);
    return m_marks[static_cast<size_t>((m_begin + index) % kSize)];
}

TokenSums TokenHistory::lastSums(int tokens) const {
    TokenSums sums;
    for (int i = std::max(0, m_size - tokens); i < m_size; ++i) sums.add(at(i));
    return sums;
}

QByteArray TokenHistory::toCsv() const {
    QByteArray csv =
        "token,time_ms,attention_ms,predictor_ms,ffn_ms,flash_wait_ms,read_bytes,hits,"
        "misses,window_tokens,neurons_loaded,neurons_dropped,memory_bytes,budget_bytes\n";
    for (int i = 0; i < m_size; ++i) {
        const TokenStats& s = at(i);
        csv += QByteArray::number(m_added - m_size + i + 1);
        for (const double ms :
             {s.time_ms, s.attention_ms, s.predictor_ms, s.ffn_ms, s.flash_wait_ms})
            csv += ',' + QByteArray::number(ms, 'f', 3);
        for (const uint64_t n :
             {s.read_bytes, s.hits, s.misses, uint64_t{s.window_tokens}, s.neurons_loaded,
              s.neurons_dropped, s.memory_bytes, s.budget_bytes})
            csv += ',' + QByteArray::number(static_cast<qulonglong>(n));
        csv += '\n';
    }
    return csv;
}

}  // namespace glowworm
