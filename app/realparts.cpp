// SPDX-License-Identifier: Apache-2.0
#include "app/applicationparts.h"
#include "app/library/fakemodellibrary.h"

namespace glowworm {

ApplicationParts realParts() {
    ApplicationParts parts;
    parts.settings =
        std::make_unique<Settings>(Settings::standardFile(), Settings::standardDataDir());
    parts.databasePath = parts.settings->dataDirInUse() + QStringLiteral("/chats.sqlite");
    parts.models = std::make_unique<FakeModelLibrary>(QList<FakeModel>());
    parts.openSession = openSession;
    return parts;
}

}  // namespace glowworm
