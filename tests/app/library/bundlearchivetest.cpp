// SPDX-License-Identifier: Apache-2.0
// Archives of models: there and back bit for bit, and what must be refused leaving nothing behind.
#include <filesystem>

#include <QFile>
#include <QProcess>
#include <QStandardPaths>
#include <QTest>

#include "app/library/bundlearchive.h"
#include "core/engine/session.h"
#include "tests/app/library/archivebuilder.h"
#include "tests/app/support/filesizelimit.h"
#include "tests/support/damage.h"
#include "tests/support/temp_dir.h"
#include "tests/support/tiny_model.h"

using namespace glowworm;
namespace fs = std::filesystem;

namespace {

QByteArray contentOf(const std::string& path) {
    QFile file(QString::fromStdString(path));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray("unreadable");
}

std::string messageOf(const Status& status) { return status ? "" : status.error().message; }

constexpr const char* kFiles[] = {"manifest.json", "resident.bin", "neurons.bin",
                                  "tokenizer.json"};

}  // namespace

class BundleArchiveTest : public QObject {
    Q_OBJECT

  private Q_SLOTS:
    void init();
    void cleanup();
    void roundTrip();
    void otherProgramsUnderstandIt();
    void largeSizesInHeaders();
    void exportReplacesOnlyWhenTold();
    void exportStops();
    void exportOnAFullDisk();
    void importStops();
    void importOnAFullDisk();
    void importNeverReplaces();
    void refusesHostileNames_data();
    void refusesHostileNames();
    void refusesLinksAndDevices_data();
    void refusesLinksAndDevices();
    void refusesWrongFiles();
    void refusesDamage();
    void survivesEveryTruncation();

  private:
    [[nodiscard]] std::string bundle() const { return m_dir->file("model"); }
    [[nodiscard]] std::string archive() const { return m_dir->file("x.glowworm"); }
    [[nodiscard]] std::string imported() const { return m_dir->file("models/new"); }
    [[nodiscard]] QByteArray part(const char* name) const {
        return contentOf(bundle() + '/' + name);
    }
    // The archive as it should be, from its n-th file on.
    ArchiveBuilder honest(size_t files = 4) const;
    Status take() const {
        const StopFlag stop;
        return importBundle(archive(), imported(), {}, stop);
    }
    // Refused with these words, and nothing is left.
    void refused(const char* words) const;

    std::unique_ptr<TempDir> m_dir;
};

void BundleArchiveTest::init() {
    m_dir = std::make_unique<TempDir>();
    QVERIFY(writeTinyBundle(bundle(), {}).has_value());
    fs::create_directory(m_dir->file("models"));
}

void BundleArchiveTest::cleanup() { m_dir.reset(); }

ArchiveBuilder BundleArchiveTest::honest(size_t files) const {
    ArchiveBuilder builder;
    for (size_t i = 0; i < files; ++i) builder.file(kFiles[i], part(kFiles[i]));
    return builder;
}

void BundleArchiveTest::refused(const char* words) const {
    const std::string message = messageOf(take());
    QVERIFY2(message.contains(words), message.c_str());
    QVERIFY2(message.contains("x.glowworm"), message.c_str());
    QVERIFY(fs::is_empty(m_dir->file("models")));
}

void BundleArchiveTest::roundTrip() {
    const StopFlag stop;
    double last = 0;
    const auto progress = [&](const Progress& now) {
        QVERIFY(now.fraction >= last && now.fraction <= 1);
        last = now.fraction;
    };
    QCOMPARE(messageOf(exportBundle(bundle(), archive(), IfThere::kRefuse, progress, stop)), "");
    QVERIFY(last > 0.99);
    QVERIFY(!fs::exists(archive() + ".partial"));
    last = 0;
    QCOMPARE(messageOf(importBundle(archive(), imported(), progress, stop)), "");
    for (const char* name : kFiles) QCOMPARE(contentOf(imported() + '/' + name), part(name));
    QVERIFY(verifyBundle(imported(), {}, stop).has_value());
    QVERIFY(!fs::exists(imported() + ".partial"));
}

