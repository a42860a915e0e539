// SPDX-License-Identifier: Apache-2.0
// Ctrl-C: the first asks the work to stop, a second before it has ended ends the process at once.
// A write into a closed pipe is an error of the stream instead of a signal.
#pragma once

#include "core/base/controls.h"

namespace glowworm {

// `stop` must outlive the process's last signal. Once per process. SIGTERM and SIGHUP count too.
void installInterrupts(StopFlag& stop);

}  // namespace glowworm
