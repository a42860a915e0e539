// SPDX-License-Identifier: Apache-2.0
#include "app/chat/messagelistmodel.h"

#include <algorithm>
#include <array>
#include <utility>

#include <QJSEngine>
#include <QLocale>

namespace glowworm {

namespace {

QString stateName(MessageState state) {
    constexpr std::array names{"streaming", "done", "stopped", "error", "interrupted"};
    return QString::fromLatin1(names[static_cast<size_t>(state)]);
}

}  // namespace

MessageListModel::MessageListModel(QObject* parent)
    : QAbstractListModel(parent), m_syntax(std::make_unique<SyntaxRepository>()) {}

MessageListModel::~MessageListModel() = default;

int MessageListModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : count();
}

QHash<int, QByteArray> MessageListModel::roleNames() const {
    return {{MessageIdRole, "messageId"}, {RoleRole, "role"},
            {BlocksRole, "blocks"},       {PlainTextRole, "plainText"},
            {StateRole, "state"},         {StatsTextRole, "statsText"},
            {TimeTextRole, "timeText"},   {VariantRole, "variant"},
            {VariantsRole, "variants"}};
}

QVariant MessageListModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
    const Row& row = m_rows[static_cast<size_t>(index.row())];
    switch (role) {
    case MessageIdRole: return row.record.id;
    case RoleRole:
        return row.record.role == MessageRole::kUser ? QStringLiteral("user")
                                                     : QStringLiteral("assistant");
    case BlocksRole: return QVariant::fromValue(blocksOf(row));
    case Qt::DisplayRole:
    case PlainTextRole: return row.record.text;
    case StateRole: return stateName(row.record.state);
    case StatsTextRole: return row.record.statsText;
    case TimeTextRole:
        return QLocale().toString(row.record.created.time(), QLocale::ShortFormat);
    case VariantRole: return row.record.variant;
    case VariantsRole: return row.record.variants;
    default: return {};
    }
}

BlockListModel* MessageListModel::blocksOf(const Row& row) const {
    if (!row.blocks) {
        row.blocks = std::make_unique<BlockListModel>(*m_syntax, m_darkTheme);
        // Without it QML would take the object that data() gives it for its own.
        QJSEngine::setObjectOwnership(row.blocks.get(), QJSEngine::CppOwnership);
        row.blocks->append(row.record.text);
        if (row.record.state != MessageState::kStreaming) row.blocks->finish();
    }
    return row.blocks.get();
}

void MessageListModel::setDarkTheme(bool dark) {
    m_darkTheme = dark;
    for (const Row& row : m_rows)
        if (row.blocks) row.blocks->setDarkTheme(dark);
}

void MessageListModel::setHasOlder(bool hasOlder) {
    m_olderAsked = false;
    if (std::exchange(m_hasOlder, hasOlder) != hasOlder) Q_EMIT hasOlderChanged();
}

void MessageListModel::fetchOlder() {
    if (!m_hasOlder || m_olderAsked || m_rows.empty()) return;
    m_olderAsked = true;
    Q_EMIT olderWanted(m_rows.front().record.position);
}

void MessageListModel::reset(const QList<MessageRecord>& messages, bool hasOlder) {
    beginResetModel();
    m_rows.clear();
    for (const MessageRecord& message : messages) m_rows.push_back({message, nullptr});
    endResetModel();
    setHasOlder(hasOlder);
    Q_EMIT countChanged();
}

void MessageListModel::prepend(const QList<MessageRecord>& older, bool hasOlder) {
    if (!older.isEmpty()) {
        beginInsertRows({}, 0, static_cast<int>(older.size()) - 1);
        std::vector<Row> rows;
        rows.reserve(m_rows.size() + static_cast<size_t>(older.size()));
        for (const MessageRecord& message : older) rows.push_back({message, nullptr});
        std::ranges::move(m_rows, std::back_inserter(rows));
        m_rows = std::move(rows);
        endInsertRows();
        Q_EMIT countChanged();
    }
    setHasOlder(hasOlder);
}

void MessageListModel::append(const MessageRecord& message) {
    beginInsertRows({}, count(), count());
    m_rows.push_back({message, nullptr});
    endInsertRows();
    Q_EMIT countChanged();
}

void MessageListModel::removeFrom(const QString& messageId) {
    const int first = rowOf(messageId);
    if (first < 0) return;
    beginRemoveRows({}, first, count() - 1);
    m_rows.erase(m_rows.begin() + first, m_rows.end());
    endRemoveRows();
    Q_EMIT countChanged();
}

void MessageListModel::replace(const MessageRecord& message) {
    const int row = rowOf(message.id);
    if (row < 0) return;
    Row& replaced = m_rows[static_cast<size_t>(row)];
    replaced.record = message;
    // The delegate still has it.
    if (BlockListModel* blocks = replaced.blocks.release()) blocks->deleteLater();
    changed(row, {});
}

void MessageListModel::appendText(const QString& messageId, const QString& text) {
    const int row = rowOf(messageId);
    if (row < 0) return;
    Row& grown = m_rows[static_cast<size_t>(row)];
    grown.record.text += text;
    if (grown.blocks) grown.blocks->append(text);
    changed(row, {PlainTextRole});
}

void MessageListModel::finish(const QString& messageId, MessageState state,
                              const QString& statsText) {
    const int row = rowOf(messageId);
    if (row < 0) return;
    Row& finished = m_rows[static_cast<size_t>(row)];
    finished.record.state = state;
    finished.record.statsText = statsText;
    if (finished.blocks) finished.blocks->finish();
    changed(row, {StateRole, StatsTextRole});
}

void MessageListModel::changed(int row, const QList<int>& roles) {
    Q_EMIT dataChanged(index(row), index(row), roles);
}

int MessageListModel::rowOf(const QString& messageId) const {
    // From the end: what is asked for is nearly always the newest.
    for (int row = count() - 1; row >= 0; --row)
        if (m_rows[static_cast<size_t>(row)].record.id == messageId) return row;
    return -1;
}

const MessageRecord* MessageListModel::find(const QString& messageId) const {
    const int row = rowOf(messageId);
    return row < 0 ? nullptr : &m_rows[static_cast<size_t>(row)].record;
}

const MessageRecord* MessageListModel::last() const {
    return m_rows.empty() ? nullptr : &m_rows.back().record;
}

QList<MessageRecord> MessageListModel::records() const {
    QList<MessageRecord> all;
    for (const Row& row : m_rows) all.append(row.record);
    return all;
}

}  // namespace glowworm
