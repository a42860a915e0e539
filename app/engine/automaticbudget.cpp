// SPDX-License-Identifier: Apache-2.0
#include "app/engine/automaticbudget.h"

#include <algorithm>

namespace glowworm {

qint64 automaticBudget(const ModelTarget& target, qint64 machineAvailableBytes) {
    const qint64 least = target.budgetBytesMin;
    const qint64 whole = std::max(target.budgetBytesMax, least);
    if (least <= 0 || machineAvailableBytes <= 0) return 0;
    if (target.starter) return least + (whole - least) / 2;
    const qint64 spare = machineAvailableBytes - machineAvailableBytes / 4;
    return std::clamp(spare, least, whole);
}

}  // namespace glowworm