void BundleArchiveTest::otherProgramsUnderstandIt() {
    const StopFlag stop;
    QVERIFY(exportBundle(bundle(), archive(), IfThere::kRefuse, {}, stop).has_value());
    const auto tar = [&](const QStringList& arguments) {
        QProcess process;
        process.setWorkingDirectory(QString::fromStdString(bundle()));
        process.start(QStringLiteral("tar"), arguments);
        return process.waitForFinished() && process.exitCode() == 0;
    };
    if (!tar({QStringLiteral("--version")})) QSKIP("tar is not there");
    if (!QStandardPaths::findExecutable(QStringLiteral("zstd")).isEmpty()) {
        const std::string there = m_dir->file("there");
        fs::create_directory(there);
        QVERIFY(tar({QStringLiteral("--zstd"), QStringLiteral("-xf"),
                     QString::fromStdString(archive()), QStringLiteral("-C"),
                     QString::fromStdString(there)}));
        for (const char* name : kFiles) QCOMPARE(contentOf(there + '/' + name), part(name));
    }
    const QString plain = QString::fromStdString(m_dir->file("plain.tar"));
    QStringList create{QStringLiteral("-cf"), plain};
    for (const char* name : kFiles) create.append(QString::fromLatin1(name));
    QVERIFY(tar(create));
    writeCompressed(archive(), contentOf(plain.toStdString()));
    QCOMPARE(messageOf(take()), "");
}

void BundleArchiveTest::largeSizesInHeaders() {
    for (const uint64_t bytes : {uint64_t{0}, (uint64_t{1} << 33) - 1, uint64_t{1} << 33,
                                 uint64_t{700} << 30}) {
        const TarBlock block = writeTarHeader({"neurons.bin", bytes});
        const auto file = readTarHeader(block);
        QVERIFY(file.has_value() && file->has_value());
        QCOMPARE((*file)->bytes, bytes);
        QCOMPARE((*file)->name, "neurons.bin");
    }
}

void BundleArchiveTest::exportReplacesOnlyWhenTold() {
    const StopFlag stop;
    writeText(archive(), "precious");
    const Status refusal = exportBundle(bundle(), archive(), IfThere::kRefuse, {}, stop);
    QVERIFY(messageOf(refusal).contains("already there"));
    QCOMPARE(readText(archive()), "precious");
    QVERIFY(exportBundle(bundle(), archive(), IfThere::kReplace, {}, stop).has_value());
    QCOMPARE(messageOf(take()), "");
}

void BundleArchiveTest::exportStops() {
    StopFlag stop;
    writeText(archive(), "precious");
    const auto progress = [&](const Progress&) { stop.request(); };
    const Status status = exportBundle(bundle(), archive(), IfThere::kReplace, progress, stop);
    QVERIFY(!status && status.error().code == ErrorCode::kCancelled);
    QCOMPARE(readText(archive()), "precious");
    QVERIFY(!fs::exists(archive() + ".partial"));
}

