// SPDX-License-Identifier: Apache-2.0
// One line of progress on a terminal, drawn over itself at most ten times a second; nothing
// elsewhere. Gone when it is destroyed, so that errors and answers begin on a clean line.
#pragma once

#include <chrono>
#include <ostream>

#include "app/cli/clienvironment.h"

namespace glowworm {

class ProgressLine {
  public:
    explicit ProgressLine(CliEnvironment& environment);
    ~ProgressLine();
    ProgressLine(const ProgressLine&) = delete;
    ProgressLine& operator=(const ProgressLine&) = delete;

    void show(const Progress& progress);
    void clear();
    // For core's long work; must not outlive this line.
    [[nodiscard]] ProgressSink sink();

  private:
    std::ostream& m_out;
    bool m_enabled;
    bool m_shown = false;
    std::chrono::steady_clock::time_point m_next;
};

}  // namespace glowworm
