// SPDX-License-Identifier: Apache-2.0
// What the chat store keeps, as plain values that may travel between threads.
#pragma once

#include <QDateTime>
#include <QList>
#include <QString>

namespace glowworm {

// Sampling and system prompt of one conversation.
struct ChatOptions {
    QString systemPrompt{};
    double temperature = 0.7;
    int topK = 40;
    double topP = 0.95;
    double minP = 0.0;
    double repeatPenalty = 1.0;
    qint64 seed = 0;    // 0: a new one for each answer
    int maxTokens = 0;  // 0: until the model ends or the context is full
    bool operator==(const ChatOptions&) const = default;
};

struct ConversationRecord {
    QString id{}, title{}, snippet{}, draft{};
    QDateTime updated{};
    ChatOptions options{};
};

// `interrupted` is what a streaming answer is called when the program ended before it did.
enum class MessageState { kStreaming, kDone, kStopped, kError, kInterrupted };

enum class MessageRole { kUser, kAssistant };

struct MessageRecord {
    QString id{}, conversationId{}, text{}, statsText{};
    MessageRole role = MessageRole::kUser;
    MessageState state = MessageState::kDone;
    qint64 position = 0;  // orders the messages of a conversation
    int variant = 0, variants = 1;  // which of the answers to the same question this is
    QDateTime created{};
};

}  // namespace glowworm
