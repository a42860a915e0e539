// SPDX-License-Identifier: Apache-2.0
#include "app/chat/messageblocks.h"

#include <utility>

#include <QUrl>
#include <md4c.h>

namespace glowworm {

namespace {

constexpr int kDepthMax = 16;  // deeper quotes and lists are shown at this depth
constexpr unsigned kFlags = MD_FLAG_TABLES | MD_FLAG_STRIKETHROUGH | MD_FLAG_TASKLISTS |
                            MD_FLAG_NOHTML | MD_FLAG_NOINDENTEDCODEBLOCKS |
                            MD_FLAG_PERMISSIVEURLAUTOLINKS | MD_FLAG_PERMISSIVEEMAILAUTOLINKS;

QString fromUtf8(const char* text, size_t size) {
    return QString::fromUtf8(text, static_cast<qsizetype>(size));
}

QString attributeText(const MD_ATTRIBUTE& attribute) {
    return fromUtf8(attribute.text, attribute.size)
        .replace(QLatin1StringView("&amp;"), QLatin1StringView("&"));
}

bool isSafeLink(const QString& link) {
    const QString scheme = QUrl(link).scheme();
    return scheme == u"http" || scheme == u"https" || scheme == u"mailto";
}

QString alignmentName(MD_ALIGN align) {
    if (align == MD_ALIGN_CENTER) return QStringLiteral("center");
    return align == MD_ALIGN_RIGHT ? QStringLiteral("right") : QStringLiteral("left");
}

// Builds the blocks from md4c's events. A block at the top of the document becomes a MessageBlock;
// what lies inside one becomes HTML in it.
class BlockBuilder {
  public:
    explicit BlockBuilder(QByteArrayView source) : m_source(source) {}

    void enterBlock(MD_BLOCKTYPE type, void* detail);
    void leaveBlock(MD_BLOCKTYPE type);
    void enterSpan(MD_SPANTYPE type, void* detail);
    void leaveSpan(MD_SPANTYPE type);
    void text(MD_TEXTTYPE type, const char* text, size_t size);
    QList<MessageBlock> take() { return std::exchange(m_blocks, {}); }

  private:
    void beginTop(MD_BLOCKTYPE type, void* detail);
    void endTop();
    void openInner(MD_BLOCKTYPE type, void* detail);
    void closeInner(MD_BLOCKTYPE type);
    [[nodiscard]] QString sourceOfBlock() const;
    [[nodiscard]] bool inTopTable() const { return m_block.kind == MessageBlock::Kind::kTable; }

