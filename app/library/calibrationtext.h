// SPDX-License-Identifier: Apache-2.0
// resources/calibration.txt, built in: the text on which an import calibrates its thresholds.
#pragma once

#include <string_view>

namespace glowworm {

[[nodiscard]] std::string_view calibrationText();

}  // namespace glowworm
