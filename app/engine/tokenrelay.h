// SPDX-License-Identifier: Apache-2.0
// Joins tokens on their way from the engine thread to the GUI thread: the one adds, the other takes
// all at once when it has time to draw.
#pragma once

#include <mutex>
#include <optional>
#include <string_view>

#include "app/engine/enginemessages.h"

namespace glowworm {

class TokenRelay {
  public:
    // Engine thread. True when nothing was waiting: the taker must be told.
    bool add(std::string_view text, const TokenStats& stats,
             const std::optional<MemoryBreakdown>& memory);
    // GUI thread. The memory is the latest that was added, if any was.
    TokenBatch take(std::optional<MemoryBreakdown>* memory);

  private:
    std::mutex m_mutex;
    TokenBatch m_batch;
    std::optional<MemoryBreakdown> m_memory;
};

}  // namespace glowworm
