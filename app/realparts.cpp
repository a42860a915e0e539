// SPDX-License-Identifier: Apache-2.0
#include <filesystem>

#include <QFileInfo>

#include "app/applicationparts.h"
#include "app/library/bundlelibrary.h"
#include "app/library/machinememo.h"

namespace glowworm {

namespace {

constexpr uint64_t kSampleBytes = 256 << 20;  // enough that nothing need be written

// A large model is measured itself: nothing is written, and what it is read at is what counts.
Result<MachineProfile> measureMachine(const DiskProbeOptions& disk, uint32_t threads,
                                      const ProgressSink& progress, const StopFlag& stop) {
    DiskProbeOptions place = disk;
    std::error_code error;
    const auto bytes = std::filesystem::file_size(disk.file, error);
    if (!error && bytes >= kSampleBytes) place.folder.clear();
    else std::filesystem::create_directories(disk.folder, error);
    return probeMachine(place, threads, progress, stop);
}

}  // namespace

ApplicationParts realParts(const QString& dataDir) {
    ApplicationParts parts;
    const QString folder = QFileInfo(dataDir).absoluteFilePath();
    parts.settings =
        dataDir.isEmpty()
            ? std::make_unique<Settings>(Settings::standardFile(), Settings::standardDataDir())
            : std::make_unique<Settings>(folder + QStringLiteral("/glowworm.ini"), folder);
    parts.databasePath = parts.settings->dataDirInUse() + QStringLiteral("/chats.sqlite");
    const DataPaths paths(parts.settings->dataDirInUse().toStdString());
    parts.models = std::make_unique<BundleLibrary>(
        paths, [settings = parts.settings.get()] { return settings->contextTokens(); });
    parts.machine = {.probe = measureMachine, .memo = MachineMemo(MachineMemo::standardFile()),
                     .modelsFolder = paths.models()};
    parts.openSession = [memo = MachineMemo(MachineMemo::standardFile())](
                            const OpenOptions& options, const ProgressSink& progress,
                            const StopFlag& stop) {
        OpenOptions tuned = options;
        tuned.reading = memo.tuningFor(options.bundle);
        return openSession(tuned, progress, stop);
    };
    return parts;
}

}  // namespace glowworm
