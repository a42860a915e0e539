// SPDX-License-Identifier: Apache-2.0
// The probe: once for each machine, in times of rest, never in the way; and what is foretold by it.
#include <filesystem>

#include <QElapsedTimer>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include "app/library/fakemodellibrary.h"
#include "app/library/fakeprobe.h"
#include "app/library/machineprobe.h"
#include "app/library/speedforecast.h"

using namespace glowworm;

namespace {

// A machine whose every read and every byte of memory has the same speed.
MachineProfile machine(double memory, double disk) {
    MachineProfile profile;
    profile.memory_bytes_per_s = memory;
    profile.disk.points = {{1 << 20, 32, disk}};
    return profile;
}

// 1 GiB that is always touched, and a cache of 1 GiB that is asked for as a whole.
ModelTarget model() {
    ModelTarget target{.modelId = QStringLiteral("m")};
    target.budgetBytesMin = target.budgetBytesMax = 1 << 30;
    target.basis = {.budget_bytes_min = 1 << 30,
                    .budget_bytes_max = 1ULL << 31,
                    .cache_bytes_max = 1 << 30,
                    .touched_bytes = 1 << 30,
                    .neurons_bytes = 1 << 30,
                    .record_bytes = 4096};
    return target;
}

}  // namespace

class MachineProbeTest : public QObject {
    Q_OBJECT

  private Q_SLOTS:
    void measuresOnceInRest();
    void neverInTheWay();
    void leavesAnOpenModelItsMemory();
    void givesUpWhereThereIsNoRest();
    void isMeasuredWhenAskedFor();
    void canBeStopped();
    void saysWhatWentWrong();
    void endsAtOnce();
    void foretellsInWords();
    void foretellsInTheLibrary();

  private:
    [[nodiscard]] MachineProbeParts parts(int milliseconds, int restMs = 0) {
        const auto count = [this, probe = fakeProbe(milliseconds)](
                               const DiskProbeOptions& disk, uint32_t threads,
                               const ProgressSink& progress, const StopFlag& stop) {
            ++m_runs;
            return probe(disk, threads, progress, stop);
        };
        return {.probe = count, .memo = MachineMemo(m_dir.filePath("memo.json").toStdString()),
                .modelsFolder = m_dir.path().toStdString(), .restMs = restMs};
    }
    QTemporaryDir m_dir;
    std::atomic<int> m_runs{0};
};

void MachineProbeTest::measuresOnceInRest() {
    m_runs = 0;
    {
        MachineProbe probe(parts(10));
        QVERIFY(!probe.known());
        probe.setBusy(false);
        QVERIFY(!probe.measuring());  // nothing before it has looked whether the machine is known
        probe.look();
        QTRY_VERIFY(probe.known());
        QVERIFY(!probe.measuring());
        QVERIFY(probe.memoryBytesPerSecond() > 1e9);
        QCOMPARE(probe.readSizes().size(), probe.readSpeeds().size());
        QCOMPARE(probe.readSizes().size(), 5);
        QVERIFY(probe.readsInFlight() > 0);
        QVERIFY(probe.directIo());
    }
    MachineProbe again(parts(10));
    again.setBusy(false);
    QSignalSpy found(&again, &MachineProbe::profileChanged);
    again.look();
    QTRY_VERIFY(again.known());
    QCOMPARE(found.size(), 1);
    QCOMPARE(m_runs.load(), 1);
    // Another disk under the same folder's name is another machine.
    MachineProbeParts elsewhere = parts(10, 3'600'000);
    elsewhere.modelsFolder = "/proc";
    MachineProbe moved(std::move(elsewhere));
    QSignalSpy looked(&moved, &MachineProbe::changed);
    moved.look();
    QTRY_COMPARE(looked.size(), 1);
    QVERIFY(!moved.known());
}

void MachineProbeTest::neverInTheWay() {
    std::filesystem::remove(m_dir.filePath("memo.json").toStdString());
    MachineProbe probe(parts(3'600'000));
    probe.look();
    QTest::qWait(20);
    QVERIFY(!probe.measuring());  // until it is told that there is rest
    probe.setBusy(false);
    QTRY_VERIFY(probe.measuring());
    QElapsedTimer timer;
    timer.start();
    probe.setBusy(true);
    QTRY_VERIFY(!probe.measuring());
    QVERIFY(timer.elapsed() < 2000);
    QVERIFY(probe.errorText().isEmpty());
    probe.setBusy(false);  // there is rest again: it begins anew
    QTRY_VERIFY(probe.measuring());
}

void MachineProbeTest::leavesAnOpenModelItsMemory() {
    std::filesystem::remove(m_dir.filePath("memo.json").toStdString());
    MachineProbe probe(parts(3'600'000));
    probe.setModelOpen(true);
    probe.setBusy(false);
    QSignalSpy looked(&probe, &MachineProbe::changed);
    probe.look();
    QTRY_COMPARE(looked.size(), 1);
    QTest::qWait(20);
    QVERIFY(!probe.measuring());
    probe.setModelOpen(false);
    QTRY_VERIFY(probe.measuring());
    probe.cancel();
    QTRY_VERIFY(!probe.measuring());
    probe.setModelOpen(true);
    probe.measure();  // whoever asks is told in Settings what it takes
    QTRY_VERIFY(probe.measuring());
}

