// SPDX-License-Identifier: Apache-2.0
#include <QFileInfo>

#include "app/applicationparts.h"
#include "app/library/bundlelibrary.h"
#include "app/library/machinememo.h"

namespace glowworm {

ApplicationParts realParts(const QString& dataDir) {
    ApplicationParts parts;
    const QString folder = QFileInfo(dataDir).absoluteFilePath();
    parts.settings =
        dataDir.isEmpty()
            ? std::make_unique<Settings>(Settings::standardFile(), Settings::standardDataDir())
            : std::make_unique<Settings>(folder + QStringLiteral("/glowworm.ini"), folder);
    parts.databasePath = parts.settings->dataDirInUse() + QStringLiteral("/chats.sqlite");
    parts.models = std::make_unique<BundleLibrary>(
        DataPaths(parts.settings->dataDirInUse().toStdString()),
        [settings = parts.settings.get()] { return settings->contextTokens(); });
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
