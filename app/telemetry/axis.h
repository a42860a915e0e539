// SPDX-License-Identifier: Apache-2.0
// The ends and the labels of a plot's axis.
#pragma once

#include <algorithm>
#include <cmath>

#include <QLocale>

namespace glowworm {

// The smallest of 1, 2, 5 times a power of ten that is not below `value`.
inline double axisRoundedUp(double value) {
    const double power = std::pow(10, std::floor(std::log10(std::max(value, 1e-3))));
    for (const double step : {1.0, 2.0, 5.0})
        if (value <= step * power) return step * power;
    return 10 * power;
}

// A label: "0", "2.5 ms", "500 ms", "1 s"; no more digits than it needs, never an exponent.
inline QString axisTime(double ms) {
    if (ms <= 0) return QStringLiteral("0");
    if (ms >= 1000) return QLocale().toString(ms / 1000, 'g', 3) + QStringLiteral(" s");
    return QLocale().toString(ms, 'g', 3) + QStringLiteral(" ms");
}

}  // namespace glowworm
