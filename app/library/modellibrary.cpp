// SPDX-License-Identifier: Apache-2.0
#include "app/library/modellibrary.h"

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
            {IsOpenRole, "isOpen"}};
}

}  // namespace glowworm
