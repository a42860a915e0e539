// SPDX-License-Identifier: Apache-2.0
// The conversations, newest first, read from the store page by page (a thousand open at once is
// instant). GUI thread; the store's answers arrive by themselves.
#pragma once

#include <QAbstractListModel>
#include <QTimer>
#include <QtQml/qqmlregistration.h>

#include "app/chat/chatrecords.h"

namespace glowworm {

class StoreThread;

class ConversationListModel : public QAbstractListModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("Belongs to Application")
    // Only conversations whose title has these words; empty: all.
    Q_PROPERTY(QString filter READ filter WRITE setFilter NOTIFY filterChanged)
    Q_PROPERTY(int count READ count NOTIFY countChanged)  // of rows read so far
    Q_PROPERTY(bool loaded READ loaded NOTIFY countChanged)  // the first page has been read
    Q_PROPERTY(QString currentId READ currentId NOTIFY currentIdChanged)  // "": a new, unsaved chat
    // "TITLE was deleted"; empty: nothing to undo. Goes away by itself after undoMsMax().
    Q_PROPERTY(QString undoText READ undoText NOTIFY undoTextChanged)

  public:
    enum Role {
        ConversationIdRole = Qt::UserRole + 1,  // QString
        TitleRole,        // QString, never empty
        UpdatedTextRole,  // QString, "14:02" today, else a date
        SectionRole,      // QString, "Today", "Yesterday", "Previous 7 days", "October 2026"
        CurrentRole,      // bool, the one in the chat view
        SnippetRole,      // QString, the beginning of the last message, one line
    };
    Q_ENUM(Role)

    explicit ConversationListModel(StoreThread& store, QObject* parent = nullptr);

    [[nodiscard]] QString filter() const { return m_filter; }
    [[nodiscard]] int count() const { return static_cast<int>(m_rows.size()); }
    [[nodiscard]] bool loaded() const { return m_loaded; }
    [[nodiscard]] QString currentId() const { return m_currentId; }
    [[nodiscard]] QString undoText() const;
    void setFilter(const QString& filter);
    // How long a deletion can be undone from the window, in milliseconds.
    [[nodiscard]] int undoMsMax() const { return m_undoTimer.interval(); }
    void setUndoMsMax(int ms) { m_undoTimer.setInterval(ms); }

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QHash<int, QByteArray> roleNames() const override;
    [[nodiscard]] bool canFetchMore(const QModelIndex& parent) const override;
    void fetchMore(const QModelIndex& parent) override;

    // A new, empty conversation becomes the current one; it is stored with its first prompt.
    Q_INVOKABLE void create();
    Q_INVOKABLE void select(const QString& conversationId);
    Q_INVOKABLE void rename(const QString& conversationId, const QString& title);
    // Out of the list at once; really gone at the next start, unless undone.
    Q_INVOKABLE void remove(const QString& conversationId);
    Q_INVOKABLE void undoRemove();

    // Something was said in this conversation: its row moves to the top (or appears there), and it
    // is the current one.
    void touch(const ConversationRecord& conversation);
    // Reads again from the store (the database was replaced).
    void reload();

  Q_SIGNALS:
    void filterChanged();
    void countChanged();
    void currentIdChanged();
    void undoTextChanged();
    void renamed(const QString& conversationId, const QString& title);
    void removed(const QString& conversationId);

  private:
    [[nodiscard]] int rowOf(const QString& conversationId) const;
    void setCurrentId(const QString& conversationId);
    void append(const QList<ConversationRecord>& page);
    void insert(int row, const ConversationRecord& conversation);
    void take(int row);
    void clearUndo();

    StoreThread& m_store;
    QList<ConversationRecord> m_rows;
    QString m_filter;
    QString m_currentId;
    ConversationRecord m_removed;  // the one that undoRemove brings back; no id: none
    QTimer m_undoTimer;
    bool m_loaded = false;
    bool m_fetching = false;
    bool m_complete = false;
    int m_generation = 0;  // answers to an older question are ignored
};

}  // namespace glowworm
