// SPDX-License-Identifier: Apache-2.0
#include "app/cli/openmodel.h"

#include <charconv>

#include "app/cli/progressline.h"
#include "app/library/machinememo.h"
#include "core/base/bytes.h"

namespace glowworm {

namespace {

ReaderChoice readerOf(const std::string& name) {
    if (name == "uring") return ReaderChoice::kUring;
    if (name == "pread") return ReaderChoice::kPread;
    if (name == "memory") return ReaderChoice::kMemory;
    return ReaderChoice::kAuto;
}

Techniques techniquesOf(const ModelOptions& options) {
    Techniques techniques = options.baseline == "naive"    ? Techniques::naive()
                            : options.baseline == "hybrid" ? Techniques::hybrid()
                                                           : Techniques{};
    for (const std::string& name : options.without) {
        if (name == "persistence") techniques.persistence = false;
        if (name == "predictor") techniques.predictor = false;
        if (name == "window") techniques.window = false;
        if (name == "frequency") techniques.frequency = false;
        if (name == "manager") techniques.manager = false;
        if (name == "prefetch") techniques.prefetch = false;
        if (name == "direct-io") techniques.direct_io = false;
    }
    return techniques;
}

}  // namespace

Result<uint32_t> parseWindow(const std::string& text) {
    if (text == "auto") return kWindowAuto;
    uint32_t tokens = 0;
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, tokens);
    if (error != std::errc() || stop != end || tokens == 0) {
        return fail(ErrorCode::kInvalidArgument,
                    "\"" + text + "\" is no window: a number of tokens from 1 on, or auto");
    }
    return tokens;
}

Result<std::string> findBundle(const DataPaths& paths, const std::string& model,
                               CliEnvironment& environment) {
    ASSIGN_OR_RETURN(const ModelChoice choice, resolveModel(paths, model));
    ProgressLine line(environment);
    return ensureImported(paths, choice, environment.import, line.sink(),
                          environment.controls.stop);
}

Result<std::unique_ptr<Session>> openModel(const DataPaths& paths, const ModelOptions& options,
                                           CliEnvironment& environment) {
    OpenOptions open;
    if (!options.budget.empty()) {
        ASSIGN_OR_RETURN(open.budget_bytes, parseBytes(options.budget));
    }
    ASSIGN_OR_RETURN(open.window_tokens, parseWindow(options.window));
    environment.controls.window_tokens = open.window_tokens;
    ASSIGN_OR_RETURN(open.bundle, findBundle(paths, options.model, environment));
    open.context_tokens = options.context;
    open.threads = options.threads;
    open.reader = readerOf(options.reader);
    open.predictor = options.predictor;
    open.techniques = techniquesOf(options);
    open.reading = MachineMemo(environment.machineFile).tuningFor(open.bundle);
    ProgressLine line(environment);
    return environment.openSession(open, line.sink(), environment.controls.stop);
}

}  // namespace glowworm
