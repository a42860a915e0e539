// SPDX-License-Identifier: Apache-2.0
#include "tests/qml/conversations.h"

#include "app/chat/chatstore.h"

namespace glowworm {

namespace {

QString paragraphs(int words) {
    QString text;
    for (int word = 0; word < words; ++word) {
        text += word % 9 == 4 ? QStringLiteral("**neurons** ") : QStringLiteral("stream ");
        if (word % 60 == 59) text += QStringLiteral("\n\n");
    }
    return text;
}

}  // namespace

void fillConversations(const QString& path, int conversations, int messages, int words) {
    ChatStore store(path);
    store.open();
    const QDateTime now = QDateTime::currentDateTimeUtc();
    for (int c = 0; c < conversations; ++c) {
        const QDateTime time = now.addSecs(-3600LL * (conversations - c));
        const QString id = QStringLiteral("conversation-%1").arg(c);
        const ConversationRecord conversation{.id = id, .title = QStringLiteral("Chat %1").arg(c),
                                              .snippet = QStringLiteral("stream"), .updated = time};
        for (int m = 0; m + 1 < messages; m += 2) {
            const QString stem = QStringLiteral("%1-%2").arg(id).arg(m);
            const MessageRecord prompt{.id = stem + u'q', .conversationId = id,
                                       .text = paragraphs(20), .position = m, .created = time};
            MessageRecord answer { .id = stem + u'a',
                .conversationId = id,
                .role = MessageRole::kAssistant,
                .state = MessageState::kStreaming,
                .position = m + 1,
                .created = time };
            store.beginAnswer({.conversation = conversation, .prompt = prompt, .answer = answer});
            answer.text = paragraphs(words);
            answer.state = MessageState::kDone;
            store.finishAnswer(answer);
        }
    }
}

}  // namespace glowworm
