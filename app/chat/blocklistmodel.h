// SPDX-License-Identifier: Apache-2.0
// One message as typed blocks that a delegate can draw: paragraphs, code, tables ... While an answer
// streams only its last block changes; the blocks before it are never touched again. GUI thread.
#pragma once

#include <QAbstractListModel>
#include <QElapsedTimer>
#include <QTimer>
#include <QtQml/qqmlregistration.h>

#include "app/chat/blockstream.h"

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

    explicit BlockListModel(bool darkTheme, QObject* parent = nullptr);

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
    [[nodiscard]] QString codeHtml(int row) const;

    BlockStream m_stream;
    bool m_darkTheme;
    int m_shown = 0;                      // rows that views know of
    mutable QList<QString> m_codeHtml;    // coloured code by row; empty: not yet asked for
    QElapsedTimer m_sinceHighlight;
    QTimer m_highlightTimer;
};

}  // namespace glowworm
