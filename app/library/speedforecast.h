// SPDX-License-Identifier: Apache-2.0
// How fast a model will be on a machine that was measured, told before it is loaded. Plain
// arithmetic on what is known of both; any thread.
#pragma once

#include <QString>

#include "app/engine/enginemessages.h"

namespace glowworm {

// "about 12 tokens/s at 4.1 GiB", or "about 3 s a token at ..." for one slower than that; two
// digits, for it is an estimate. budgetBytes 0: the whole model. "" where nothing is known of the
// model.
QString speedForecast(const ModelTarget& model, qint64 budgetBytes, const MachineProfile& machine);

}  // namespace glowworm
