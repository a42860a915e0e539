// SPDX-License-Identifier: Apache-2.0
// Everything a command touches, passed in: streams, the terminal, the engine's doors. main() fills
// it with the real ones, tests with string streams and a fake.
#pragma once

#include <ostream>

#include "app/cli/linesource.h"
#include "app/engine/sessionfactory.h"
#include "app/library/modelresolver.h"

namespace glowworm {

struct CliEnvironment {
    LineSource& in;
    std::ostream& out;  // answers, and nothing else
    std::ostream& err;  // errors; progress and figures when it is a terminal
    bool inIsTerminal = false, outIsTerminal = false, errIsTerminal = false;
    Controls& controls;  // its `stop` is what Ctrl-C requests
    SessionFactory openSession = {};
    ImportFunction import = {};
    std::function<Result<ModelInfo>(const std::string& bundle, uint32_t context)> inspect = {};
    std::function<Status(const std::string&, const ProgressSink&, const StopFlag&)> verify = {};
    std::string programFolder = {};  // where glowworm-bench lies too
};

}  // namespace glowworm
