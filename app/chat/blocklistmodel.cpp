// SPDX-License-Identifier: Apache-2.0
#include "app/chat/blocklistmodel.h"

#include <algorithm>

namespace glowworm {

namespace {
constexpr qint64 kCodeMs = 100;           // between two colourings of growing code
constexpr qsizetype kRestSmall = 4096;    // characters that are read again at every update
constexpr qint64 kPauseMsPerRest = 66;    // for each kRestSmall beyond
}  // namespace

BlockListModel::BlockListModel(SyntaxRepository& syntax, bool darkTheme, QObject* parent)
    : QAbstractListModel(parent), m_syntax(syntax), m_darkTheme(darkTheme) {
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, &BlockListModel::show);
}

int BlockListModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

QHash<int, QByteArray> BlockListModel::roleNames() const {
    return {{KindRole, "kind"},         {TextRole, "text"},     {LanguageRole, "language"},
            {LevelRole, "level"},       {PlainRole, "plain"},   {TableRowsRole, "tableRows"},
            {ColumnsRole, "columns"},   {AlignmentsRole, "alignments"}};
}

QVariant BlockListModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
    const MessageBlock& block = m_rows[index.row()];
    switch (role) {
    case KindRole: return kindName(block.kind);
    case TextRole:
        return block.kind == MessageBlock::Kind::kCode ? codeHtml(index.row()) : block.html;
    case LanguageRole: return block.language;
    case LevelRole: return block.level;
    case Qt::DisplayRole:
    case PlainRole: return block.plain;
    case TableRowsRole: {
        QVariantList rows;
        for (const QStringList& row : block.rows) rows.append(QVariant(row));
        return rows;
    }
    case ColumnsRole: return static_cast<int>(block.alignments.size());
    case AlignmentsRole: return block.alignments;
    default: return {};
    }
}

QString BlockListModel::codeHtml(int row) const {
    const MessageBlock& block = m_rows[row];
    auto it = m_highlighters.find(row);
    if (it == m_highlighters.end())
        it = m_highlighters.try_emplace(row, m_syntax, block.language, m_darkTheme).first;
    return it->second.html(block.plain);
}

qint64 BlockListModel::pauseMs() const {
    const qint64 forSize = m_stream.restSize() / kRestSmall * kPauseMsPerRest;
    return std::max(forSize, m_stream.inCode() ? kCodeMs : 0);
}

void BlockListModel::append(const QString& text) {
    const bool closed = m_stream.append(text);
    const qint64 pause = pauseMs();
    if (closed || !m_sinceShown.isValid() || m_sinceShown.elapsed() >= pause) return show();
    if (!m_timer.isActive()) m_timer.start(static_cast<int>(pause - m_sinceShown.elapsed()));
}

void BlockListModel::finish() {
    m_stream.finish();
    show();
}

void BlockListModel::show() {
    m_timer.stop();
    m_sinceShown.start();
    m_stream.readRest();
    const QList<MessageBlock>& blocks = m_stream.blocks();
    // A view has one delegate for each kind: a row that turns into another kind is another row.
    qsizetype kept = m_final;
    while (kept < std::min(m_rows.size(), blocks.size()) && m_rows[kept].kind == blocks[kept].kind)
        ++kept;
    for (qsizetype row = m_final; row < kept; ++row) {
        if (m_rows[row] == blocks[row]) continue;
        const bool grew = m_rows[row].language == blocks[row].language &&
                          blocks[row].plain.startsWith(m_rows[row].plain);
        if (!grew) m_highlighters.erase(static_cast<int>(row));
        m_rows[row] = blocks[row];
        const QModelIndex changed = index(static_cast<int>(row));
        Q_EMIT dataChanged(changed, changed);
    }
    m_final = m_stream.firstOpenBlock();
    replaceFrom(kept, blocks);
}

// Rows from `kept` on become those of `blocks`.
void BlockListModel::replaceFrom(qsizetype kept, const QList<MessageBlock>& blocks) {
    const qsizetype before = m_rows.size();
    const int first = static_cast<int>(kept);
    if (before > kept) {
        beginRemoveRows({}, first, static_cast<int>(before) - 1);
        m_rows.resize(kept);
        m_highlighters.erase(m_highlighters.lower_bound(first), m_highlighters.end());
        endRemoveRows();
    }
    if (blocks.size() > kept) {
        beginInsertRows({}, first, static_cast<int>(blocks.size()) - 1);
        m_rows += blocks.sliced(kept);
        endInsertRows();
    }
    if (m_rows.size() != before) Q_EMIT countChanged();
}

void BlockListModel::setDarkTheme(bool dark) {
    if (m_darkTheme == dark) return;
    m_darkTheme = dark;
    m_highlighters.clear();
    if (!m_rows.isEmpty()) Q_EMIT dataChanged(index(0), index(count() - 1), {TextRole});
}

}  // namespace glowworm
