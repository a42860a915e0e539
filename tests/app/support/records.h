// SPDX-License-Identifier: Apache-2.0
// Short ways to make what the chat store takes.
#pragma once

#include <QUuid>

#include "app/chat/chatstore.h"

namespace glowworm {

// A prompt at `position` of conversation `id`, with its empty answer behind it.
inline AnswerStart question(const char* id, const char* prompt, qint64 position) {
    const auto newId = [] { return QUuid::createUuid().toString(QUuid::WithoutBraces); };
    const QString conversation = QString::fromUtf8(id);
    const QDateTime now = QDateTime::currentDateTime();
    AnswerStart start;
    start.conversation = {.id = conversation, .title = QStringLiteral("Title"), .updated = now};
    start.prompt = MessageRecord{.id = newId(),
                                 .conversationId = conversation,
                                 .text = QString::fromUtf8(prompt),
                                 .position = position,
                                 .created = now};
    start.answer = MessageRecord{.id = newId(),
                                 .conversationId = conversation,
                                 .role = MessageRole::kAssistant,
                                 .state = MessageState::kStreaming,
                                 .position = position + 1,
                                 .created = now};
    return start;
}

}  // namespace glowworm
