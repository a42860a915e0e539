// SPDX-License-Identifier: Apache-2.0
// What people call a model, made a bundle: "starter", an installed name, a bundle's path, or a GGUF
// file or Hugging Face folder, which is imported once into DATA/models. Where an import goes is
// told from the source's path, size and time of change, so the same source is found again and a
// changed one is imported anew. Shared by the window and the command line; no Qt. Any thread.
#pragma once

#include <functional>
#include <string>

#include "app/library/datapaths.h"
#include "core/base/controls.h"
#include "core/base/error.h"
#include "core/import/importer.h"

namespace glowworm {

struct ModelChoice {
    std::string bundle;  // where the bundle is, or will be once it is imported
    std::string name;    // for people
    std::string source;  // what must be imported first; "" where the bundle is there
};

// kNotFound says what was looked for and what there is to choose from. Reads no model.
Result<ModelChoice> resolveModel(const DataPaths& paths, const std::string& model);

using ImportFunction =
    std::function<Result<Manifest>(const ImportOptions&, const ProgressSink&, const StopFlag&)>;

// Imports what `choice` needs and returns the bundle's path; at once where nothing is needed. One
// import at a time on this data folder: waits for another process's (obeying `stop`), and takes
// what that made if it was the same.
Result<std::string> ensureImported(const DataPaths& paths, const ModelChoice& choice,
                                   const ImportFunction& import, const ProgressSink& progress,
                                   const StopFlag& stop);

// The same for an import that a person set up: options.source, name and dtype are given,
// bundle_dir is options.name's place in the library; a name that is taken is refused.
Result<std::string> importNamed(const DataPaths& paths, ImportOptions options,
                                const ImportFunction& import, const ProgressSink& progress,
                                const StopFlag& stop);

// Takes an installed bundle away: it is hidden at once, so that none is ever seen half removed.
Status removeModel(const DataPaths& paths, const std::string& name);

}  // namespace glowworm
