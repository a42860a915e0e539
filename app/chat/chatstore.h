// SPDX-License-Identifier: Apache-2.0
// The chat database (SQLite, write-ahead log, one user at a time). Together with ChatMigrations the
// only place with SQL. Every call blocks and belongs to the store thread (StoreThread); a test may
// call it from wherever it was made. What the disk refuses comes back as a StoreError.
//
// An answer that streams is kept in pieces (table answer_piece), so that a second of it costs one
// small row; finishAnswer joins them. A streaming answer found by open() was interrupted: the run
// ended before it did.
#pragma once

#include <expected>
#include <optional>

#include <QSqlDatabase>
#include <QVariantList>

#include "app/chat/chatrecords.h"

class QSqlQuery;

namespace glowworm {

struct StoreError {
    enum class Kind { kFull, kCorrupt, kReadOnly, kOther } kind = Kind::kOther;
    QString message;  // what is wrong, where, what to do
};

template <typename T>
using StoreResult = std::expected<T, StoreError>;
using StoreStatus = StoreResult<void>;

// In every state but kGood the store keeps to memory: the file is left exactly as it is.
enum class StoreHealth {
    kGood,
    kReadOnly,     // the conversations can be read; what is new is not kept
    kNewer,        // written by a later version
    kCorrupt,      // can be set aside, with the person's consent
    kUnavailable,  // the folder cannot be made, the file is used by another window ...
};

struct StoreOpening {
    StoreHealth health = StoreHealth::kGood;
    QString message;
};

// Where a page of conversations begins: after the last row of the page before.
struct ConversationCursor {
    QDateTime updated;
    QString id;  // empty: at the newest
};

struct MessagePage {
    QList<MessageRecord> messages;  // oldest first
    bool hasOlder = false;
};

// A question about to be answered, stored as one step.
struct AnswerStart {
    ConversationRecord conversation;     // made if it is new
    qint64 replaceFrom = -1;             // messages at and after this position go; -1: none
    std::optional<MessageRecord> prompt;
    MessageRecord answer;                // empty, streaming
    bool again = false;  // it has been answered: what that says is kept as a variant
};

class ChatStore {
  public:
    // `path` ":memory:" keeps nothing.
    explicit ChatStore(const QString& path);
    ~ChatStore();
    ChatStore(const ChatStore&) = delete;
    ChatStore& operator=(const ChatStore&) = delete;

    // Makes or opens the file, migrates it, marks interrupted answers and purges deleted
    // conversations.
    StoreOpening open();
    // Only after kCorrupt and the person's yes: renames the file (and its log) to
    // NAME.corrupt-TIME and opens a new one. The message says where the old one lies.
    StoreOpening setAside();

    // Lets the file go; open() takes it again.
    void close();

    StoreResult<QList<ConversationRecord>> conversations(
        const QString& titleFilter, const ConversationCursor& after, int limit);
    // Nothing: no such conversation.
    StoreResult<std::optional<ConversationRecord>> conversation(const QString& id);
    // The newest `limit` messages before `beforePosition` (-1: the newest of all; limit -1: all).
    StoreResult<MessagePage> messages(const QString& conversationId, qint64 beforePosition,
                                      int limit);

    StoreStatus beginAnswer(const AnswerStart& start);
    StoreStatus appendAnswer(const QString& messageId, const QString& text);
    // `answer.text` is the whole text.
    StoreStatus finishAnswer(const MessageRecord& answer);
    // Answer number `variant` of the same question takes the place of the one that is shown.
    StoreStatus showVariant(const QString& messageId, int variant);
    // Draft and options.
    StoreStatus saveDetails(const ConversationRecord& conversation);
    StoreStatus rename(const QString& conversationId, const QString& title);
    // A deleted conversation is purged by the next open().
    StoreStatus setDeleted(const QString& conversationId, bool deleted);

  private:
    StoreOpening openFile();
    StoreOpening openInMemory(StoreHealth health, const QString& message);
    StoreOpening openReadOnly();
    StoreOpening refuse(const StoreError& error);
    StoreStatus checkAfterCrash();
    StoreStatus connectTo(const QString& path);
    StoreStatus recover();
    StoreStatus copyFromDisk();
    StoreResult<QSqlQuery> run(const QString& sql, const QVariantList& values = {});
    StoreStatus change(const QString& sql, const QVariantList& values);
    StoreStatus insertMessage(const MessageRecord& message);
    StoreStatus keepAsVariant(const QString& messageId);
    StoreStatus clearAnswer(const MessageRecord& answer);
    template <typename Steps>
    StoreStatus inTransaction(Steps steps);

    QString m_path;
    QString m_connection;
    QSqlDatabase m_database;
};

}  // namespace glowworm
