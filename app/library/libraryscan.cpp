// SPDX-License-Identifier: Apache-2.0
#include "app/library/libraryscan.h"

#include <algorithm>
#include <tuple>

#include <QCoreApplication>

#include "app/library/trash.h"
#include "core/engine/session.h"

namespace glowworm {

namespace {

// As the field writes them.
QString activationText(const std::string& name) {
    if (name == "relu") return QStringLiteral("ReLU");
    if (name == "silu") return QStringLiteral("SiLU");
    if (name == "gelu") return QStringLiteral("GELU");
    return QString::fromStdString(name);
}

QString typeTextOf(const ModelInfo& info) {
    const QString layers = QCoreApplication::translate("LibraryScan", "%n layers", nullptr,
                                                       static_cast<int>(info.layers));
    return QStringLiteral("%1 · %2 · %3").arg(QString::fromStdString(info.dtype).toUpper(),
                                              activationText(info.activation), layers);
}

}  // namespace

LibraryEntry scanModel(const DataPaths& paths, const QString& id, int contextTokens) {
    LibraryEntry entry{.id = id, .name = id};
    const std::string bundle = paths.bundle(id.toStdString());
    const Result<ModelInfo> info = inspectBundle(bundle, static_cast<uint32_t>(contextTokens));
    if (!info) {
        entry.errorText = QString::fromStdString(info.error().message);
        return entry;
    }
    if (!info->name.empty()) entry.name = QString::fromStdString(info->name);
    entry.architecture = QString::fromStdString(info->architecture);
    entry.typeText = typeTextOf(*info);
    entry.license = QString::fromStdString(info->license);
    entry.sizeBytes = static_cast<qint64>(info->bundle_bytes);
    entry.budgetMinBytes = static_cast<qint64>(info->budget_bytes_min);
    entry.budgetMaxBytes = static_cast<qint64>(info->budget_bytes_max);
    entry.activeShare = info->active_share;
    if (const auto basis = forecastBasis(bundle, static_cast<uint32_t>(contextTokens), 0))
        entry.basis = *basis;
    return entry;
}

LibraryContents scanLibrary(const DataPaths& paths, int contextTokens) {
    LibraryContents contents;
    const Result<std::vector<std::string>> names = paths.installed();
    if (!names) {
        contents.errorText = QString::fromStdString(names.error().message);
        return contents;
    }
    for (const std::string& name : *names)
        contents.models.append(scanModel(paths, QString::fromStdString(name), contextTokens));
    std::ranges::stable_sort(contents.models, {}, [](const LibraryEntry& entry) {
        return std::tuple(entry.id != u"starter", entry.name.toCaseFolded());
    });
    contents.starterWanted = !paths.isInstalled("starter") && !paths.starterFile().empty() &&
                             !starterDeclined(paths);
    return contents;
}

}  // namespace glowworm
