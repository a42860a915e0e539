// SPDX-License-Identifier: Apache-2.0
#include "app/chat/chatmigrations.h"

#include <array>

#include <QSqlDatabase>
#include <QSqlError>
#include <QSqlQuery>
#include <QStringList>
#include <QVariant>

namespace glowworm {

namespace {

// Times are milliseconds since 1970, UTC. Statements are separated by semicolons.
constexpr const char* kFirst = R"(
    CREATE TABLE conversation (
        id TEXT PRIMARY KEY,
        title TEXT NOT NULL,
        created INTEGER NOT NULL,
        updated INTEGER NOT NULL,
        deleted INTEGER,
        draft TEXT NOT NULL DEFAULT '',
        options TEXT NOT NULL DEFAULT '{}'
    ) WITHOUT ROWID;
    CREATE INDEX conversation_by_time ON conversation (updated DESC, id);
    CREATE TABLE message (
        id TEXT PRIMARY KEY,
        conversation TEXT NOT NULL REFERENCES conversation (id) ON DELETE CASCADE,
        position INTEGER NOT NULL,
        role TEXT NOT NULL CHECK (role IN ('user', 'assistant')),
        state TEXT NOT NULL
            CHECK (state IN ('streaming', 'done', 'stopped', 'error', 'interrupted')),
        text TEXT NOT NULL,
        stats TEXT NOT NULL DEFAULT '',
        created INTEGER NOT NULL,
        UNIQUE (conversation, position)
    );
    CREATE TABLE answer_piece (
        message TEXT NOT NULL REFERENCES message (id) ON DELETE CASCADE,
        part INTEGER NOT NULL,
        text TEXT NOT NULL,
        PRIMARY KEY (message, part)
    ) WITHOUT ROWID
)";

// The other answers to the same question; the one that is shown is in `message`.
constexpr const char* kVariants = R"(
    CREATE TABLE answer_variant (
        message TEXT NOT NULL REFERENCES message (id) ON DELETE CASCADE,
        number INTEGER NOT NULL,
        text TEXT NOT NULL,
        state TEXT NOT NULL,
        stats TEXT NOT NULL,
        created INTEGER NOT NULL,
        PRIMARY KEY (message, number)
    ) WITHOUT ROWID
)";

constexpr std::array kMigrations{kFirst, kVariants};

QString runStep(QSqlDatabase& database, int version) {
    QSqlQuery query(database);
    if (!query.exec(QStringLiteral("BEGIN IMMEDIATE"))) return query.lastError().text();
    const QString script = QString::fromLatin1(kMigrations[static_cast<size_t>(version - 1)]);
    QStringList statements = script.split(u';', Qt::SkipEmptyParts);
    statements += QStringLiteral("PRAGMA user_version = %1").arg(version);
    statements += QStringLiteral("COMMIT");
    for (const QString& statement : statements) {
        if (query.exec(statement)) continue;
        const QString error = query.lastError().text();
        query.exec(QStringLiteral("ROLLBACK"));
        return error;
    }
    return {};
}

}  // namespace

int latestSchemaVersion() { return static_cast<int>(kMigrations.size()); }

int schemaVersion(const QSqlDatabase& database) {
    QSqlQuery query(QStringLiteral("PRAGMA user_version"), database);
    return query.next() ? query.value(0).toInt() : 0;
}

QString migrateSchema(QSqlDatabase& database) {
    for (int version = schemaVersion(database) + 1; version <= latestSchemaVersion(); ++version) {
        const QString error = runStep(database, version);
        if (!error.isEmpty()) return error;
    }
    return {};
}

}  // namespace glowworm
