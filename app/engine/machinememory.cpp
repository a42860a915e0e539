// SPDX-License-Identifier: Apache-2.0
#include "app/engine/machinememory.h"

#include <QFile>

namespace glowworm {

MachineMemory readMachineMemory() {
    MachineMemory memory;
    QFile file(QStringLiteral("/proc/meminfo"));
    if (!file.open(QIODevice::ReadOnly)) return memory;
    for (const QByteArray& line : file.readAll().split('\n')) {
        const QList<QByteArray> words = line.simplified().split(' ');
        if (words.size() < 2) continue;
        const qint64 bytes = words[1].toLongLong() * 1024;
        if (words[0] == "MemTotal:") memory.totalBytes = bytes;
        if (words[0] == "MemAvailable:") memory.availableBytes = bytes;
    }
    return memory;
}

}  // namespace glowworm
