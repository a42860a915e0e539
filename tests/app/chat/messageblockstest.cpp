// SPDX-License-Identifier: Apache-2.0
// Markdown to blocks: kinds, what is escaped, and that streaming gives what reading at once gives.
#include <random>

#include <QTest>

#include "app/chat/blockstream.h"
#include "app/engine/fakescript.h"

using namespace glowworm;

namespace {

QList<MessageBlock> atOnce(const QString& text) {
    BlockStream stream;
    stream.append(text);
    stream.finish();
    return stream.blocks();
}

QString html(const char* markdown) {
    const QList<MessageBlock> blocks = atOnce(QString::fromUtf8(markdown));
    return blocks.size() == 1 ? blocks[0].html : QStringLiteral("not one block");
}

}  // namespace

class MessageBlocksTest : public QObject {
    Q_OBJECT

  private Q_SLOTS:
    void knowsTheKinds();
    void readsTables();
    void keepsCodeAsItIs();
    void neverInterpretsHtml();
    void keepsOnlySafeLinks();
    void showsNoImages();
    void survivesDeepNesting();
    void cutsLongLists();
    void listsKeepTheirBlankLines();
    void plainIsTheMarkdown();
    void streamingEqualsReadingAtOnce_data();
    void streamingEqualsReadingAtOnce();
    void closedBlocksNeverChange();
};

void MessageBlocksTest::knowsTheKinds() {
    const auto blocks =
        atOnce(QStringLiteral("Text\n\n## Head\n\n- a\n- b\n\n> quote\n\n---\n\n```py\nx = "
                              "1\n```\n\n|a|b|\n|-|-|\n|1|2|\n"));
    QStringList kinds;
    for (const MessageBlock& block : blocks) kinds += kindName(block.kind);
    QCOMPARE(kinds, QStringList({"text", "heading", "list", "quote", "rule", "code", "table"}));
    QCOMPARE(blocks[1].level, 2);
    QCOMPARE(blocks[1].html, QStringLiteral("Head"));
    QCOMPARE(blocks[5].language, QStringLiteral("py"));
}

void MessageBlocksTest::readsTables() {
    const auto blocks =
        atOnce(QStringLiteral("| **A** | B | C |\n|:--|:-:|--:|\n| 1 | 2 | 3 |\n| 4 |\n"));
    QCOMPARE(blocks.size(), 1);
    QCOMPARE(blocks[0].alignments, QStringList({"left", "center", "right"}));
    QCOMPARE(blocks[0].rows.size(), 3);
    QCOMPARE(blocks[0].rows[0], QStringList({"<b>A</b>", "B", "C"}));
    QCOMPARE(blocks[0].rows[1], QStringList({"1", "2", "3"}));
    QCOMPARE(blocks[0].rows[2].size(), 3);
}

void MessageBlocksTest::keepsCodeAsItIs() {
    const auto blocks =
        atOnce(QStringLiteral("~~~ c++ extra\n  if (a < b) {\n\n# no head\n```\n~~~\n"));
    QCOMPARE(blocks.size(), 1);
    QCOMPARE(blocks[0].language, QStringLiteral("c++"));
    QCOMPARE(blocks[0].plain, QStringLiteral("  if (a < b) {\n\n# no head\n```"));
    const auto open = atOnce(QStringLiteral("```\nopen\n\nstill"));
    QCOMPARE(open.size(), 1);
    QCOMPARE(open[0].plain, QStringLiteral("open\n\nstill"));
}

void MessageBlocksTest::neverInterpretsHtml() {
    QCOMPARE(html("a <b>c</b> &amp; \"d\""),
             QStringLiteral("a &lt;b&gt;c&lt;/b&gt; &amp; &quot;d&quot;"));
    QCOMPARE(html("<script>x</script>"), QStringLiteral("&lt;script&gt;x&lt;/script&gt;"));
    QCOMPARE(html("`<i>`"), QStringLiteral("<code>&lt;i&gt;</code>"));
    QVERIFY(!html("&lt;img src=x&gt;").contains(u'<'));
}

void MessageBlocksTest::keepsOnlySafeLinks() {
    QCOMPARE(html("[x](https://a.org/?q=\"&b=1)"),
             QStringLiteral("<a href=\"https://a.org/?q=&quot;&amp;b=1\">x</a>"));
    QVERIFY(html("[x](mailto:a@b.org)").contains(QStringLiteral("href")));
    for (const char* bad : {"[x](javascript:alert(1))", "[x](file:///etc/passwd)", "[x](data:a)",
                            "[x](relative/path)", "[x](JaVaScRiPt:1)", "[x](qrc:/a)"})
        QVERIFY2(!html(bad).contains(QStringLiteral("href")), bad);
    QVERIFY(html("see https://a.org now").contains(QStringLiteral("<a href=\"https://a.org\">")));
}

