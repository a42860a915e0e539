// SPDX-License-Identifier: Apache-2.0
// Splits growing Markdown into blocks, reading each part once: text is cut where a block surely ends
// (a blank line or a fence at the margin); what lies before the cut is final, only the rest is read
// again as it grows. A rest beyond kRestSmall is read again only when it has grown by a sixteenth,
// so the work over a whole answer stays linear. The blocks do not depend on how the text was cut
// into pieces on its way here. One thread.
#pragma once

#include <QList>
#include <QString>

#include "app/chat/messageblocks.h"

namespace glowworm {

class BlockStream {
  public:
    static constexpr qsizetype kRestSmall = 4096;  // characters
    static constexpr qsizetype kListLong = 2048;   // a list is cut between items beyond this

    void append(QStringView text);
    // Reads the rest, whatever its size.
    void finish();

    [[nodiscard]] const QList<MessageBlock>& blocks() const { return m_blocks; }
    // Blocks before this index never change again.
    [[nodiscard]] qsizetype firstOpenBlock() const { return m_closed; }
    // Characters handed to the Markdown reader so far: what the linear bound is tested by.
    [[nodiscard]] qint64 charactersRead() const { return m_charactersRead; }

  private:
    void scanLines();
    void scanLine(qsizetype begin, qsizetype end);
    void closeAt(qsizetype position);
    void readRest();

    QString m_rest;              // the text that may still change its meaning
    qsizetype m_scanned = 0;     // whole lines of m_rest seen so far end here
    bool m_blankBefore = false;  // the line before the present one was blank
    QString m_fence;             // the open fence that m_rest begins with; empty: none
    qsizetype m_readSize = 0;    // size of m_rest when it was last read
    QList<MessageBlock> m_blocks;
    qsizetype m_closed = 0;
    qint64 m_charactersRead = 0;
};

}  // namespace glowworm
