// SPDX-License-Identifier: Apache-2.0
// Conversations for tests and benchmarks, written by the real store.
#pragma once

#include <QString>

namespace glowworm {

// "conversation-0" and so on, the last one newest, each of `messages` messages with answers of
// `words` words of Markdown, into the database file `path` (made where it is missing). Blocks.
void fillConversations(const QString& path, int conversations, int messages, int words);

}  // namespace glowworm
