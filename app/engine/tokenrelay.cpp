// SPDX-License-Identifier: Apache-2.0
#include "app/engine/tokenrelay.h"

#include <utility>

namespace glowworm {

bool TokenRelay::add(std::string_view text, const TokenStats& stats,
                     const std::optional<MemoryBreakdown>& memory) {
    const std::lock_guard lock(m_mutex);
    const bool first = m_batch.stats.isEmpty();
    m_batch.text += QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
    m_batch.stats.append(stats);
    if (memory) m_memory = memory;
    return first;
}

TokenBatch TokenRelay::take(std::optional<MemoryBreakdown>* memory) {
    const std::lock_guard lock(m_mutex);
    *memory = std::exchange(m_memory, std::nullopt);
    return std::exchange(m_batch, {});
}

}  // namespace glowworm
