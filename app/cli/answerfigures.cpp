// SPDX-License-Identifier: Apache-2.0
#include "app/cli/answerfigures.h"

#include <format>

#include "core/base/bytes.h"

namespace glowworm {

void AnswerFigures::add(const TokenStats& stats) {
    ++m_tokens;
    m_hits += stats.hits;
    m_misses += stats.misses;
    m_readBytes += stats.read_bytes;
    m_timeMs += stats.time_ms;
    m_last = stats;
}

std::string AnswerFigures::line() const {
    if (m_tokens == 0) return "";
    std::string out;
    if (m_hits + m_misses > 0) {
        const double share = static_cast<double>(m_hits) / static_cast<double>(m_hits + m_misses);
        out += std::format("hit rate {:.1f} % · ", 100 * share);
    }
    out += std::format("{} a token · {:.1f} ms a token", formatBytes(m_readBytes / m_tokens),
                       m_timeMs / static_cast<double>(m_tokens));
    if (m_last.window_tokens > 0) out += std::format(" · window {}", m_last.window_tokens);
    return out + std::format(" · {} of {}", formatBytes(m_last.memory_bytes),
                             formatBytes(m_last.budget_bytes));
}

std::string memoryTable(const MemoryBreakdown& memory) {
    std::string out;
    const auto row = [&](const char* name, uint64_t bytes) {
        out += std::format("{:<18}{:>12}\n", name, formatBytes(bytes));
    };
    row("resident weights", memory.resident_weights);
    row("predictor", memory.predictor);
    row("neuron cache", memory.neuron_cache_used);
    row("  still free", memory.neuron_cache_free);
    row("KV cache", memory.kv_cache);
    row("buffers", memory.buffers);
    row("in use", memory.usedBytes());
    row("budget", memory.budget_bytes);
    return out;
}

}  // namespace glowworm
