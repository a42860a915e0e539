// SPDX-License-Identifier: Apache-2.0
// Which messages go to the model when a conversation has outgrown its context: the system prompt
// and the newest ones. Plain values; any thread.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/engine/session.h"

namespace glowworm {

class ContextFit {
  public:
    using TokenCount = std::function<size_t(std::string_view)>;

    // Takes the oldest messages (never the system prompt, never the last one) out of `messages`
    // when they do not all fit into `context_tokens` with room for an answer, and says how many.
    // When it must, it takes out so many that half of the context is free again, and takes out the
    // same ones the next time: what is kept begins alike, so the KV cache is of use.
    size_t apply(std::vector<Message>& messages, size_t context_tokens, const TokenCount& count);

  private:
    std::string m_first;    // the conversation that m_leftOut is of, by its first message
    size_t m_leftOut = 0;
};

}  // namespace glowworm
