// SPDX-License-Identifier: Apache-2.0
// An imagined machine for `--fake-engine` and tests: flash of about 1 GB/s, found out in so many
// milliseconds. Obeys the stop flag as the real probe does. A worker thread.
#pragma once

#include "app/library/machinememo.h"

namespace glowworm {

ProbeFunction fakeProbe(int milliseconds);

}  // namespace glowworm
