// SPDX-License-Identifier: Apache-2.0
// One import at a time in a data folder, among all processes; and what one that was killed leaves.
// The system lets go of the lock when the process ends. No Qt. Any thread.
#pragma once

#include <utility>

#include "app/library/datapaths.h"
#include "core/base/controls.h"
#include "core/base/error.h"

namespace glowworm {

class ImportLock {
  public:
    // Waits for another import, obeying `stop` (kCancelled).
    static Result<ImportLock> take(const DataPaths& paths, const ProgressSink& progress,
                                   const StopFlag& stop);
    ~ImportLock();
    ImportLock(ImportLock&& other) noexcept : m_descriptor(std::exchange(other.m_descriptor, -1)) {}
    ImportLock& operator=(ImportLock&&) = delete;

  private:
    explicit ImportLock(int descriptor) : m_descriptor(descriptor) {}
    friend Status clearUnfinished(const DataPaths& paths);
    static Result<ImportLock> open(const DataPaths& paths);

    int m_descriptor;
};

// Removes the partial folders of imports that did not end, and bundles half removed; does nothing
// while an import runs somewhere.
Status clearUnfinished(const DataPaths& paths);

}  // namespace glowworm
