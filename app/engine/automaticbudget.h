// SPDX-License-Identifier: Apache-2.0
// The budget of a model when the person has named none: the whole model where the machine has that
// much to give, else what it has less a reserve for everything else; never below the model's least.
// The starter is opened half-way between its least and its whole, so that something is streamed and
// the panel is alive from the first answer. 0 (let the engine decide) where nothing is known.
#pragma once

#include "app/engine/enginemessages.h"

namespace glowworm {

qint64 automaticBudget(const ModelTarget& target, qint64 machineAvailableBytes);

}  // namespace glowworm
