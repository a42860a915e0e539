// SPDX-License-Identifier: Apache-2.0
#include "app/applicationparts.h"
#include "app/engine/fakesession.h"
#include "app/library/fakemodellibrary.h"
#include "app/library/fakeprobe.h"

namespace glowworm {

ApplicationParts fakeParts(const QString& stateDir) {
    const bool kept = !stateDir.isEmpty();
    ApplicationParts parts;
    parts.fakeEngine = true;
    parts.databasePath =
        kept ? stateDir + QStringLiteral("/chats.sqlite") : QStringLiteral(":memory:");
    // QSettings writes nothing to a file that cannot be.
    parts.settings = std::make_unique<Settings>(
        kept ? stateDir + QStringLiteral("/glowworm.ini") : QStringLiteral("/dev/null/none.ini"),
        kept ? stateDir : QStringLiteral("/nonexistent"));
    parts.models = std::make_unique<FakeModelLibrary>(FakeModelLibrary::everyKind());
    parts.openSession = fakeSessions({});
    const QString memo = kept ? stateDir + QStringLiteral("/machine.json") : QString();
    parts.machine = {.probe = fakeProbe(3000), .memo = MachineMemo(memo.toStdString()),
                     .modelsFolder = "/"};
    return parts;
}

}  // namespace glowworm
