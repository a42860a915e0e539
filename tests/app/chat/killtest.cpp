// SPDX-License-Identifier: Apache-2.0
// Kill -9 at 30 random moments of streaming, editing and deleting: the database opens each time, is
// consistent, and lacks at most 1.5 s of the answer.
#include <QElapsedTimer>
#include <QProcess>
#include <QRandomGenerator>
#include <QSqlDatabase>
#include <QSqlQuery>
#include <QTemporaryDir>
#include <QTest>

#include "app/chat/chatstore.h"

using namespace glowworm;

namespace {

constexpr int kKills = 30;
constexpr qint64 kLackMsMax = 1500;

struct Growth {
    qint64 ms = 0;  // when the driver said so
    QString id;
    qsizetype length = 0;
};

// What the driver said until it was killed; emptied by "X".
class Listener {
  public:
    explicit Listener(QProcess& driver) : m_driver(driver) { m_clock.start(); }
    void listenUntil(qint64 ms) {
        while (m_clock.elapsed() < ms && m_driver.state() == QProcess::Running) {
            m_driver.waitForReadyRead(
                static_cast<int>(std::max<qint64>(1, ms - m_clock.elapsed())));
            takeLines();
        }
        m_end = m_clock.elapsed();
    }
    void takeLines() {
        while (m_driver.canReadLine()) {
            const QList<QByteArray> words = m_driver.readLine().trimmed().split(' ');
            if (words[0] == "X") m_growth.clear();
            if (words[0] == "A")
                m_growth.append({m_clock.elapsed(), QString::fromUtf8(words[1]), words[2].toInt()});
        }
    }
    // What must be in the database: the longest length said early enough.
    [[nodiscard]] Growth owed() const {
        Growth owed;
        for (const Growth& g : m_growth)
            if (g.ms <= m_end - kLackMsMax) owed = g;
        return owed;
    }
    [[nodiscard]] bool heard() const { return !m_growth.isEmpty(); }

  private:
    QProcess& m_driver;
    QElapsedTimer m_clock;
    qint64 m_end = 0;
    QList<Growth> m_growth;
};

QString firstCell(QSqlDatabase& db, const char* sql) {
    QSqlQuery query(QString::fromLatin1(sql), db);
    return query.next() ? query.value(0).toString() : QString();
}

}  // namespace

class KillTest : public QObject {
    Q_OBJECT

  private Q_SLOTS:
    void survivesThirtyKills();

  private:
    void killOnce(const QString& folder, QRandomGenerator& random);
    void check(const QString& path, const Listener& listener);
    int m_owing = 0;  // kills at which a part of an answer had to be there
};

void KillTest::survivesThirtyKills() {
    const quint32 seed = qEnvironmentVariableIntValue("GLOWWORM_SEED") != 0
                             ? qEnvironmentVariableIntValue("GLOWWORM_SEED")
                             : QRandomGenerator::global()->generate();
    qInfo("seed %u (GLOWWORM_SEED repeats it)", seed);
    QRandomGenerator random(seed);
    const QTemporaryDir dir;
    for (int kill = 0; kill < kKills && !QTest::currentTestFailed(); ++kill)
        killOnce(dir.path(), random);
    QVERIFY2(m_owing > 0, "no kill came while an answer had been growing for long enough");
}

void KillTest::killOnce(const QString& folder, QRandomGenerator& random) {
    QProcess driver;
    driver.setProcessChannelMode(QProcess::ForwardedErrorChannel);
    driver.start(QStringLiteral(CHATSTORE_DRIVER),
                 {folder, QString::number(random.bounded(1, 1'000'000))});
    QVERIFY(driver.waitForStarted());
    Listener listener(driver);
    listener.listenUntil(random.bounded(50, 4000));
    QCOMPARE(driver.state(), QProcess::Running);
    driver.kill();
    QVERIFY(driver.waitForFinished());
    listener.takeLines();
    check(folder + QStringLiteral("/chats.sqlite"), listener);
}

void KillTest::check(const QString& path, const Listener& listener) {
    ChatStore store(path);
    QCOMPARE(store.open().health, StoreHealth::kGood);
    store.close();
    {
        QSqlDatabase db = QSqlDatabase::addDatabase(QStringLiteral("QSQLITE"), QStringLiteral("k"));
        db.setDatabaseName(path);
        QVERIFY(db.open());
        QCOMPARE(firstCell(db, "PRAGMA integrity_check"), QStringLiteral("ok"));
        QCOMPARE(firstCell(db, "PRAGMA foreign_key_check"), QString());
        QCOMPARE(firstCell(db, "SELECT count(*) FROM answer_piece"), QStringLiteral("0"));
        QCOMPARE(firstCell(db, "SELECT count(*) FROM message WHERE state = 'streaming'"),
                 QStringLiteral("0"));
        QCOMPARE(firstCell(db, "SELECT count(*) FROM message a WHERE role = 'assistant' AND NOT "
                               "EXISTS (SELECT 1 FROM message p WHERE p.conversation = "
                               "a.conversation AND p.role = 'user' AND p.position < a.position)"),
                 QStringLiteral("0"));
        const Growth owed = listener.owed();
        if (owed.length > 0) {
            ++m_owing;
            QSqlQuery query(db);
            query.prepare(QStringLiteral("SELECT length(text) FROM message WHERE id = ?"));
            query.addBindValue(owed.id);
            QVERIFY(query.exec() && query.next());
            QVERIFY2(query.value(0).toLongLong() >= owed.length,
                     qPrintable(QStringLiteral("%1 of %2").arg(query.value(0).toLongLong())
                                    .arg(owed.length)));
        }
    }
    QSqlDatabase::removeDatabase(QStringLiteral("k"));
}

QTEST_GUILESS_MAIN(KillTest)
#include "killtest.moc"
