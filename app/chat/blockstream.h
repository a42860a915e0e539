// SPDX-License-Identifier: Apache-2.0
// Splits growing Markdown into blocks: text is cut where a block surely ends (blank line, fence or
// a heading at the margin). What lies before the cut is read once and final; only the rest is read
// again as it grows, when the caller says so. The blocks do not depend on how the text was cut into
// pieces on its way here. One thread.
#pragma once

#include <QList>
#include <QString>

#include "app/chat/messageblocks.h"

namespace glowworm {

class BlockStream {
  public:
    static constexpr qsizetype kListLong = 2048;  // characters; a longer list is cut between items

    // Takes more text and closes the blocks that it ends; true when there were any. blocks() then
    // lacks the rest until readRest().
    bool append(QStringView text);
    // Reads the rest, whose blocks may still change.
    void readRest();
    // No more text comes: closes everything.
    void finish();

    [[nodiscard]] const QList<MessageBlock>& blocks() const { return m_blocks; }
    // Blocks before this index never change again.
    [[nodiscard]] qsizetype firstOpenBlock() const { return m_closed; }
    [[nodiscard]] qsizetype restSize() const { return m_text.size() - m_begin; }
    // The rest is code whose fence is still open.
    [[nodiscard]] bool inCode() const { return !m_fence.isEmpty(); }

  private:
    [[nodiscard]] QStringView rest() const { return QStringView(m_text).sliced(m_begin); }
    void scanLine(qsizetype begin, qsizetype end);
    void closeAt(qsizetype position);
    void dropClosedText();

    QString m_text;              // from m_begin on: the rest
    qsizetype m_begin = 0;
    qsizetype m_scanned = 0;     // whole lines seen so far end here
    bool m_blankBefore = false;  // the line before the present one was blank
    QString m_fence;             // the open fence that the rest begins with; empty: none
    QList<MessageBlock> m_blocks;
    qsizetype m_closed = 0;
};

}  // namespace glowworm
