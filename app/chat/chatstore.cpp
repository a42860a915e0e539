// SPDX-License-Identifier: Apache-2.0
#include "app/chat/chatstore.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <limits>
#include <utility>

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QJsonDocument>
#include <QJsonObject>
#include <QSqlError>
#include <QSqlQuery>
#include <QUrl>
#include <QUuid>

#include "app/chat/chatmigrations.h"

namespace glowworm {

namespace {

// SQLite's own numbers (sqlite.org/rescode.html); extended codes carry them in the low byte.
constexpr int kSqliteIoWrite = 10 | 3 << 8;  // a quota or a file size limit
constexpr int kSqliteBusy = 5, kSqliteReadOnly = 8, kSqliteCannotOpen = 14;
constexpr int kSqliteCorrupt = 11, kSqliteFull = 13, kSqliteNotADatabase = 26;

constexpr int kSnippetLength = 120;
// The number of the answer that is shown: the one that is missing among the others' numbers.
constexpr const char* kShownVariant =
    "(SELECT count(*) * (count(*) + 1) / 2 - coalesce(sum(number), 0) FROM answer_variant "
    "WHERE message = m.id)";
const QString kMemory = QStringLiteral(":memory:");

QString tr(const char* text) { return QCoreApplication::translate("ChatStore", text); }

int codeOf(const QSqlError& error) {
    const int code = error.nativeErrorCode().toInt();
    return code == kSqliteIoWrite ? kSqliteFull : code & 0xFF;
}

StoreError storeError(const QSqlError& error, const QString& path) {
    switch (codeOf(error)) {
    case kSqliteFull:
        return {StoreError::Kind::kFull,
                tr("The disk is full: what you write is not being saved in %1. Free some space, "
                   "then try again.").arg(path)};
    case kSqliteCorrupt:
    case kSqliteNotADatabase:
        return {StoreError::Kind::kCorrupt,
                tr("The chat database %1 is damaged (%2).").arg(path, error.databaseText())};
    case kSqliteReadOnly:
    case kSqliteCannotOpen:
        return {StoreError::Kind::kReadOnly,
                tr("%1 cannot be opened for writing (%2).").arg(path, error.databaseText())};
    case kSqliteBusy:
        return {
            StoreError::Kind::kOther,
            tr("%1 is in use by another window: conversations are not kept here. Close that one "
               "and start again.")
                .arg(path)};
    default:
        return {StoreError::Kind::kOther,
                tr("The chat database %1 could not be used: %2.").arg(path, error.databaseText())};
    }
}

// By the effective user, as open() will see it.
bool canWrite(const QString& path) {
    return faccessat(AT_FDCWD, QFile::encodeName(path).constData(), W_OK, AT_EACCESS) == 0;
}

constexpr std::array kStateNames{"streaming", "done", "stopped", "error", "interrupted"};

QString stateName(MessageState state) {
    return QString::fromLatin1(kStateNames[static_cast<size_t>(state)]);
}

MessageState stateOf(const QString& name) {
    for (size_t i = 0; i < kStateNames.size(); ++i)
        if (name == QLatin1StringView(kStateNames[i])) return static_cast<MessageState>(i);
    return MessageState::kError;
}

QString toJson(const ChatOptions& o) {
    const QJsonObject json{{"system", o.systemPrompt},
                           {"temperature", o.temperature},
                           {"top_k", o.topK},
                           {"top_p", o.topP},
                           {"min_p", o.minP},
                           {"repeat_penalty", o.repeatPenalty},
                           {"seed", o.seed},
                           {"max_tokens", o.maxTokens}};
    return QString::fromUtf8(QJsonDocument(json).toJson(QJsonDocument::Compact));
}

ChatOptions optionsOf(const QString& text) {
    const QJsonObject json = QJsonDocument::fromJson(text.toUtf8()).object();
    const ChatOptions usual;
    return {.systemPrompt = json["system"].toString(),
            .temperature = json["temperature"].toDouble(usual.temperature),
            .topK = json["top_k"].toInt(usual.topK),
            .topP = json["top_p"].toDouble(usual.topP),
            .minP = json["min_p"].toDouble(usual.minP),
            .repeatPenalty = json["repeat_penalty"].toDouble(usual.repeatPenalty),
            .seed = json["seed"].toInteger(usual.seed),
            .maxTokens = json["max_tokens"].toInt(usual.maxTokens)};
}

// Columns: id, title, updated, draft, options, snippet.
ConversationRecord conversationOf(const QSqlQuery& query) {
    return {.id = query.value(0).toString(),
            .title = query.value(1).toString(),
            .snippet = query.value(5).toString().simplified(),
            .draft = query.value(3).toString(),
            .updated = QDateTime::fromMSecsSinceEpoch(query.value(2).toLongLong()),
            .options = optionsOf(query.value(4).toString())};
}

QString conversationColumns() {
    return QStringLiteral(
               "SELECT id, title, updated, draft, options, "
               "(SELECT substr(text, 1, %1) FROM message WHERE conversation = c.id "
               "ORDER BY position DESC LIMIT 1) FROM conversation c ")
        .arg(kSnippetLength);
}

// What LIKE would take for a pattern is taken literally.
QString likePattern(QString words) {
    for (const QChar special : {u'\\', u'%', u'_'})
        words.replace(special, QString(u'\\') + special);
    return u'%' + words + u'%';
}

}  // namespace

ChatStore::ChatStore(const QString& path)
    : m_path(path), m_connection(QUuid::createUuid().toString()) {}

ChatStore::~ChatStore() { close(); }

void ChatStore::close() {
    if (!m_database.isValid()) return;
    m_database.close();
    m_database = {};
    QSqlDatabase::removeDatabase(m_connection);
}

StoreStatus ChatStore::connectTo(const QString& path) {
    close();
    m_database = QSqlDatabase::addDatabase(QStringLiteral("QSQLITE"), m_connection);
    m_database.setConnectOptions(QStringLiteral("QSQLITE_OPEN_URI;QSQLITE_BUSY_TIMEOUT=300"));
    m_database.setDatabaseName(path);
    if (!m_database.open()) return std::unexpected(storeError(m_database.lastError(), m_path));
    QStringList pragmas{QStringLiteral("foreign_keys = ON")};
    if (path != kMemory) {
        // Exclusive: a second window would take our running answers for interrupted ones.
        pragmas += {QStringLiteral("locking_mode = EXCLUSIVE"),
                    QStringLiteral("journal_mode = WAL"), QStringLiteral("synchronous = NORMAL")};
    }
    for (const QString& pragma : pragmas) {
        if (auto done = run(QStringLiteral("PRAGMA ") + pragma); !done)
            return std::unexpected(done.error());
    }
    return {};
}

StoreOpening ChatStore::open() {
    if (m_path == kMemory) return openInMemory(StoreHealth::kGood, {});
    const QFileInfo file(m_path);
    if (!QFileInfo(file.path()).isDir() && !QDir().mkpath(file.path())) {
        return openInMemory(StoreHealth::kUnavailable,
                            tr("The folder %1 cannot be made: conversations are not kept. Choose "
                               "another data folder in the settings.").arg(file.path()));
    }
    return openFile();
}

StoreOpening ChatStore::openFile() {
    const QFileInfo file(m_path);
    if (file.exists() && (!canWrite(m_path) || !canWrite(file.path()))) return openReadOnly();
    const QFileInfo log(m_path + QStringLiteral("-wal"));
    const bool crashed = log.exists() && log.size() > 0;
    if (auto connected = connectTo(m_path); !connected) return refuse(connected.error());
    if (schemaVersion(m_database) > latestSchemaVersion()) {
        return openInMemory(StoreHealth::kNewer,
                            tr("%1 was written by a newer Glowworm. It is left as it is; "
                               "conversations are not kept until you update.").arg(m_path));
    }
    if (crashed) {
        if (auto sound = checkAfterCrash(); !sound) return refuse(sound.error());
    }
    if (const QString error = migrateSchema(m_database); !error.isEmpty())
        return refuse({StoreError::Kind::kOther,
                       tr("The chat database %1 could not be prepared: %2.").arg(m_path, error)});
    if (auto recovered = recover(); !recovered) return refuse(recovered.error());
    return {};
}

StoreStatus ChatStore::checkAfterCrash() {
    auto check = run(QStringLiteral("PRAGMA quick_check(1)"));
    if (!check) return std::unexpected(check.error());
    const QString verdict = check->next() ? check->value(0).toString() : QStringLiteral("ok");
    if (verdict == u"ok") return {};
    return std::unexpected(
        StoreError{StoreError::Kind::kCorrupt,
                   tr("The chat database %1 is damaged (%2).").arg(m_path, verdict)});
}

StoreOpening ChatStore::refuse(const StoreError& error) {
    if (error.kind == StoreError::Kind::kReadOnly) return openReadOnly();
    const bool corrupt = error.kind == StoreError::Kind::kCorrupt;
    return openInMemory(corrupt ? StoreHealth::kCorrupt : StoreHealth::kUnavailable,
                        error.message);
}

StoreOpening ChatStore::openReadOnly() {
    StoreOpening opening =
        openInMemory(StoreHealth::kReadOnly,
                     tr("%1 may only be read: new messages are not kept. Make the file and its "
                        "folder writable and start again.").arg(m_path));
    if (auto copied = copyFromDisk(); !copied)
        opening = {StoreHealth::kUnavailable, copied.error().message};
    return opening;
}

StoreOpening ChatStore::openInMemory(StoreHealth health, const QString& message) {
    if (auto connected = connectTo(kMemory); !connected)
        return {StoreHealth::kUnavailable, connected.error().message};
    migrateSchema(m_database);
    return {health, message};
}

StoreStatus ChatStore::copyFromDisk() {
    const QString uri = QUrl::fromLocalFile(m_path).toString(QUrl::FullyEncoded);
    // With a log beside it the file is read through it where that may be; else as it stands.
    auto attached = run(QStringLiteral("ATTACH ? AS disk"), {uri + QStringLiteral("?mode=ro")});
    auto seen = attached ? run(QStringLiteral("SELECT count(*) FROM disk.conversation"))
                         : StoreResult<QSqlQuery>(std::unexpected(attached.error()));
    if (!seen) {
        run(QStringLiteral("DETACH disk"));
        attached = run(QStringLiteral("ATTACH ? AS disk"),
                       {uri + QStringLiteral("?mode=ro&immutable=1")});
        if (!attached) return std::unexpected(attached.error());
    } else {
        seen->finish();
    }
    auto version = run(QStringLiteral("PRAGMA disk.user_version"));
    if (!version) return std::unexpected(version.error());
    const int number = version->next() ? version->value(0).toInt() : 0;
    if (number < 1 || number > latestSchemaVersion()) {
        return std::unexpected(
            StoreError{StoreError::Kind::kOther,
                       tr("%1 may only be read, and was written by another version of Glowworm: "
                          "conversations are not kept.").arg(m_path)});
    }
    version->finish();
    QStringList tables{QStringLiteral("conversation"), QStringLiteral("message"),
                       QStringLiteral("answer_piece")};
    if (number > 1) tables += QStringLiteral("answer_variant");
    for (const QString& name : std::as_const(tables)) {
        auto copied = run(QStringLiteral("INSERT INTO main.%1 SELECT * FROM disk.%1").arg(name));
        if (!copied) return std::unexpected(copied.error());
    }
    run(QStringLiteral("DETACH disk"));
    return recover();
}

StoreStatus ChatStore::recover() {
    return inTransaction([this]() -> StoreStatus {
        for (const char* sql :
             {"DELETE FROM conversation WHERE deleted IS NOT NULL",
              "UPDATE message SET state = 'interrupted', text = text || coalesce((SELECT "
              "group_concat(p.text, '' ORDER BY p.part) FROM answer_piece p WHERE p.message = "
              "message.id), '') WHERE state = 'streaming'",
              "DELETE FROM answer_piece"}) {
            if (auto done = run(QString::fromLatin1(sql)); !done)
                return std::unexpected(done.error());
        }
        return {};
    });
}

StoreOpening ChatStore::setAside() {
    close();
    const QString suffix =
        QStringLiteral(".corrupt-") +
        QDateTime::currentDateTimeUtc().toString(QStringLiteral("yyyyMMdd-hhmmss-zzz"));
    for (const char* part : {"", "-wal", "-shm"}) {
        const QString name = m_path + QString::fromLatin1(part);
        if (!QFile::exists(name) ||
            QFile::rename(name, m_path + suffix + QString::fromLatin1(part)))
            continue;
        return openInMemory(StoreHealth::kCorrupt,
                            tr("%1 could not be renamed; it is left as it is and conversations are "
                               "not kept.").arg(name));
    }
    StoreOpening opening = openFile();
    if (opening.health == StoreHealth::kGood)
        opening.message =
            tr("The damaged conversations were set aside in %1.").arg(m_path + suffix);
    return opening;
}

StoreResult<QSqlQuery> ChatStore::run(const QString& sql, const QVariantList& values) {
    QSqlQuery query(m_database);
    query.setForwardOnly(true);
    bool good = query.prepare(sql);
    for (const QVariant& value : values) query.addBindValue(value);
    good = good && query.exec();
    if (!good) return std::unexpected(storeError(query.lastError(), m_path));
    return query;
}

StoreStatus ChatStore::change(const QString& sql, const QVariantList& values) {
    if (auto done = run(sql, values); !done) return std::unexpected(done.error());
    return {};
}

template <typename Steps>
StoreStatus ChatStore::inTransaction(Steps steps) {
    if (auto begun = change(QStringLiteral("BEGIN IMMEDIATE"), {}); !begun) return begun;
    StoreStatus status = steps();
    if (status) status = change(QStringLiteral("COMMIT"), {});
    if (!status) run(QStringLiteral("ROLLBACK"));
    return status;
}

StoreResult<QList<ConversationRecord>> ChatStore::conversations(const QString& titleFilter,
                                                                const ConversationCursor& after,
                                                                int limit) {
    QString sql = conversationColumns() + QStringLiteral("WHERE deleted IS NULL ");
    QVariantList values;
    if (!titleFilter.isEmpty()) {
        sql += QStringLiteral("AND title LIKE ? ESCAPE '\\' ");
        values += likePattern(titleFilter);
    }
    if (!after.id.isEmpty()) {
        sql += QStringLiteral("AND (updated < ? OR (updated = ? AND id > ?)) ");
        const qint64 time = after.updated.toMSecsSinceEpoch();
        values += {time, time, after.id};
    }
    sql += QStringLiteral("ORDER BY updated DESC, id LIMIT ?");
    values += limit;
    auto query = run(sql, values);
    if (!query) return std::unexpected(query.error());
    QList<ConversationRecord> page;
    while (query->next()) page.append(conversationOf(*query));
    if (query->lastError().isValid())
        return std::unexpected(storeError(query->lastError(), m_path));
    return page;
}

StoreResult<std::optional<ConversationRecord>> ChatStore::conversation(const QString& id) {
    auto query =
        run(conversationColumns() + QStringLiteral("WHERE id = ? AND deleted IS NULL"), {id});
    if (!query) return std::unexpected(query.error());
    if (!query->next()) return std::nullopt;
    return conversationOf(*query);
}

StoreResult<MessagePage> ChatStore::messages(const QString& conversationId, qint64 beforePosition,
                                             int limit) {
    const qint64 before = beforePosition < 0 ? std::numeric_limits<qint64>::max() : beforePosition;
    auto query = run(QStringLiteral("SELECT id, position, role, state, text, stats, created, "
                                    "%1, (SELECT count(*) FROM answer_variant WHERE message = "
                                    "m.id) FROM message m WHERE conversation = ? AND "
                                    "position < ? ORDER BY position DESC LIMIT ?")
                         .arg(QLatin1StringView(kShownVariant)),
                     {conversationId, before, limit < 0 ? -1 : limit + 1});
    if (!query) return std::unexpected(query.error());
    MessagePage page;
    while (query->next()) {
        if (limit >= 0 && page.messages.size() == limit) {
            page.hasOlder = true;
            break;
        }
        page.messages.prepend(
            {.id = query->value(0).toString(),
             .conversationId = conversationId,
             .text = query->value(4).toString(),
             .statsText = query->value(5).toString(),
             .role = query->value(2).toString() == u"user" ? MessageRole::kUser
                                                           : MessageRole::kAssistant,
             .state = stateOf(query->value(3).toString()),
             .position = query->value(1).toLongLong(),
             .variant = query->value(7).toInt(),
             .variants = query->value(8).toInt() + 1,
             .created = QDateTime::fromMSecsSinceEpoch(query->value(6).toLongLong())});
    }
    if (query->lastError().isValid())
        return std::unexpected(storeError(query->lastError(), m_path));
    return page;
}

StoreStatus ChatStore::insertMessage(const MessageRecord& m) {
    return change(
        QStringLiteral("INSERT INTO message (id, conversation, position, role, state, text, "
                       "stats, created) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"),
        {m.id, m.conversationId, m.position,
         m.role == MessageRole::kUser ? QStringLiteral("user") : QStringLiteral("assistant"),
         stateName(m.state), m.text.isNull() ? QStringLiteral("") : m.text,
         m.statsText.isNull() ? QStringLiteral("") : m.statsText, m.created.toMSecsSinceEpoch()});
}

StoreStatus ChatStore::beginAnswer(const AnswerStart& start) {
    return inTransaction([&]() -> StoreStatus {
        const ConversationRecord& c = start.conversation;
        const qint64 time = c.updated.toMSecsSinceEpoch();
        auto status =
            change(QStringLiteral(
                       "INSERT INTO conversation (id, title, created, updated, draft, options) "
                       "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET updated = "
                       "excluded.updated, draft = excluded.draft, options = excluded.options"),
                   {c.id, c.title, time, time, c.draft.isNull() ? QStringLiteral("") : c.draft,
                    toJson(c.options)});
        if (status && start.replaceFrom >= 0) {
            status = change(
                QStringLiteral("DELETE FROM message WHERE conversation = ? AND position >= ?"),
                {c.id, start.replaceFrom});
        }
        if (status && start.prompt) status = insertMessage(*start.prompt);
        if (status) status = start.again ? clearAnswer(start.answer) : insertMessage(start.answer);
        return status;
    });
}

StoreStatus ChatStore::keepAsVariant(const QString& messageId) {
    return change(QStringLiteral("INSERT INTO answer_variant SELECT id, %1, text, state, stats, "
                                 "created FROM message m WHERE id = ? AND text <> ''")
                      .arg(QLatin1StringView(kShownVariant)),
                  {messageId});
}

StoreStatus ChatStore::clearAnswer(const MessageRecord& answer) {
    StoreStatus status = keepAsVariant(answer.id);
    if (status)
        status = change(QStringLiteral("DELETE FROM answer_piece WHERE message = ?"), {answer.id});
    if (!status) return status;
    return change(QStringLiteral("UPDATE message SET text = '', stats = '', state = 'streaming', "
                                 "created = ? WHERE id = ?"),
                  {answer.created.toMSecsSinceEpoch(), answer.id});
}

StoreStatus ChatStore::showVariant(const QString& messageId, int variant) {
    return inTransaction([&]() -> StoreStatus {
        StoreStatus status = keepAsVariant(messageId);
        if (!status) return status;
        status = change(
            QStringLiteral("UPDATE message SET (text, state, stats, created) = (SELECT text, "
                           "state, stats, created FROM answer_variant WHERE message = ? AND "
                           "number = ?) WHERE id = ?"),
            {messageId, variant, messageId});
        if (!status) return status;
        return change(QStringLiteral("DELETE FROM answer_variant WHERE message = ? AND number = ?"),
                      {messageId, variant});
    });
}

StoreStatus ChatStore::appendAnswer(const QString& messageId, const QString& text) {
    return change(
        QStringLiteral("INSERT INTO answer_piece (message, part, text) SELECT id, (SELECT "
                       "coalesce(max(part), 0) + 1 FROM answer_piece WHERE message = ?), ? "
                       "FROM message WHERE id = ?"),
        {messageId, text, messageId});
}

StoreStatus ChatStore::finishAnswer(const MessageRecord& answer) {
    return inTransaction([&]() -> StoreStatus {
        auto status = change(
            QStringLiteral("UPDATE message SET text = ?, state = ?, stats = ? WHERE id = ?"),
            {answer.text.isNull() ? QStringLiteral("") : answer.text, stateName(answer.state),
             answer.statsText.isNull() ? QStringLiteral("") : answer.statsText, answer.id});
        if (!status) return status;
        return change(QStringLiteral("DELETE FROM answer_piece WHERE message = ?"), {answer.id});
    });
}

StoreStatus ChatStore::saveDetails(const ConversationRecord& c) {
    return change(QStringLiteral("UPDATE conversation SET draft = ?, options = ? WHERE id = ?"),
                  {c.draft.isNull() ? QStringLiteral("") : c.draft, toJson(c.options), c.id});
}

StoreStatus ChatStore::rename(const QString& conversationId, const QString& title) {
    return change(QStringLiteral("UPDATE conversation SET title = ? WHERE id = ?"),
                  {title, conversationId});
}

StoreStatus ChatStore::setDeleted(const QString& conversationId, bool deleted) {
    const QVariant time = deleted ? QVariant(QDateTime::currentMSecsSinceEpoch())
                                  : QVariant(QMetaType::fromType<qint64>());
    return change(QStringLiteral("UPDATE conversation SET deleted = ? WHERE id = ?"),
                  {time, conversationId});
}

}  // namespace glowworm
