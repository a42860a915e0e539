// SPDX-License-Identifier: Apache-2.0
// What limits speed now, in one sentence for people.
#pragma once

#include <QString>

#include "app/telemetry/tokenhistory.h"

namespace glowworm {

// Empty without tokens.
QString verdictOf(const TokenSums& sums);

}  // namespace glowworm
