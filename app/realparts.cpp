// SPDX-License-Identifier: Apache-2.0
#include "app/applicationparts.h"
#include "app/library/bundlelibrary.h"

namespace glowworm {

ApplicationParts realParts() {
    ApplicationParts parts;
    parts.settings =
        std::make_unique<Settings>(Settings::standardFile(), Settings::standardDataDir());
    parts.databasePath = parts.settings->dataDirInUse() + QStringLiteral("/chats.sqlite");
    parts.models = std::make_unique<BundleLibrary>(
        DataPaths(parts.settings->dataDirInUse().toStdString()),
        [settings = parts.settings.get()] { return settings->contextTokens(); });
    parts.openSession = openSession;
    return parts;
}

}  // namespace glowworm
