// SPDX-License-Identifier: Apache-2.0
#include "app/library/speedforecast.h"

#include <QCoreApplication>
#include <QLocale>

#include "app/telemetry/figure.h"

namespace glowworm {

namespace {

QString words(const char* text) { return QCoreApplication::translate("SpeedForecast", text); }

QString twoDigits(double value) {
    return QLocale().toString(value, 'f', value < 9.95 ? 1 : 0);
}

QString bytesText(double bytes) {
    constexpr double kMebibyte = 1 << 20, kGibibyte = 1 << 30;
    return bytes >= kGibibyte ? words("%1 GiB").arg(figure(bytes / kGibibyte))
                              : words("%1 MiB").arg(figure(bytes / kMebibyte));
}

}  // namespace

QString speedForecast(const ModelTarget& model, qint64 budgetBytes,
                      const MachineProfile& machine) {
    if (model.basis.budget_bytes_max == 0 || machine.memory_bytes_per_s <= 0) return {};
    const Forecast told = foretell(model.basis, static_cast<uint64_t>(budgetBytes), machine);
    if (told.token_ms <= 0) return {};
    const QString budget = bytesText(static_cast<double>(told.budget_bytes));
    const double perSecond = 1000 / told.token_ms;
    return perSecond >= 1
               ? words("about %1 tokens/s at %2").arg(twoDigits(perSecond), budget)
               : words("about %1 s a token at %2").arg(twoDigits(1 / perSecond), budget);
}

}  // namespace glowworm
