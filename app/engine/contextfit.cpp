// SPDX-License-Identifier: Apache-2.0
#include "app/engine/contextfit.h"

#include <algorithm>

namespace glowworm {

namespace {

constexpr size_t kMarksOfMessage = 8;  // what a chat template puts around a message, at most
constexpr size_t kAnswerMost = 512;    // tokens kept free for the answer

// tokens[i]: of the messages from i on.
std::vector<size_t> tokensFrom(const std::vector<Message>& messages,
                               const ContextFit::TokenCount& count) {
    std::vector<size_t> tokens(messages.size() + 1, 0);
    for (size_t i = messages.size(); i-- > 0;)
        tokens[i] = tokens[i + 1] + count(messages[i].text) + kMarksOfMessage;
    return tokens;
}

}  // namespace

size_t ContextFit::apply(std::vector<Message>& messages, size_t context_tokens,
                         const TokenCount& count) {
    const bool system = !messages.empty() && messages[0].role == Message::Role::kSystem;
    const size_t begin = system ? 1 : 0;
    if (messages.size() < begin + 2) return 0;
    const std::vector<size_t> tokens = tokensFrom(messages, count);
    const size_t always = tokens[0] - tokens[begin];
    const size_t most = context_tokens - std::min(context_tokens / 4, kAnswerMost);
    const auto kept = [&](size_t left_out) { return always + tokens[begin + left_out]; };
    if (kept(0) <= most) return 0;

    const size_t last = messages.size() - 1 - begin;
    const bool same = messages[begin].text == m_first && m_leftOut > 0 && m_leftOut <= last;
    if (!same || kept(m_leftOut) > most) {
        m_first = messages[begin].text;
        m_leftOut = 1;
        const auto answers = [&](size_t left_out) {
            return messages[begin + left_out].role != Message::Role::kUser;
        };
        while (m_leftOut < last && (kept(m_leftOut) > most / 2 || answers(m_leftOut))) ++m_leftOut;
    }
    const auto from = messages.begin() + static_cast<std::ptrdiff_t>(begin);
    messages.erase(from, from + static_cast<std::ptrdiff_t>(m_leftOut));
    return m_leftOut;
}

}  // namespace glowworm
