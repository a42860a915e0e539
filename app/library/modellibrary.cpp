// SPDX-License-Identifier: Apache-2.0
#include "app/library/modellibrary.h"

#include <utility>

namespace glowworm {

QHash<int, QByteArray> ModelLibrary::roleNames() const {
    return {{ModelIdRole, "modelId"},
            {NameRole, "name"},
            {StateRole, "state"},
            {ProgressRole, "progress"},
            {StageTextRole, "stageText"},
            {ErrorTextRole, "errorText"},
            {SizeBytesRole, "sizeBytes"},
            {ArchitectureRole, "architecture"},
            {TypeTextRole, "typeText"},
            {ActiveShareRole, "activeShare"},
            {BudgetMinBytesRole, "budgetMinBytes"},
            {LicenseRole, "license"},
            {IsStarterRole, "isStarter"},
            {IsOpenRole, "isOpen"},
            {ForecastRole, "forecast"},
            {FitsRole, "fits"}};
}

void ModelLibrary::setForecaster(Forecaster forecaster, qint64 machineBytes) {
    m_forecaster = std::move(forecaster);
    m_machineBytes = machineBytes;
    renewForecasts();
}

void ModelLibrary::renewForecasts() {
    if (rowCount() > 0)
        Q_EMIT dataChanged(index(0), index(rowCount() - 1), {ForecastRole, FitsRole});
}

QString ModelLibrary::forecastOf(const QString& modelId) const {
    if (!m_forecaster) return {};
    const std::optional<ModelTarget> model = target(modelId);
    return model ? m_forecaster(*model) : QString();
}

}  // namespace glowworm
