// SPDX-License-Identifier: Apache-2.0
// Everything a command touches, passed in: streams, the terminal, the engine's doors. main() fills
// it with the real ones, tests with string streams and a fake.
#pragma once

#include <ostream>

#include "app/cli/linesource.h"
#include "app/engine/sessionfactory.h"
#include "app/library/bundlearchive.h"
#include "app/library/machinememo.h"
#include "app/library/modelresolver.h"
#include "core/import/synthetic_model.h"
#include "core/train/train_predictors.h"

namespace glowworm {

// writeSynthetic() of core/import, or a fake.
using SynthesizeFunction = std::function<Result<Manifest>(
    const std::string& folder, const SyntheticShape& shape, const SyntheticOptions& options,
    const ProgressSink& progress, const StopFlag& stop)>;

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
    SynthesizeFunction synthesize = {};
    std::function<Status(const std::string& bundle, const std::string& file, IfThere,
                         const ProgressSink&, const StopFlag&)> exportArchive = {};
    std::function<Status(const std::string& archive, const std::string& folder,
                         const ProgressSink&, const StopFlag&)> importArchive = {};
    std::function<Result<TrainReport>(const std::string& bundle, const TrainOptions&,
                                      const ProgressSink&, const StopFlag&)>
        calibrate = {};
    ProbeFunction probe = {};
    std::string machineFile = {};  // what probe remembers
    std::string programFolder = {};  // where glowworm-bench lies too
};

}  // namespace glowworm
