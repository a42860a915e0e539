// SPDX-License-Identifier: Apache-2.0
// What lies in a data folder, read from the manifests alone. Worker threads.
#pragma once

#include <QList>
#include <QString>

#include "app/library/datapaths.h"
#include "core/engine/machine_probe.h"

namespace glowworm {

// An installed model's facts; with an errorText there may be nothing else but its id.
struct LibraryEntry {
    QString id{};  // the bundle's folder name
    QString name{}, architecture{}, typeText{}, license{}, errorText{};
    qint64 sizeBytes = 0, budgetMinBytes = 0, budgetMaxBytes = 0;
    double activeShare = 0;
    ForecastBasis basis{};  // what its speed is foretold from
};

struct LibraryContents {
    QList<LibraryEntry> models{};  // the starter first, the others by name
    bool starterWanted = false;    // fetched, not imported, and not declined
    QString errorText{};           // the folder itself cannot be read
};

// Budgets are for a context of so many tokens.
LibraryContents scanLibrary(const DataPaths& paths, int contextTokens);
LibraryEntry scanModel(const DataPaths& paths, const QString& id, int contextTokens);

}  // namespace glowworm
