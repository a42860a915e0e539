// SPDX-License-Identifier: Apache-2.0
// The commands, one function each. An error is the caller's to print; kCancelled means Ctrl-C.
#pragma once

#include "app/cli/clienvironment.h"
#include "app/cli/clioptions.h"

namespace glowworm {

// One answer, streamed as it is made; with --json a line a token and a summary.
Status runGenerate(const DataPaths& paths, const GenerateOptions& options,
                   CliEnvironment& environment);
// A conversation, until the input ends or /quit.
Status runChat(const DataPaths& paths, const ChatOptions& options, CliEnvironment& environment);

Status runLogits(const DataPaths& paths, const LogitsOptions& options, CliEnvironment& environment);
Status runTokenize(const DataPaths& paths, const TokenizeOptions& options,
                   CliEnvironment& environment);
Status runPerplexity(const DataPaths& paths, const PerplexityOptions& options,
                     CliEnvironment& environment);

Status runImport(const DataPaths& paths, const ImportCommandOptions& options,
                 CliEnvironment& environment);
// Measures this machine, remembers it, and foretells a model's speed.
Status runProbe(const DataPaths& paths, const ProbeOptions& options, CliEnvironment& environment);
// Writes a synthetic bundle of a published model's size.
Status runSynth(const SynthOptions& options, CliEnvironment& environment);
Status runCalibrate(const DataPaths& paths, const CalibrateOptions& options,
                    CliEnvironment& environment);
Status runModelsList(const DataPaths& paths, const ModelsOptions& options,
                     CliEnvironment& environment);
Status runModelsInfo(const DataPaths& paths, const ModelsOptions& options,
                     CliEnvironment& environment);
Status runModelsVerify(const DataPaths& paths, const ModelsOptions& options,
                       CliEnvironment& environment);
Status runModelsExport(const DataPaths& paths, const ModelsOptions& options,
                       CliEnvironment& environment);
Status runModelsImportArchive(const DataPaths& paths, const ModelsOptions& options,
                              CliEnvironment& environment);
Status runModelsRemove(const DataPaths& paths, const ModelsOptions& options,
                       CliEnvironment& environment);

}  // namespace glowworm
