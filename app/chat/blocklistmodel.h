// SPDX-License-Identifier: Apache-2.0
// One message as typed blocks that a delegate can draw: text, code, tables ... While an answer
// streams only its last block changes; the blocks before it are never touched again. A long last
// block is read less often as it grows: it costs the same share of time however long. GUI thread.
#pragma once

#include <map>

#include <QAbstractListModel>
#include <QElapsedTimer>
#include <QTimer>
#include <QtQml/qqmlregistration.h>

#include "app/chat/blockstream.h"
#include "app/chat/codehighlighter.h"

namespace glowworm {

class BlockListModel : public QAbstractListModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("Belongs to MessageListModel")
    Q_PROPERTY(int count READ count NOTIFY countChanged)

  public:
    enum Role {
        KindRole = Qt::UserRole + 1,  // "text", "heading", "code", "table", "quote", "list", "rule"
        TextRole,       // HTML for Text.RichText: escaped, only http(s) and mailto links, no images
        LanguageRole,   // of code, as the model wrote it; empty: none
        LevelRole,      // of a heading, 1..6
        PlainRole,      // what a copy button copies: code without fences, else the Markdown
        TableRowsRole,  // list of rows, the header first; a row is a list of HTML cells
        ColumnsRole,    // int, of a table
        AlignmentsRole, // list of "left", "center", "right", one a column
    };
    Q_ENUM(Role)

    // `syntax` outlives the model.
    BlockListModel(SyntaxRepository& syntax, bool darkTheme, QObject* parent = nullptr);

    [[nodiscard]] int count() const { return rowCount(); }
    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QHash<int, QByteArray> roleNames() const override;

    // The message grew by `text`.
    void append(const QString& text);
    // No more text comes: what was held back for speed is shown now.
    void finish();
    void setDarkTheme(bool dark);

  Q_SIGNALS:
    void countChanged();

  private:
    void show();
    void replaceFrom(qsizetype kept, const QList<MessageBlock>& blocks);
    [[nodiscard]] qint64 pauseMs() const;
    [[nodiscard]] QString codeHtml(int row) const;

    SyntaxRepository& m_syntax;
    bool m_darkTheme;
    BlockStream m_stream;
    QList<MessageBlock> m_rows;  // what views know of
    qsizetype m_final = 0;       // rows before this one never change again
    mutable std::map<int, CodeHighlighter> m_highlighters;  // by row, made when first drawn
    QElapsedTimer m_sinceShown;
    QTimer m_timer;
};

}  // namespace glowworm
