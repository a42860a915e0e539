// SPDX-License-Identifier: Apache-2.0
// The composition root of the command line: the real streams, engine and importer.
#include <filesystem>
#include <iostream>

#include <unistd.h>

#include "app/cli/commandline.h"
#include "app/cli/interrupts.h"
#include "app/library/machinememo.h"

int main(int argc, char** argv) {
    using namespace glowworm;
    static Controls controls;
    installInterrupts(controls.stop);
    std::ios::sync_with_stdio(false);
    std::error_code error;
    DescriptorLines lines(STDIN_FILENO);
    CliEnvironment environment{
        .in = lines,
        .out = std::cout,
        .err = std::cerr,
        .inIsTerminal = ::isatty(STDIN_FILENO) == 1,
        .outIsTerminal = ::isatty(STDOUT_FILENO) == 1,
        .errIsTerminal = ::isatty(STDERR_FILENO) == 1,
        .controls = controls,
        .openSession = openSession,
        .import = importModel,
        .inspect = inspectBundle,
        .verify = verifyBundle,
        .synthesize = writeSynthetic,
        .exportArchive = exportBundle,
        .importArchive = importBundle,
        .calibrate = trainPredictors,
        .probe = probeMachine,
        .machineFile = MachineMemo::standardFile(),
        .programFolder = std::filesystem::read_symlink("/proc/self/exe", error).parent_path(),
    };
    return runCommandLine(std::vector<std::string>(argv + std::min(argc, 1), argv + argc),
                          environment);
}
