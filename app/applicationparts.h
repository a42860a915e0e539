// SPDX-License-Identifier: Apache-2.0
// What an Application is made from, so that the window, its tests and `--fake-engine` differ only
// here.
#pragma once

#include <functional>
#include <memory>

#include <QString>

#include "app/engine/sessionfactory.h"
#include "app/library/machineprobe.h"
#include "app/library/modellibrary.h"
#include "app/settings/settings.h"

namespace glowworm {

struct ApplicationParts {
    bool fakeEngine = false;
    // The chat database; ":memory:" keeps nothing.
    QString databasePath;
    std::unique_ptr<Settings> settings;
    std::unique_ptr<ModelLibrary> models;
    SessionFactory openSession;
    MachineProbeParts machine;
};

// Scripted engine and models; settings and chats of their own in `stateDir`, or nothing kept at all
// when it is empty.
ApplicationParts fakeParts(const QString& stateDir);

// The real engine over the bundles in the data folder that the settings name; or all of it, the
// settings as well, in `dataDir` when that is not empty.
ApplicationParts realParts(const QString& dataDir);

}  // namespace glowworm
