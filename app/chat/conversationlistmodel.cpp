// SPDX-License-Identifier: Apache-2.0
#include "app/chat/conversationlistmodel.h"

#include <utility>

#include <QLocale>

#include "app/chat/storethread.h"

namespace glowworm {

namespace {

constexpr int kPage = 100;  // conversations
constexpr int kUndoMs = 10'000;

QString sectionOf(const QDate& day) {
    const QDate today = QDate::currentDate();
    const qint64 days = day.daysTo(today);
    if (days <= 0) return ConversationListModel::tr("Today");
    if (days == 1) return ConversationListModel::tr("Yesterday");
    if (days <= 7) return ConversationListModel::tr("Previous 7 days");
    if (days <= 30) return ConversationListModel::tr("Previous 30 days");
    return QLocale().toString(day, QStringLiteral("MMMM yyyy"));
}

QString updatedText(const QDateTime& time) {
    if (time.date() == QDate::currentDate())
        return QLocale().toString(time.time(), QLocale::ShortFormat);
    return QLocale().toString(time.date(), QLocale::ShortFormat);
}

}  // namespace

ConversationListModel::ConversationListModel(StoreThread& store, QObject* parent)
    : QAbstractListModel(parent), m_store(store) {
    m_undoTimer.setSingleShot(true);
    m_undoTimer.setInterval(kUndoMs);
    connect(&m_undoTimer, &QTimer::timeout, this, &ConversationListModel::clearUndo);
}

QString ConversationListModel::undoText() const {
    return m_removed.id.isEmpty() ? QString() : tr("“%1” was deleted").arg(m_removed.title);
}

int ConversationListModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : count();
}

QHash<int, QByteArray> ConversationListModel::roleNames() const {
    return {{ConversationIdRole, "conversationId"}, {TitleRole, "title"},
            {UpdatedTextRole, "updatedText"},       {SectionRole, "section"},
            {CurrentRole, "current"},               {SnippetRole, "snippet"}};
}

QVariant ConversationListModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
    const ConversationRecord& row = m_rows[index.row()];
    switch (role) {
    case ConversationIdRole: return row.id;
    case Qt::DisplayRole:
    case TitleRole: return row.title;
    case UpdatedTextRole: return updatedText(row.updated);
    case SectionRole: return sectionOf(row.updated.date());
    case CurrentRole: return row.id == m_currentId;
    case SnippetRole: return row.snippet;
    default: return {};
    }
}

bool ConversationListModel::canFetchMore(const QModelIndex& parent) const {
    return !parent.isValid() && m_loaded && !m_complete && !m_fetching;
}

void ConversationListModel::fetchMore(const QModelIndex& parent) {
    if (parent.isValid() || m_complete || m_fetching) return;
    m_fetching = true;
    ConversationCursor after;
    if (!m_rows.isEmpty()) after = {m_rows.last().updated, m_rows.last().id};
    m_store.read(
        this,
        [filter = m_filter, after](ChatStore& s) { return s.conversations(filter, after, kPage); },
        [this, generation = m_generation](const StoreResult<QList<ConversationRecord>>& page) {
            if (generation != m_generation) return;
            m_fetching = false;
            m_loaded = true;
            append(page.value_or(QList<ConversationRecord>()));
        });
}

void ConversationListModel::append(const QList<ConversationRecord>& page) {
    m_complete = page.size() < kPage;
    QList<ConversationRecord> fresh;
    for (const ConversationRecord& conversation : page) {
        // One that was touched meanwhile already stands at the top.
        if (rowOf(conversation.id) < 0 && conversation.id != m_removed.id) fresh += conversation;
    }
    if (!fresh.isEmpty()) {
        beginInsertRows({}, count(), count() + static_cast<int>(fresh.size()) - 1);
        m_rows += fresh;
        endInsertRows();
    }
    Q_EMIT countChanged();
}

void ConversationListModel::reload() {
    ++m_generation;
    beginResetModel();
    m_rows.clear();
    m_loaded = m_complete = m_fetching = false;
    endResetModel();
    Q_EMIT countChanged();
    fetchMore({});
}

void ConversationListModel::setFilter(const QString& filter) {
    if (std::exchange(m_filter, filter) == filter) return;
    Q_EMIT filterChanged();
    reload();
}

int ConversationListModel::rowOf(const QString& conversationId) const {
    for (int row = 0; row < m_rows.size(); ++row)
        if (m_rows[row].id == conversationId) return row;
    return -1;
}

void ConversationListModel::setCurrentId(const QString& conversationId) {
    const QString before = std::exchange(m_currentId, conversationId);
    if (before == conversationId) return;
    for (const QString& id : {before, conversationId}) {
        const int row = rowOf(id);
        if (row >= 0) Q_EMIT dataChanged(index(row), index(row), {CurrentRole});
    }
    Q_EMIT currentIdChanged();
}

void ConversationListModel::create() { setCurrentId({}); }

void ConversationListModel::select(const QString& conversationId) { setCurrentId(conversationId); }

void ConversationListModel::rename(const QString& conversationId, const QString& title) {
    const QString words = title.simplified();
    const int row = rowOf(conversationId);
    if (row < 0 || words.isEmpty()) return;
    m_rows[row].title = words;
    Q_EMIT dataChanged(index(row), index(row), {TitleRole});
    m_store.write(this, [=](ChatStore& store) { return store.rename(conversationId, words); });
    Q_EMIT renamed(conversationId, words);
}

void ConversationListModel::insert(int row, const ConversationRecord& conversation) {
    beginInsertRows({}, row, row);
    m_rows.insert(row, conversation);
    endInsertRows();
    Q_EMIT countChanged();
}

void ConversationListModel::take(int row) {
    beginRemoveRows({}, row, row);
    m_rows.removeAt(row);
    endRemoveRows();
    Q_EMIT countChanged();
}

void ConversationListModel::remove(const QString& conversationId) {
    const int row = rowOf(conversationId);
    if (row < 0) return;
    m_removed = m_rows[row];
    take(row);
    m_undoTimer.start();
    Q_EMIT undoTextChanged();
    Q_EMIT removed(conversationId);
    m_store.write(this, [=](ChatStore& store) { return store.setDeleted(conversationId, true); });
    if (m_currentId == conversationId) create();
}

void ConversationListModel::undoRemove() {
    if (m_removed.id.isEmpty()) return;
    const ConversationRecord back = m_removed;
    clearUndo();
    m_store.write(this, [id = back.id](ChatStore& store) { return store.setDeleted(id, false); });
    int row = 0;
    while (row < count() && m_rows[row].updated > back.updated) ++row;
    insert(row, back);
    select(back.id);
}

void ConversationListModel::clearUndo() {
    m_undoTimer.stop();
    m_removed = {};
    Q_EMIT undoTextChanged();
}

void ConversationListModel::touch(const ConversationRecord& conversation) {
    const int row = rowOf(conversation.id);
    if (row == 0) {
        m_rows[0] = conversation;
        Q_EMIT dataChanged(index(0), index(0));
    } else {
        if (row > 0) take(row);
        insert(0, conversation);
    }
    setCurrentId(conversation.id);
}

}  // namespace glowworm
