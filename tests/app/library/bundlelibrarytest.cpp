// SPDX-License-Identifier: Apache-2.0
// The library over a real data folder: what it lists, and every verb on it, with the real importer.
#include <filesystem>

#include <QAbstractItemModelTester>
#include <QElapsedTimer>
#include <QSignalSpy>
#include <QTest>

#include "app/library/bundlelibrary.h"
#include "app/library/importlock.h"
#include "tests/support/damage.h"
#include "tests/support/temp_dir.h"
#include "tests/support/tiny_model.h"

using namespace glowworm;
namespace fs = std::filesystem;

namespace {

QUrl urlOf(const std::string& path) { return QUrl::fromLocalFile(QString::fromStdString(path)); }

constexpr int kPatienceMs = 120'000;  // an import, on a busy machine

}  // namespace

class BundleLibraryTest : public QObject {
    Q_OBJECT

  private Q_SLOTS:
    void init();
    void cleanup();
    void listsWhatIsThere();
    void anEmptyFolder();
    void namesThatAreTheSame();
    void importsAFolderAndAFile();
    void importsTheSameOnce();
    void stopsAndTriesAgain();
    void showsWhatFails();
    void importsTheStarter();
    void verifies();
    void removesAndBringsBack();
    void aRemovedStarterStaysAway();
    void keepsWhatIsOpen();
    void exportsAndImportsAnArchive();
    void clearsWhatWasLeft();
    void endsAtOnce();

  private:
    void install(const std::string& name, const TinyModelOptions& options = {}) const;
    void start();
    [[nodiscard]] QVariant at(int row, ModelLibrary::Role role) const {
        return m_library->data(m_library->index(row), role);
    }
    [[nodiscard]] QString state(const QString& id) const;
    [[nodiscard]] QString error(const QString& id) const;
    [[nodiscard]] int rowOf(const QString& id) const;
    // Another process that imports: what comes after it waits.
    [[nodiscard]] Result<ImportLock> otherImport() const {
        const StopFlag stop;
        return ImportLock::take(*m_paths, {}, stop);
    }
    [[nodiscard]] static std::string golden(const std::string& name) {
        return std::string(SOURCE_DIR) + "/tests/golden/" + name;
    }

    std::unique_ptr<TempDir> m_dir;
    std::unique_ptr<DataPaths> m_paths;
    std::unique_ptr<BundleLibrary> m_library;
    std::unique_ptr<QAbstractItemModelTester> m_tester;
};

void BundleLibraryTest::init() {
    m_dir = std::make_unique<TempDir>();
    m_paths = std::make_unique<DataPaths>(m_dir->file("data"));
    fs::create_directories(m_paths->models());
}

void BundleLibraryTest::cleanup() {
    m_tester.reset();
    m_library.reset();
    m_dir.reset();
}

void BundleLibraryTest::install(const std::string& name, const TinyModelOptions& options) const {
    QVERIFY(writeTinyBundle(m_paths->bundle(name), options).has_value());
}

void BundleLibraryTest::start() {
    m_library = std::make_unique<BundleLibrary>(*m_paths, [] { return 64; });
    m_tester = std::make_unique<QAbstractItemModelTester>(
        m_library.get(), QAbstractItemModelTester::FailureReportingMode::QtTest);
    m_library->refresh();
}

int BundleLibraryTest::rowOf(const QString& id) const {
    for (int row = 0; row < m_library->count(); ++row)
        if (at(row, ModelLibrary::ModelIdRole) == id) return row;
    return -1;
}

QString BundleLibraryTest::state(const QString& id) const {
    return at(rowOf(id), ModelLibrary::StateRole).toString();
}

QString BundleLibraryTest::error(const QString& id) const {
    return at(rowOf(id), ModelLibrary::ErrorTextRole).toString();
}