void BundleArchiveTest::exportOnAFullDisk() {
    const StopFlag stop;
    writeText(archive(), "precious");
    Status status;
    {
        const FileSizeLimit limit(20'000);
        status = exportBundle(bundle(), archive(), IfThere::kReplace, {}, stop);
    }
    QVERIFY2(messageOf(status).contains("x.glowworm.partial"), messageOf(status).c_str());
    QCOMPARE(readText(archive()), "precious");
    QVERIFY(!fs::exists(archive() + ".partial"));
}

void BundleArchiveTest::importStops() {
    honest().write(archive());
    StopFlag stop;
    const auto progress = [&](const Progress&) { stop.request(); };
    const Status status = importBundle(archive(), imported(), progress, stop);
    QVERIFY(!status && status.error().code == ErrorCode::kCancelled);
    QVERIFY(fs::is_empty(m_dir->file("models")));
}

void BundleArchiveTest::importOnAFullDisk() {
    honest().write(archive());
    Status status;
    {
        const FileSizeLimit limit(part("manifest.json").size() + 1000);
        status = take();
    }
    QVERIFY(!status);
    QVERIFY2(messageOf(status).contains("resident.bin"), messageOf(status).c_str());
    QVERIFY(fs::is_empty(m_dir->file("models")));
}

void BundleArchiveTest::importNeverReplaces() {
    honest().write(archive());
    QCOMPARE(messageOf(take()), "");
    const Status again = take();
    QVERIFY(messageOf(again).contains("already there"));
    const StopFlag stop;
    QVERIFY(verifyBundle(imported(), {}, stop).has_value());
}

void BundleArchiveTest::refusesHostileNames_data() {
    QTest::addColumn<QByteArray>("name");
    for (const char* name : {"../evil", "/tmp/evil", "./resident.bin", "sub/resident.bin",
                             "resident.bin/", "..", "", "RESIDENT.BIN", "predictor-x.bin",
                             "resident.bin ", "res\nident.bin"})
        QTest::newRow(name) << QByteArray(name);
}

void BundleArchiveTest::refusesHostileNames() {
    QFETCH(QByteArray, name);
    honest(1).file(name.toStdString(), part("resident.bin")).write(archive());
    refused("does not belong to the model");
    ArchiveBuilder().file(name.toStdString(), part("manifest.json")).write(archive());
    refused("instead of manifest.json");
}

void BundleArchiveTest::refusesLinksAndDevices_data() {
    QTest::addColumn<char>("type");
    QTest::addColumn<QByteArray>("words");
    QTest::newRow("hard link") << '1' << QByteArray("a hard link");
    QTest::newRow("symbolic link") << '2' << QByteArray("a symbolic link");
    QTest::newRow("character device") << '3' << QByteArray("a device");
    QTest::newRow("block device") << '4' << QByteArray("a device");
    QTest::newRow("folder") << '5' << QByteArray("a folder");
    QTest::newRow("pipe") << '6' << QByteArray("a pipe");
    QTest::newRow("extended header") << 'x' << QByteArray("no plain file");
    QTest::newRow("long name") << 'L' << QByteArray("no plain file");
    QTest::newRow("sparse") << 'S' << QByteArray("no plain file");
}

void BundleArchiveTest::refusesLinksAndDevices() {
    QFETCH(char, type);
    QFETCH(QByteArray, words);
    honest(1).entry(type, "resident.bin", "/etc/passwd").write(archive());
    refused(words.constData());
}

void BundleArchiveTest::refusesWrongFiles() {
    honest(2).file("resident.bin", part("resident.bin")).write(archive());
    refused("twice");
    honest(1).file("manifest.json", part("manifest.json")).write(archive());
    refused("twice");
    honest(3).write(archive());
    refused("lacks the file tokenizer.json");
    honest().file("extra.bin", "x").write(archive());
    refused("does not belong to the model");
    honest(1).file("resident.bin", part("resident.bin") + "more").write(archive());
    refused("its manifest says");
    // Declares what the manifest says, then goes on: what follows is no header.
    honest(1)
        .header("resident.bin", static_cast<uint64_t>(part("resident.bin").size()))
        .raw(part("resident.bin") + QByteArray(1 << 20, 'x'))
        .write(archive());
    refused("no tar file");
    ArchiveBuilder().header("manifest.json", uint64_t{1} << 40).write(archive());
    refused("impossible size");
    ArchiveBuilder().write(archive());
    refused("is empty");
}

void BundleArchiveTest::refusesDamage() {
    writeText(archive(), "plain text, no archive");
    refused("not compressed with zstd");
    writeText(archive(), "");
    refused("incomplete");
    writeCompressed(archive(), "no tar");
    refused("incomplete");
    QByteArray lie = part("manifest.json");
    lie.replace("\"synthetic\"", "\"synthetIc\"");
    ArchiveBuilder().file("manifest.json", lie).write(archive());
    refused("manifest.json of");
    QByteArray flipped = part("neurons.bin");
    flipped[flipped.size() / 2] = static_cast<char>(flipped[flipped.size() / 2] ^ 1);
    honest(2)
        .file("neurons.bin", flipped)
        .file("tokenizer.json", part("tokenizer.json"))
        .write(archive());
    refused("neurons.bin is damaged");
}

void BundleArchiveTest::survivesEveryTruncation() {
    honest().write(archive());
    const QByteArray whole = contentOf(archive());
    const qsizetype step = std::max<qsizetype>(1, whole.size() / 40);
    for (qsizetype size = 0; size + 600 < whole.size(); size += step) {
        QFile file(QString::fromStdString(archive()));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(whole.first(size));
        file.close();
        refused("x.glowworm");
    }
}

QTEST_GUILESS_MAIN(BundleArchiveTest)
#include "bundlearchivetest.moc"
