// SPDX-License-Identifier: Apache-2.0
// The model over a streaming message: views are told of the last block only.
#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTest>

#include "app/chat/blocklistmodel.h"
#include "app/engine/fakescript.h"

using namespace glowworm;

class BlockListModelTest : public QObject {
    Q_OBJECT

  private Q_SLOTS:
    void growsByItsLastBlock();
    void coloursCodeForEachTheme();
    void growingCodeIsColouredAsTheWhole();
    void givesTablesToQml();
};

void BlockListModelTest::growsByItsLastBlock() {
    SyntaxRepository syntax;
    BlockListModel model(syntax, false);
    const QAbstractItemModelTester tester(&model);
    const std::string answer = fakeAnswer("table code list arabic words html");
    connect(&model, &QAbstractItemModel::dataChanged, this,
            [&](const QModelIndex& first) { QVERIFY(first.row() >= model.count() - 2); });
    for (const std::string_view token : fakeTokens(answer))
        model.append(QString::fromUtf8(token.data(), static_cast<qsizetype>(token.size())));
    model.finish();
    BlockStream whole;
    whole.append(QString::fromStdString(answer));
    whole.finish();
    QCOMPARE(model.count(), static_cast<int>(whole.blocks().size()));
    for (int row = 0; row < model.count(); ++row) {
        const QModelIndex index = model.index(row);
        QCOMPARE(index.data(BlockListModel::PlainRole).toString(), whole.blocks()[row].plain);
        QCOMPARE(index.data(BlockListModel::KindRole).toString(),
                 kindName(whole.blocks()[row].kind));
    }
}

void BlockListModelTest::coloursCodeForEachTheme() {
    SyntaxRepository syntax;
    BlockListModel model(syntax, false);
    model.append(QStringLiteral("```python\ndef f(): return \"<x>\"  # why\n```\n"));
    model.finish();
    const QString light = model.index(0).data(BlockListModel::TextRole).toString();
    QVERIFY(light.startsWith(QStringLiteral("<pre")));
    QVERIFY(light.contains(QStringLiteral("color:")));
    QVERIFY(light.contains(QStringLiteral("&lt;x&gt;")));
    QSignalSpy changed(&model, &QAbstractItemModel::dataChanged);
    model.setDarkTheme(true);
    QCOMPARE(changed.size(), 1);
    QVERIFY(model.index(0).data(BlockListModel::TextRole).toString() != light);
}

void BlockListModelTest::growingCodeIsColouredAsTheWhole() {
    SyntaxRepository syntax;
    const QString code = QStringLiteral("/* a\n comment */\nint main() {\n  return 0;  // ok\n}");
    CodeHighlighter growing(syntax, QStringLiteral("cpp"), true);
    QString last;
    for (qsizetype size = 1; size <= code.size(); ++size) last = growing.html(code.first(size));
    QCOMPARE(last, CodeHighlighter(syntax, QStringLiteral("cpp"), true).html(code));
    // A language that nobody knows is shown as it is.
    QCOMPARE(CodeHighlighter(syntax, QStringLiteral("nonesuch"), true).html(QStringLiteral("a<b")),
             QStringLiteral("<pre style=\"margin:0\">a&lt;b</pre>"));
}

void BlockListModelTest::givesTablesToQml() {
    SyntaxRepository syntax;
    BlockListModel model(syntax, false);
    model.append(QStringLiteral("|a|b|\n|-|-:|\n|1|2|\n"));
    model.finish();
    const QModelIndex table = model.index(0);
    QCOMPARE(table.data(BlockListModel::ColumnsRole).toInt(), 2);
    const QVariantList rows = table.data(BlockListModel::TableRowsRole).toList();
    QCOMPARE(rows.size(), 2);
    QCOMPARE(rows[1].toStringList(), QStringList({"1", "2"}));
    QCOMPARE(table.data(BlockListModel::AlignmentsRole).toStringList(),
             QStringList({"left", "right"}));
}

QTEST_MAIN(BlockListModelTest)
#include "blocklistmodeltest.moc"
