// SPDX-License-Identifier: Apache-2.0
// The command line itself: what may be typed, its help, and which command it means.
#pragma once

#include <string>
#include <vector>

#include "app/cli/clienvironment.h"

namespace glowworm {

// `arguments` without the program's name. Returns the exit code: 0, 1 for an error (said on
// environment.err), 2 for a wrong usage, 130 when Ctrl-C stopped it.
int runCommandLine(std::vector<std::string> arguments, CliEnvironment& environment);

}  // namespace glowworm
