// SPDX-License-Identifier: Apache-2.0
// How much memory the machine has, from /proc/meminfo (kernel memory: reading it never waits for a
// disk). All 0 where it cannot be read.
#pragma once

#include <QtTypes>

namespace glowworm {

struct MachineMemory {
    qint64 totalBytes = 0;
    qint64 availableBytes = 0;  // could be taken without swapping, by the kernel's own estimate
};

MachineMemory readMachineMemory();

}  // namespace glowworm