    QByteArrayView m_source;
    QList<MessageBlock> m_blocks;
    MessageBlock m_block;
    QList<bool> m_links;  // whether each open link was let through
    int m_depth = 0;      // 0: outside, 1: in a top block
    int m_images = 0;
    qsizetype m_first = -1, m_last = -1;  // the source that the block's text came from
};

void BlockBuilder::enterBlock(MD_BLOCKTYPE type, void* detail) {
    if (type == MD_BLOCK_DOC) return;
    if (m_depth++ == 0) {
        beginTop(type, detail);
    } else {
        openInner(type, detail);
    }
}

void BlockBuilder::leaveBlock(MD_BLOCKTYPE type) {
    if (type == MD_BLOCK_DOC) return;
    if (--m_depth == 0) {
        if (type == MD_BLOCK_UL) m_block.html += u"</ul>";
        if (type == MD_BLOCK_OL) m_block.html += u"</ol>";
        endTop();
    } else {
        closeInner(type);
    }
}

void BlockBuilder::beginTop(MD_BLOCKTYPE type, void* detail) {
    using enum MessageBlock::Kind;
    m_block = {};
    m_first = m_last = -1;
    switch (type) {
    case MD_BLOCK_H:
        m_block.kind = kHeading;
        m_block.level = static_cast<int>(static_cast<MD_BLOCK_H_DETAIL*>(detail)->level);
        break;
    case MD_BLOCK_CODE:
        m_block.kind = kCode;
        m_block.language = attributeText(static_cast<MD_BLOCK_CODE_DETAIL*>(detail)->lang);
        break;
    case MD_BLOCK_TABLE: m_block.kind = kTable; break;
    case MD_BLOCK_QUOTE: m_block.kind = kQuote; break;
    case MD_BLOCK_HR: m_block.kind = kRule; break;
    case MD_BLOCK_UL:
    case MD_BLOCK_OL:
        m_block.kind = kList;
        openInner(type, detail);
        break;
    default: m_block.kind = kText;
    }
}

void BlockBuilder::endTop() {
    if (m_block.kind == MessageBlock::Kind::kCode) {
        if (m_block.plain.endsWith(u'\n')) m_block.plain.chop(1);
    } else {
        m_block.plain = sourceOfBlock();
    }
    m_blocks.append(std::exchange(m_block, {}));
}

// The whole lines of Markdown that hold the block's text.
QString BlockBuilder::sourceOfBlock() const {
    if (m_first < 0) return {};
    const qsizetype begin = m_first == 0 ? 0 : m_source.lastIndexOf('\n', m_first - 1) + 1;
    const qsizetype newline = m_source.indexOf('\n', m_last);
    const qsizetype end = newline < 0 ? m_source.size() : newline;
    return QString::fromUtf8(m_source.sliced(begin, end - begin));
}

void BlockBuilder::openInner(MD_BLOCKTYPE type, void* detail) {
    if (inTopTable()) {
        if (type == MD_BLOCK_TR) m_block.rows.append(QStringList());
        if (type == MD_BLOCK_TH)
            m_block.alignments += alignmentName(static_cast<MD_BLOCK_TD_DETAIL*>(detail)->align);
        if (type == MD_BLOCK_TH || type == MD_BLOCK_TD) m_block.html.clear();
        return;
    }
    if (m_depth > kDepthMax) return;
    QString& html = m_block.html;
    switch (type) {
    case MD_BLOCK_UL: html += u"<ul>"; break;
    case MD_BLOCK_OL:
        html += QStringLiteral("<ol start=\"%1\">")
                    .arg(static_cast<MD_BLOCK_OL_DETAIL*>(detail)->start);
        break;
    case MD_BLOCK_LI: {
        const auto* item = static_cast<MD_BLOCK_LI_DETAIL*>(detail);
        html += u"<li>";
        if (item->is_task) html += item->task_mark == ' ' ? u"☐ " : u"☑ ";
        break;
    }
    case MD_BLOCK_QUOTE: html += u"<blockquote>"; break;
    case MD_BLOCK_CODE: html += u"<pre>"; break;
    case MD_BLOCK_HR: html += u"<hr>"; break;
    case MD_BLOCK_H: html += u"<p><b>"; break;
    case MD_BLOCK_P: html += u"<p>"; break;
    case MD_BLOCK_TABLE: html += u"<table border=\"1\" cellpadding=\"4\">"; break;
    case MD_BLOCK_TR: html += u"<tr>"; break;
    case MD_BLOCK_TH: html += u"<th>"; break;
    case MD_BLOCK_TD: html += u"<td>"; break;
    default: break;
    }
}

void BlockBuilder::closeInner(MD_BLOCKTYPE type) {
    if (inTopTable()) {
        if (type == MD_BLOCK_TH || type == MD_BLOCK_TD)
            m_block.rows.last().append(std::exchange(m_block.html, {}));
        return;
    }
    if (m_depth >= kDepthMax) return;
    QString& html = m_block.html;
    switch (type) {
    case MD_BLOCK_UL: html += u"</ul>"; break;
    case MD_BLOCK_OL: html += u"</ol>"; break;
    case MD_BLOCK_LI: html += u"</li>"; break;
    case MD_BLOCK_QUOTE: html += u"</blockquote>"; break;
    case MD_BLOCK_CODE: html += u"</pre>"; break;
    case MD_BLOCK_H: html += u"</b></p>"; break;
    case MD_BLOCK_P: html += u"</p>"; break;
    case MD_BLOCK_TABLE: html += u"</table>"; break;
    case MD_BLOCK_TR: html += u"</tr>"; break;
    case MD_BLOCK_TH: html += u"</th>"; break;
    case MD_BLOCK_TD: html += u"</td>"; break;
    default: break;
    }
}

void BlockBuilder::enterSpan(MD_SPANTYPE type, void* detail) {
    switch (type) {
    case MD_SPAN_EM: m_block.html += u"<i>"; break;
    case MD_SPAN_STRONG: m_block.html += u"<b>"; break;
    case MD_SPAN_DEL: m_block.html += u"<s>"; break;
    case MD_SPAN_CODE: m_block.html += u"<code>"; break;
    case MD_SPAN_IMG: ++m_images; break;
    case MD_SPAN_A: {
        const QString link = attributeText(static_cast<MD_SPAN_A_DETAIL*>(detail)->href);
        m_links.append(isSafeLink(link));
        if (m_links.last())
            m_block.html += QStringLiteral("<a href=\"%1\">").arg(link.toHtmlEscaped());
        break;
    }
    default: break;
    }
}

void BlockBuilder::leaveSpan(MD_SPANTYPE type) {
    switch (type) {
    case MD_SPAN_EM: m_block.html += u"</i>"; break;
    case MD_SPAN_STRONG: m_block.html += u"</b>"; break;
    case MD_SPAN_DEL: m_block.html += u"</s>"; break;
    case MD_SPAN_CODE: m_block.html += u"</code>"; break;
    case MD_SPAN_IMG: --m_images; break;
    case MD_SPAN_A:
        if (m_links.takeLast()) m_block.html += u"</a>";
        break;
    default: break;
    }
}

void BlockBuilder::text(MD_TEXTTYPE type, const char* text, size_t size) {
    const qsizetype offset = text - m_source.data();
    if (offset >= 0 && offset < m_source.size()) {  // md4c also hands out its own "\n"
        if (m_first < 0) m_first = offset;
        m_last = offset + static_cast<qsizetype>(size) - 1;
    }
    if (m_depth == 1 && m_block.kind == MessageBlock::Kind::kCode) {
        m_block.plain += type == MD_TEXT_NULLCHAR ? QString(QChar::ReplacementCharacter)
                                                  : fromUtf8(text, size);
        return;
    }
    switch (type) {
    case MD_TEXT_NULLCHAR: m_block.html += QChar::ReplacementCharacter; break;
    case MD_TEXT_BR:
    case MD_TEXT_SOFTBR: m_block.html += u"<br>"; break;  // people and models mean their line ends
    case MD_TEXT_ENTITY: m_block.html += fromUtf8(text, size); break;  // well formed, says md4c
    default: m_block.html += fromUtf8(text, size).toHtmlEscaped();
    }
}

BlockBuilder& builder(void* user) { return *static_cast<BlockBuilder*>(user); }

}  // namespace

QList<MessageBlock> parseBlocks(QStringView markdown) {
    const QByteArray source = markdown.toUtf8();
    BlockBuilder blocks(source);
    MD_PARSER parser{};
    parser.flags = kFlags;
    parser.enter_block = [](MD_BLOCKTYPE type, void* detail, void* user) {
        builder(user).enterBlock(type, detail);
        return 0;
    };
    parser.leave_block = [](MD_BLOCKTYPE type, void*, void* user) {
        builder(user).leaveBlock(type);
        return 0;
    };
    parser.enter_span = [](MD_SPANTYPE type, void* detail, void* user) {
        builder(user).enterSpan(type, detail);
        return 0;
    };
    parser.leave_span = [](MD_SPANTYPE type, void*, void* user) {
        builder(user).leaveSpan(type);
        return 0;
    };
    parser.text = [](MD_TEXTTYPE type, const MD_CHAR* text, MD_SIZE size, void* user) {
        builder(user).text(type, text, size);
        return 0;
    };
    md_parse(source.constData(), static_cast<MD_SIZE>(source.size()), &parser, &blocks);
    return blocks.take();
}

QString kindName(MessageBlock::Kind kind) {
    switch (kind) {
    case MessageBlock::Kind::kText: return QStringLiteral("text");
    case MessageBlock::Kind::kHeading: return QStringLiteral("heading");
    case MessageBlock::Kind::kCode: return QStringLiteral("code");
    case MessageBlock::Kind::kTable: return QStringLiteral("table");
    case MessageBlock::Kind::kQuote: return QStringLiteral("quote");
    case MessageBlock::Kind::kList: return QStringLiteral("list");
    case MessageBlock::Kind::kRule: return QStringLiteral("rule");
    }
    return {};
}

}  // namespace glowworm
