// SPDX-License-Identifier: Apache-2.0
// Markdown (CommonMark with tables, strikethrough; by md4c) to typed blocks. What the model wrote
// is text: HTML in it is escaped, never interpreted; links are kept only to http, https and mailto;
// images become their description. Pure functions; any thread.
#pragma once

#include <QList>
#include <QString>
#include <QStringList>
#include <QStringView>

namespace glowworm {

struct MessageBlock {
    enum class Kind { kText, kHeading, kCode, kTable, kQuote, kList, kRule };
    Kind kind = Kind::kText;
    QString html;      // not for code: that is coloured when it is shown
    QString plain;     // code without its fences, else the Markdown itself
    QString language;  // of code
    int level = 0;     // of a heading
    QList<QStringList> rows;  // of a table, the header first; cells are HTML
    QStringList alignments;   // of a table: "left", "center", "right"
    bool operator==(const MessageBlock&) const = default;
};

// The blocks of a piece of Markdown that stands for itself.
QList<MessageBlock> parseBlocks(QStringView markdown);

// The name of a kind as QML knows it.
QString kindName(MessageBlock::Kind kind);

}  // namespace glowworm