void MessageBlocksTest::showsNoImages() {
    QCOMPARE(html("![alt *text*](https://a.org/x.png)"), QStringLiteral("alt <i>text</i>"));
}

void MessageBlocksTest::survivesDeepNesting() {
    const QString quotes = QString(5000, u'>') + QStringLiteral(" deep");
    const auto blocks = atOnce(quotes);
    QCOMPARE(blocks.size(), 1);
    QVERIFY(blocks[0].html.count(QStringLiteral("<blockquote>")) < 20);
    QCOMPARE(blocks[0].html.count(QStringLiteral("<blockquote>")),
             blocks[0].html.count(QStringLiteral("</blockquote>")));
    const auto stars = atOnce(QString(20'000, u'*') + u'a');
    QCOMPARE(stars.size(), 1);
}

void MessageBlocksTest::cutsLongLists() {
    QString list;
    for (int i = 1; i <= 500; ++i) list += QStringLiteral("%1. item number %1\n").arg(i);
    const auto blocks = atOnce(list);
    QVERIFY(blocks.size() > 2);
    for (const MessageBlock& block : blocks) {
        QCOMPARE(block.kind, MessageBlock::Kind::kList);
        QVERIFY(block.plain.size() < BlockStream::kListLong + 100);
    }
    QVERIFY(blocks[1].html.startsWith(QStringLiteral("<ol start=\"")));
    QVERIFY(!blocks[1].html.startsWith(QStringLiteral("<ol start=\"1\"")));
}

void MessageBlocksTest::listsKeepTheirBlankLines() {
    const auto blocks = atOnce(QStringLiteral("1. one\n\n   more\n\n2. two\n\nafter\n"));
    QCOMPARE(blocks.size(), 2);
    QCOMPARE(blocks[0].html.count(QStringLiteral("<li>")), 2);
    QCOMPARE(blocks[1].html, QStringLiteral("after"));
}

void MessageBlocksTest::plainIsTheMarkdown() {
    const auto blocks = atOnce(QStringLiteral("A *b*\nc\n\n> q\n\n- x\n- y\n"));
    QCOMPARE(blocks[0].plain, QStringLiteral("A *b*\nc"));
    QCOMPARE(blocks[1].plain, QStringLiteral("> q"));
    QCOMPARE(blocks[2].plain, QStringLiteral("- x\n- y"));
}

void MessageBlocksTest::streamingEqualsReadingAtOnce_data() {
    QTest::addColumn<QString>("text");
    const QString script =
        QString::fromStdString(fakeAnswer("table code list arabic words html"));
    QTest::newRow("script") << script;
    QTest::newRow("no end of line") << script.chopped(1);
    QTest::newRow("open code") << QStringLiteral("a\n```cpp\nint x;\n\nint y;");
    QTest::newRow("setext") << QStringLiteral("Title\n=====\ntext\n---\n");
    QTest::newRow("code in a list") << QStringLiteral("1. a\n   ```sh\n   ls\n   ```\n2. b\n");
    QTest::newRow("surrogates") << QStringLiteral("😀 *😀*\n\n😀");
}

void MessageBlocksTest::streamingEqualsReadingAtOnce() {
    QFETCH(QString, text);
    const auto expected = atOnce(text);
    std::minstd_rand random(11);
    for (int round = 0; round < 20; ++round) {
        BlockStream stream;
        qsizetype at = 0;
        while (at < text.size()) {
            const auto piece = std::min<qsizetype>(text.size() - at, 1 + random() % 17);
            stream.append(QStringView(text).sliced(at, piece));
            if (random() % 2 == 0) stream.readRest();
            at += piece;
        }
        stream.finish();
        QCOMPARE(stream.blocks().size(), expected.size());
        QVERIFY(stream.blocks() == expected);
    }
}

void MessageBlocksTest::closedBlocksNeverChange() {
    const QString text = QString::fromStdString(fakeAnswer("table code list arabic"));
    BlockStream stream;
    QList<MessageBlock> closed;
    for (const QChar c : text) {
        stream.append(QStringView(&c, 1));
        stream.readRest();
        for (qsizetype i = 0; i < closed.size(); ++i) QVERIFY(stream.blocks()[i] == closed[i]);
        closed = stream.blocks().first(stream.firstOpenBlock());
        QVERIFY(stream.restSize() < 1500);  // the script's longest block: the rest stays small
    }
}

QTEST_GUILESS_MAIN(MessageBlocksTest)
#include "messageblockstest.moc"
