// SPDX-License-Identifier: Apache-2.0
// From the options to an open session: the model found, imported if need be, opened, with progress.
#pragma once

#include "app/cli/clienvironment.h"
#include "app/cli/clioptions.h"

namespace glowworm {

// A MODEL as typed: the bundle's path; imports on first use.
Result<std::string> findBundle(const DataPaths& paths, const std::string& model,
                               CliEnvironment& environment);
Result<std::unique_ptr<Session>> openModel(const DataPaths& paths, const ModelOptions& options,
                                           CliEnvironment& environment);

// "auto" or a number of tokens.
Result<uint32_t> parseWindow(const std::string& text);

}  // namespace glowworm
