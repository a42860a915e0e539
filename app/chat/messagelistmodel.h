// SPDX-License-Identifier: Apache-2.0
// The messages of one conversation, oldest first. Starts with the newest page; older pages come in
// front when the reader nears the top (fetchOlder). A message's Markdown is split into blocks when
// its delegate first asks for them. GUI thread.
#pragma once

#include <memory>
#include <vector>

#include <QAbstractListModel>
#include <QtQml/qqmlregistration.h>

#include "app/chat/blocklistmodel.h"
#include "app/chat/chatrecords.h"

namespace glowworm {

class MessageListModel : public QAbstractListModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("Belongs to ChatSession")
    Q_PROPERTY(int count READ count NOTIFY countChanged)
    Q_PROPERTY(bool hasOlder READ hasOlder NOTIFY hasOlderChanged)  // fetchOlder() has more

  public:
    enum Role {
        MessageIdRole = Qt::UserRole + 1,  // QString
        RoleRole,       // "user", "assistant"
        BlocksRole,     // BlockListModel*, owned by this model
        PlainTextRole,  // QString, Markdown as written
        StateRole,      // "streaming", "done", "stopped", "error", "interrupted"
        StatsTextRole,  // "12.3 tokens/s · 84 % hits · 1.2 MB/token"; empty: none
        TimeTextRole,   // "14:02"
        VariantRole,    // int, which of the answers to this question is shown, from 0
        VariantsRole,   // int, how many there are
    };
    Q_ENUM(Role)

    explicit MessageListModel(QObject* parent = nullptr);
    ~MessageListModel() override;

    [[nodiscard]] int count() const { return static_cast<int>(m_rows.size()); }
    [[nodiscard]] bool hasOlder() const { return m_hasOlder; }
    [[nodiscard]] bool darkTheme() const { return m_darkTheme; }
    void setDarkTheme(bool dark);

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QHash<int, QByteArray> roleNames() const override;

    // Asks for the page before the first row; it is inserted in front. Nothing when there is none.
    Q_INVOKABLE void fetchOlder();
    [[nodiscard]] Q_INVOKABLE int rowOf(const QString& messageId) const;

    // The whole content anew; `hasOlder`: the store has messages before the first of these.
    void reset(const QList<MessageRecord>& messages, bool hasOlder);
    void prepend(const QList<MessageRecord>& older, bool hasOlder);
    void append(const MessageRecord& message);
    // Takes the message with this id and all after it away.
    void removeFrom(const QString& messageId);
    void replace(const MessageRecord& message);  // the one with this id
    void appendText(const QString& messageId, const QString& text);
    void finish(const QString& messageId, MessageState state, const QString& statsText);
    [[nodiscard]] const MessageRecord* find(const QString& messageId) const;
    [[nodiscard]] const MessageRecord* last() const;
    [[nodiscard]] QList<MessageRecord> records() const;  // of the pages read so far

  Q_SIGNALS:
    void countChanged();
    void hasOlderChanged();
    void olderWanted(qint64 beforePosition);

  private:
    struct Row {
        MessageRecord record;
        mutable std::unique_ptr<BlockListModel> blocks;  // made when first asked for
    };
    [[nodiscard]] BlockListModel* blocksOf(const Row& row) const;
    void setHasOlder(bool hasOlder);
    void changed(int row, const QList<int>& roles);

    std::unique_ptr<SyntaxRepository> m_syntax;
    std::vector<Row> m_rows;
    bool m_hasOlder = false;
    bool m_olderAsked = false;
    bool m_darkTheme = false;
};

}  // namespace glowworm
