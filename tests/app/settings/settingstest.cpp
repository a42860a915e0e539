// SPDX-License-Identifier: Apache-2.0
// Settings: kept, clamped, and never believed when the file is damaged.
#include <QFile>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include "app/settings/settings.h"

using namespace glowworm;

class SettingsTest : public QObject {
    Q_OBJECT

  private Q_SLOTS:
    void hasDefaults();
    void keepsWhatWasChosen();
    void damagedValuesAreDefaults();
    void aNewDataFolderNeedsARestart();
};

void SettingsTest::hasDefaults() {
    const QTemporaryDir dir;
    const Settings settings(dir.filePath(QStringLiteral("s.ini")), QStringLiteral("/data"));
    QCOMPARE(settings.theme(), QStringLiteral("system"));
    QCOMPARE(settings.defaultBudgetBytes(), 0);
    QCOMPARE(settings.dataDir(), QStringLiteral("/data"));
    QCOMPARE(settings.contextTokens(), 2048);
    QVERIFY(settings.panelVisible());
    QVERIFY(settings.windowGeometry().isEmpty());
    QVERIFY(!settings.restartNeeded());
}

void SettingsTest::keepsWhatWasChosen() {
    const QTemporaryDir dir;
    const QString file = dir.filePath(QStringLiteral("s.ini"));
    {
        Settings settings(file, QStringLiteral("/data"));
        QSignalSpy theme(&settings, &Settings::themeChanged);
        settings.setTheme(QStringLiteral("dark"));
        settings.setTheme(QStringLiteral("dark"));
        settings.setTheme(QStringLiteral("pink"));
        QCOMPARE(theme.size(), 1);
        settings.setDefaultBudgetBytes(5'000'000'000);
        settings.setThreads(100'000);
        settings.setSidebarWidth(1);
        settings.setWindowGeometry({10, 20, 1280, 900});
        settings.setLastConversationId(QStringLiteral("abc"));
        settings.setPanelVisible(false);
    }
    const Settings settings(file, QStringLiteral("/data"));
    QCOMPARE(settings.theme(), QStringLiteral("dark"));
    QCOMPARE(settings.defaultBudgetBytes(), 5'000'000'000);
    QCOMPARE(settings.threads(), settings.threadsMax());
    QCOMPARE(settings.sidebarWidth(), 200);
    QCOMPARE(settings.windowGeometry(), QRect(10, 20, 1280, 900));
    QCOMPARE(settings.lastConversationId(), QStringLiteral("abc"));
    QVERIFY(!settings.panelVisible());
}

void SettingsTest::damagedValuesAreDefaults() {
    const QTemporaryDir dir;
    const QString name = dir.filePath(QStringLiteral("s.ini"));
    QFile file(name);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("theme=\x01\x02\ndataDir=../up\n[engine]\nthreads=-7\ncontextTokens=lots\n"
               "budgetBytes=-1\n[window]\nsidebarWidth=999999\ngeometry=@Rect(x)\n");
    file.close();
    const Settings settings(name, QStringLiteral("/data"));
    QCOMPARE(settings.theme(), QStringLiteral("system"));
    QCOMPARE(settings.dataDir(), QStringLiteral("/data"));
    QCOMPARE(settings.threads(), 0);
    QCOMPARE(settings.contextTokens(), 2048);
    QCOMPARE(settings.defaultBudgetBytes(), 0);
    QCOMPARE(settings.sidebarWidth(), 272);
    QVERIFY(settings.windowGeometry().isEmpty());
}

void SettingsTest::aNewDataFolderNeedsARestart() {
    const QTemporaryDir dir;
    const QString file = dir.filePath(QStringLiteral("s.ini"));
    {
        Settings settings(file, QStringLiteral("/data"));
        settings.setDataDir(QStringLiteral("not/absolute"));
        QVERIFY(!settings.restartNeeded());
        settings.setDataDir(QStringLiteral("/other/./place"));
        QVERIFY(settings.restartNeeded());
        QCOMPARE(settings.dataDir(), QStringLiteral("/other/place"));
        QCOMPARE(settings.dataDirInUse(), QStringLiteral("/data"));
    }
    const Settings settings(file, QStringLiteral("/data"));
    QVERIFY(!settings.restartNeeded());
    QCOMPARE(settings.dataDirInUse(), QStringLiteral("/other/place"));
}

QTEST_GUILESS_MAIN(SettingsTest)
#include "settingstest.moc"
