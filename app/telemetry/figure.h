// SPDX-License-Identifier: Apache-2.0
// A number with three significant digits, in the person's locale, never with an exponent.
#pragma once

#include <cmath>

#include <QLocale>

namespace glowworm {

inline QString figure(double value) {
    const double size = std::abs(value);
    const int digits = size >= 100 ? 0 : size >= 10 ? 1 : 2;
    return QLocale().toString(value, 'f', digits);
}

}  // namespace glowworm
