// SPDX-License-Identifier: Apache-2.0
#include "app/chat/blockstream.h"

namespace glowworm {

namespace {

constexpr qsizetype kFenceIndentMax = 3;
constexpr qsizetype kFenceLeast = 3;

qsizetype indentOf(QStringView line) {
    qsizetype indent = 0;
    while (indent < line.size() && line[indent] == u' ') ++indent;
    return indent;
}

// The fence characters that a line opens a code block with; empty: it does not.
QStringView openingFence(QStringView line, qsizetype indentMax) {
    const qsizetype indent = indentOf(line);
    if (indent > indentMax) return {};
    const QStringView text = line.sliced(indent);
    if (text.isEmpty() || (text[0] != u'`' && text[0] != u'~')) return {};
    qsizetype length = 1;
    while (length < text.size() && text[length] == text[0]) ++length;
    if (length < kFenceLeast) return {};
    if (text[0] == u'`' && text.sliced(length).contains(u'`')) return {};
    return text.first(length);
}

bool closesFence(QStringView line, QStringView fence) {
    if (indentOf(line) > kFenceIndentMax) return false;
    const QStringView text = line.trimmed();
    if (text.size() < fence.size()) return false;
    for (const QChar c : text)
        if (c != fence[0]) return false;
    return true;
}

// "- ", "* ", "+ ", "12. " or "12) " at the margin.
bool isListItem(QStringView line) {
    qsizetype i = 0;
    while (i < line.size() && i < 9 && line[i] >= u'0' && line[i] <= u'9') ++i;
    const bool ordered = i > 0;
    if (i >= line.size()) return false;
    const bool marker = ordered ? line[i] == u'.' || line[i] == u')'
                                : line[i] == u'-' || line[i] == u'*' || line[i] == u'+';
    return marker && i + 1 < line.size() && line[i + 1].isSpace();
}

bool isHeading(QStringView line) {
    qsizetype level = 0;
    while (level < line.size() && line[level] == u'#') ++level;
    return level >= 1 && level <= 6 && (level == line.size() || line[level].isSpace());
}

}  // namespace

bool BlockStream::append(QStringView text) {
    const qsizetype closedBefore = m_closed;
    m_text += text;
    for (;;) {
        const qsizetype newline = m_text.indexOf(u'\n', m_scanned);
        if (newline < 0) break;
        scanLine(m_scanned, newline + 1);
        m_scanned = newline + 1;
    }
    dropClosedText();
    return m_closed != closedBefore;
}

void BlockStream::scanLine(qsizetype begin, qsizetype end) {
    const QStringView line = QStringView(m_text).sliced(begin, end - begin);
    if (inCode()) {
        if (closesFence(line, m_fence)) {
            m_fence.clear();
            closeAt(end);
        }
        return;
    }
    if (line.trimmed().isEmpty()) {
        m_blankBefore = true;
        return;
    }
    const bool afterBlank = m_blankBefore;
    m_blankBefore = false;
    const bool inList = isListItem(rest());
    const QStringView fence = openingFence(line, inList ? 0 : kFenceIndentMax);
    if (!fence.isEmpty()) {
        closeAt(begin);
        m_fence = fence.toString();
        return;
    }
    if (line[0].isSpace()) return;
    if (isHeading(line)) {
        closeAt(begin);
        closeAt(end);
        return;
    }
    const bool nextItem = inList && isListItem(line);
    if (nextItem ? begin - m_begin > kListLong : afterBlank) closeAt(begin);
}

void BlockStream::closeAt(qsizetype position) {
    if (position == m_begin) return;
    const QStringView closed = QStringView(m_text).sliced(m_begin, position - m_begin);
    m_blocks.resize(m_closed);
    m_blocks += parseBlocks(closed);
    m_closed = m_blocks.size();
    m_begin = position;
}

void BlockStream::dropClosedText() {
    if (m_begin == 0) return;
    m_text.remove(0, m_begin);
    m_scanned -= m_begin;
    m_begin = 0;
}

void BlockStream::readRest() {
    m_blocks.resize(m_closed);
    m_blocks += parseBlocks(rest());
}

void BlockStream::finish() {
    if (m_scanned < m_text.size()) {
        scanLine(m_scanned, m_text.size());
        m_scanned = m_text.size();
    }
    m_fence.clear();
    closeAt(m_text.size());
    dropClosedText();
}

}  // namespace glowworm