void MachineProbeTest::givesUpWhereThereIsNoRest() {
    m_runs = 0;
    MachineProbe probe(parts(3'600'000));
    probe.look();
    for (int i = 0; i < 3; ++i) {
        probe.setBusy(false);
        QTRY_VERIFY(probe.measuring());
        probe.setBusy(true);
        QTRY_VERIFY(!probe.measuring());
    }
    probe.setBusy(false);
    QTest::qWait(20);
    QVERIFY(!probe.measuring());
    QCOMPARE(m_runs.load(), 3);
    probe.measure();  // whoever asks is obeyed all the same
    QTRY_VERIFY(probe.measuring());
}

void MachineProbeTest::isMeasuredWhenAskedFor() {
    MachineProbe probe(parts(10, -1));
    probe.look();
    probe.measure();
    QVERIFY(probe.waiting());
    QVERIFY(!probe.measuring());
    probe.setBusy(false);
    QTRY_VERIFY(probe.known());
    QVERIFY(!probe.waiting());
    QSignalSpy found(&probe, &MachineProbe::profileChanged);
    probe.measure();
    QVERIFY(probe.known());  // the old figures stay until there are new ones
    QTRY_COMPARE(found.size(), 1);
}

void MachineProbeTest::canBeStopped() {
    std::filesystem::remove(m_dir.filePath("memo.json").toStdString());
    MachineProbe probe(parts(3'600'000));
    probe.setBusy(false);
    probe.measure();
    QTRY_VERIFY(probe.measuring());
    probe.cancel();
    QTRY_VERIFY(!probe.measuring());
    QTest::qWait(20);
    QVERIFY(!probe.measuring());
    QVERIFY(!probe.known());
}

void MachineProbeTest::saysWhatWentWrong() {
    MachineProbeParts failing = parts(10);
    failing.probe = [](const DiskProbeOptions& disk, uint32_t, const ProgressSink&,
                       const StopFlag&) -> Result<MachineProfile> {
        return fail(ErrorCode::kNoSpace, "no room, and no file but \"" + disk.file + "\"");
    };
    MachineProbe probe(std::move(failing));
    probe.setSample([] { return std::string("/models/m/neurons.bin"); });
    probe.setBusy(false);
    probe.measure();
    QTRY_VERIFY(probe.errorText().contains(QStringLiteral("/models/m/neurons.bin")));
    QVERIFY(!probe.measuring() && !probe.waiting());
    probe.measure();
    QVERIFY(probe.errorText().isEmpty());
}

void MachineProbeTest::endsAtOnce() {
    QElapsedTimer timer;
    {
        MachineProbe probe(parts(3'600'000));
        probe.setBusy(false);
        probe.measure();
        QTRY_VERIFY(probe.measuring());
        timer.start();
    }
    QVERIFY(timer.elapsed() < 1000);
}

void MachineProbeTest::foretellsInWords() {
    // Whole: 2 GiB from memory at 32 GiB/s, a sixteenth of a second.
    const MachineProfile fast = machine(32.0 * (1 << 30), 1e9);
    QCOMPARE(speedForecast(model(), 0, fast), QStringLiteral("about 16 tokens/s at 2.00 GiB"));
    // Nothing cached: 1 GiB more from the disk, at a sixteenth of it in a second.
    const MachineProfile slow = machine(32.0 * (1 << 30), (1 << 30) / 16.0);
    QCOMPARE(speedForecast(model(), 1 << 30, slow),
             QStringLiteral("about 16 s a token at 1.00 GiB"));
    ModelTarget unknown = model();
    unknown.basis = {};
    QCOMPARE(speedForecast(unknown, 0, fast), QString());
    QCOMPARE(speedForecast(model(), 0, {}), QString());
}

void MachineProbeTest::foretellsInTheLibrary() {
    FakeModelLibrary library(
        {{.id = QStringLiteral("small"), .name = QStringLiteral("Small"),
          .state = QStringLiteral("ready")},
         {.id = QStringLiteral("huge"), .name = QStringLiteral("Huge"),
          .state = QStringLiteral("ready"), .budgetMinBytes = 1LL << 42}});
    const auto at = [&](int row, ModelLibrary::Role role) {
        return library.data(library.index(row), role);
    };
    QCOMPARE(at(0, ModelLibrary::ForecastRole).toString(), QString());
    QSignalSpy changes(&library, &QAbstractItemModel::dataChanged);
    library.setForecaster([](const ModelTarget& target) { return target.modelId + u'!'; },
                          1LL << 35);
    QCOMPARE(changes.size(), 1);
    QCOMPARE(at(0, ModelLibrary::ForecastRole).toString(), QStringLiteral("small!"));
    QVERIFY(at(0, ModelLibrary::FitsRole).toBool());
    QVERIFY(!at(1, ModelLibrary::FitsRole).toBool());
}

QTEST_GUILESS_MAIN(MachineProbeTest)
#include "machineprobetest.moc"