void BundleLibraryTest::listsWhatIsThere() {
    install("beta", {.architecture = Architecture::kOpt, .gated = false,
                     .activation = FfnActivation::kRelu});
    install("alpha");
    install("broken");
    writeText(m_paths->bundle("broken") + "/manifest.json", "{}");
    fs::create_directory(m_paths->bundle("no-model"));
    start();
    QSignalSpy ready(m_library.get(), &ModelLibrary::modelReady);
    QCOMPARE(m_library->count(), 0);  // nothing is read on this thread
    QTRY_COMPARE(m_library->count(), 3);
    QCOMPARE(state(QStringLiteral("alpha")), QStringLiteral("ready"));
    QCOMPARE(state(QStringLiteral("broken")), QStringLiteral("error"));
    QVERIFY(error(QStringLiteral("broken")).contains(QStringLiteral("manifest.json")));
    QVERIFY(!m_library->target(QStringLiteral("broken")));
    QVERIFY(!m_library->target(QStringLiteral("no-model")));
    const int beta = rowOf(QStringLiteral("beta"));
    QCOMPARE(at(beta, ModelLibrary::ArchitectureRole), QStringLiteral("opt"));
    QCOMPARE(at(beta, ModelLibrary::TypeTextRole), QStringLiteral("F32 · ReLU · 2 layers"));
    QCOMPARE(at(beta, ModelLibrary::ActiveShareRole), 1.0);
    QVERIFY(at(beta, ModelLibrary::SizeBytesRole).toLongLong() > 100'000);
    const auto target = m_library->target(QStringLiteral("beta"));
    QVERIFY(target);
    QCOMPARE(target->budgetBytesMin, at(beta, ModelLibrary::BudgetMinBytesRole).toLongLong());
    QVERIFY(target->budgetBytesMin > 0 && target->budgetBytesMin < target->budgetBytesMax);
    QCOMPARE(target->bundlePath, QString::fromStdString(m_paths->bundle("beta")));
    QCOMPARE(ready.size(), 2);
    QVERIFY(m_library->target(m_library->firstReadyModel()));
    fs::remove_all(m_paths->bundle("alpha"));
    m_library->refresh();
    QTRY_COMPARE(m_library->count(), 2);
}

void BundleLibraryTest::anEmptyFolder() {
    fs::remove_all(m_paths->models());
    start();
    QSignalSpy counted(m_library.get(), &ModelLibrary::countChanged);
    QVERIFY(!m_library->hasStarter());
    QCOMPARE(m_library->starterState(), QStringLiteral("none"));
    QCOMPARE(m_library->firstReadyModel(), QString());
    install("late");
    m_library->refresh();
    QTRY_COMPARE(m_library->count(), 1);
    QCOMPARE(m_library->firstReadyModel(), QStringLiteral("late"));
}

void BundleLibraryTest::namesThatAreTheSame() {
    install("one");
    install("two", {.seed = 2});
    start();
    QTRY_COMPARE(m_library->count(), 2);
    QVERIFY(at(0, ModelLibrary::NameRole) != at(1, ModelLibrary::NameRole));
}

void BundleLibraryTest::importsAFolderAndAFile() {
    start();
    QSignalSpy ready(m_library.get(), &ModelLibrary::modelReady);
    QSignalSpy busy(m_library.get(), &ModelLibrary::busyChanged);
    m_library->importPath(urlOf(golden("llama-silu") + "/"));
    m_library->importPath(urlOf(golden("gguf/tiny.gguf")));
    QTRY_COMPARE(m_library->count(), 2);
    QVERIFY(m_library->busy());
    QVERIFY(!m_library->target(at(1, ModelLibrary::ModelIdRole).toString()));
    QTRY_COMPARE_WITH_TIMEOUT(ready.size(), 2, kPatienceMs);
    QTRY_VERIFY(!m_library->busy());
    QVERIFY(busy.size() >= 2);
    for (int row = 0; row < 2; ++row) {
        const QString id = at(row, ModelLibrary::ModelIdRole).toString();
        QCOMPARE(state(id), QStringLiteral("ready"));
        QVERIFY(checkModelName(id.toStdString()).has_value());
        QVERIFY(m_paths->isInstalled(id.toStdString()));
        QVERIFY(at(row, ModelLibrary::ActiveShareRole).toDouble() > 0);
    }
    QCOMPARE(at(0, ModelLibrary::NameRole), QStringLiteral("llama-silu"));
}

void BundleLibraryTest::importsTheSameOnce() {
    start();
    QSignalSpy ready(m_library.get(), &ModelLibrary::modelReady);
    const QUrl source = urlOf(golden("llama-silu"));
    m_library->importPath(source);
    m_library->importPath(source);
    QTRY_COMPARE_WITH_TIMEOUT(ready.size(), 1, kPatienceMs);
    m_library->importPath(source);
    QTRY_COMPARE(ready.size(), 2);
    QCOMPARE(m_library->count(), 1);
}

void BundleLibraryTest::stopsAndTriesAgain() {
    start();
    QSignalSpy ready(m_library.get(), &ModelLibrary::modelReady);
    {
        const auto other = otherImport();
        m_library->importPath(urlOf(golden("llama-silu")));
        QTRY_COMPARE(m_library->count(), 1);
        const QString id = at(0, ModelLibrary::ModelIdRole).toString();
        QTRY_VERIFY(at(0, ModelLibrary::StageTextRole).toString().contains(u"another import"));
        m_library->cancel(id);
        QTRY_COMPARE(state(id), QStringLiteral("incomplete"));
        QVERIFY(error(id).contains(QStringLiteral("stopped")));
        QVERIFY(!m_library->busy());
        m_library->retry(id);
        QCOMPARE(state(id), QStringLiteral("importing"));
        QVERIFY(error(id).isEmpty());
    }
    QTRY_COMPARE_WITH_TIMEOUT(ready.size(), 1, kPatienceMs);
    QCOMPARE(m_library->count(), 1);
}

void BundleLibraryTest::showsWhatFails() {
    start();
    const std::string file = m_dir->file("short.gguf");
    writeText(file, readText(golden("gguf/tiny.gguf")).substr(0, 200'000));
    m_library->importPath(urlOf(file));
    QTRY_COMPARE(m_library->count(), 1);
    const QString id = at(0, ModelLibrary::ModelIdRole).toString();
    QTRY_COMPARE(state(id), QStringLiteral("incomplete"));
    QVERIFY2(error(id).contains(QStringLiteral("short.gguf")), qPrintable(error(id)));
    m_library->importPath(urlOf(m_dir->file("nowhere.gguf")));
    QTRY_COMPARE(m_library->count(), 2);
    QVERIFY(at(1, ModelLibrary::ErrorTextRole).toString().contains(QStringLiteral("nowhere")));
    m_library->refresh();  // which leaves them
    m_library->importArchive(urlOf(m_dir->file("nowhere.glowworm")));
    QTRY_COMPARE(m_library->count(), 3);
    QTRY_COMPARE(state(QStringLiteral("nowhere")), QStringLiteral("incomplete"));
    while (m_library->count() > 0)
        m_library->remove(at(0, ModelLibrary::ModelIdRole).toString());
    QCOMPARE(m_library->undoText(), QString());
    QVERIFY(!fs::exists(m_dir->file("data/trash")));
    // Only the lock is left.
    QCOMPARE(std::distance(fs::directory_iterator(m_paths->models()), {}), 1);
}

void BundleLibraryTest::importsTheStarter() {
    fs::create_directories(m_dir->file("data/starter"));
    fs::copy_file(golden("gguf/tiny.gguf"), m_dir->file("data/starter/Tiny.Q8_0.gguf"));
    start();
    QSignalSpy ready(m_library.get(), &ModelLibrary::modelReady);
    QTRY_COMPARE(m_library->count(), 1);
    QVERIFY(m_library->hasStarter());
    QCOMPARE(at(0, ModelLibrary::IsStarterRole), true);
    QTRY_COMPARE(m_library->starterState(), QStringLiteral("importing"));
    QTRY_COMPARE_WITH_TIMEOUT(m_library->starterState(), QStringLiteral("ready"), kPatienceMs);
    QCOMPARE(ready.size(), 1);
    QCOMPARE(ready[0][0].toString(), QStringLiteral("starter"));
    QVERIFY(m_paths->isInstalled("starter"));
    QVERIFY(m_library->target(QStringLiteral("starter"))->starter);
}

void BundleLibraryTest::verifies() {
    install("m");
    start();
    const auto id = QStringLiteral("m");
    QTRY_COMPARE(m_library->count(), 1);
    m_library->verify(id);
    QCOMPARE(state(id), QStringLiteral("verifying"));
    QVERIFY(m_library->target(id));  // an answer may go on meanwhile
    QTRY_COMPARE(state(id), QStringLiteral("ready"));
    QVERIFY(!at(0, ModelLibrary::StageTextRole).toString().isEmpty());
    flipBit(m_paths->bundle("m") + "/neurons.bin", 12'345);
    m_library->verify(id);
    QTRY_COMPARE(state(id), QStringLiteral("error"));
    QVERIFY2(error(id).contains(QStringLiteral("neurons.bin")), qPrintable(error(id)));
    QVERIFY(!m_library->target(id));
    m_library->refresh();
    flipBit(m_paths->bundle("m") + "/neurons.bin", 12'345);
    m_library->verify(id);
    QTRY_COMPARE(state(id), QStringLiteral("ready"));
    QCOMPARE(error(id), QString());
}

void BundleLibraryTest::removesAndBringsBack() {
    install("a");
    install("b", {.seed = 2});
    start();
    QTRY_COMPARE(m_library->count(), 2);
    const auto id = QStringLiteral("a");
    m_library->remove(id);
    QTRY_COMPARE(m_library->count(), 1);
    QVERIFY(m_library->undoText().contains(u'a'));
    QVERIFY(!m_paths->isInstalled("a"));
    QVERIFY(fs::exists(m_dir->file("data/trash/a/neurons.bin")));
    m_library->undoRemove();
    QCOMPARE(m_library->undoText(), QString());
    QTRY_COMPARE(m_library->count(), 2);
    QVERIFY(m_paths->isInstalled("a"));
    QVERIFY(m_library->target(id));
    m_library->remove(id);
    QTRY_COMPARE(m_library->count(), 1);
    install("a");  // one of the same name has come meanwhile
    m_library->undoRemove();
    QTRY_COMPARE(m_library->count(), 2);
    QVERIFY(error(QStringLiteral("undo:a")).contains(QStringLiteral("again")));
}

void BundleLibraryTest::aRemovedStarterStaysAway() {
    fs::create_directories(m_dir->file("data/starter"));
    fs::copy_file(golden("gguf/tiny.gguf"), m_dir->file("data/starter/tiny.gguf"));
    install("starter");
    start();
    QTRY_COMPARE(m_library->starterState(), QStringLiteral("ready"));
    m_library->remove(QStringLiteral("starter"));
    QTRY_COMPARE(m_library->starterState(), QStringLiteral("none"));
    install("other");
    m_tester.reset();
    start();
    QTRY_COMPARE(m_library->count(), 1);
    QVERIFY(!m_library->hasStarter());
}

void BundleLibraryTest::keepsWhatIsOpen() {
    install("m");
    start();
    const auto id = QStringLiteral("m");
    QTRY_COMPARE(m_library->count(), 1);
    m_library->setOpenModel(id);
    QCOMPARE(at(0, ModelLibrary::IsOpenRole), true);
    m_library->remove(id);
    QVERIFY(error(id).contains(QStringLiteral("open")));
    QVERIFY(m_library->target(id));
    m_library->setOpenModel({});
    QCOMPARE(at(0, ModelLibrary::IsOpenRole), false);
    QCOMPARE(error(id), QString());
    m_library->remove(id);
    QTRY_COMPARE(m_library->count(), 0);
}

void BundleLibraryTest::exportsAndImportsAnArchive() {
    install("m");
    start();
    QTRY_COMPARE(m_library->count(), 1);
    const std::string file = m_dir->file("m.glowworm");
    const auto id = QStringLiteral("m");
    m_library->exportArchive(id, urlOf(file));
    QCOMPARE(state(id), QStringLiteral("exporting"));
    QTRY_COMPARE(state(id), QStringLiteral("ready"));
    QVERIFY(fs::exists(file));
    QVERIFY(at(0, ModelLibrary::StageTextRole).toString().contains(QStringLiteral("m.glowworm")));
    m_library->exportArchive(id, urlOf(m_dir->file("nowhere/m.glowworm")));
    QTRY_VERIFY(error(id).contains(QStringLiteral("nowhere")));
    QSignalSpy ready(m_library.get(), &ModelLibrary::modelReady);
    m_library->importPath(urlOf(file));
    QTRY_COMPARE(ready.size(), 1);
    QCOMPARE(ready[0][0].toString(), QStringLiteral("m-2"));
    for (const char* name : {"manifest.json", "resident.bin", "neurons.bin", "tokenizer.json"})
        QCOMPARE(readText(m_paths->bundle("m-2") + '/' + name),
                 readText(m_paths->bundle("m") + '/' + name));
}

void BundleLibraryTest::clearsWhatWasLeft() {
    install("m");
    for (const char* name : {"models/x.partial", "models/.removing-y", "trash/z"}) {
        fs::create_directories(m_dir->file(std::string("data/") + name));
        writeText(m_dir->file(std::string("data/") + name + "/neurons.bin"), "left");
    }
    {
        const auto other = otherImport();
        start();
        QTRY_VERIFY(fs::is_empty(m_dir->file("data/trash")));
        QVERIFY(fs::exists(m_dir->file("data/models/x.partial")));  // it may be under way
    }
    m_tester.reset();
    start();
    QTRY_VERIFY(!fs::exists(m_dir->file("data/models/x.partial")));
    QTRY_VERIFY(!fs::exists(m_dir->file("data/models/.removing-y")));
    QVERIFY(m_paths->isInstalled("m"));
}

void BundleLibraryTest::endsAtOnce() {
    start();
    m_library->importPath(urlOf(golden("llama-silu")));
    m_library->importPath(urlOf(golden("gguf/tiny.gguf")));
    QTRY_VERIFY(m_library->busy());
    QElapsedTimer time;
    time.start();
    m_tester.reset();
    m_library.reset();
    QVERIFY2(time.elapsed() < 1000, qPrintable(QString::number(time.elapsed())));
    for (const fs::directory_entry& entry : fs::directory_iterator(m_paths->models()))
        QVERIFY(!entry.path().string().ends_with(".partial"));
}

QTEST_GUILESS_MAIN(BundleLibraryTest)
#include "bundlelibrarytest.moc"
