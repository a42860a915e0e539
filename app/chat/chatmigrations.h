// SPDX-License-Identifier: Apache-2.0
// The chat database's schema and how an older one becomes the present one. A migration, once
// released, is never edited: a new one is added behind it.
#pragma once

#include <QString>

class QSqlDatabase;

namespace glowworm {

// The schema's number, kept in PRAGMA user_version; 0 is an empty file.
int latestSchemaVersion();
int schemaVersion(const QSqlDatabase& database);

// Runs what is missing, each step in a transaction of its own. The error's text, or empty.
QString migrateSchema(QSqlDatabase& database);

}  // namespace glowworm
