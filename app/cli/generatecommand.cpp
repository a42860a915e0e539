// SPDX-License-Identifier: Apache-2.0
#include <fstream>

#include "app/cli/answerstream.h"
#include "app/cli/commands.h"
#include "app/cli/jsonlines.h"
#include "app/cli/openmodel.h"

namespace glowworm {

namespace {

Status writeCurve(const std::string& path, const WorkingSetCurve& curve) {
    std::ofstream file(path);
    file << curveJson(curve) << '\n' << std::flush;
    if (file) return {};
    return fail(ErrorCode::kIo, "the curve could not be written to " + path +
                                    "; see that its folder exists and has room");
}

}  // namespace

Status runGenerate(const DataPaths& paths, const GenerateOptions& options,
                   CliEnvironment& environment) {
    const bool fromInput = options.prompt == "-" || !options.promptGiven;
    const std::string prompt = fromInput ? environment.in.readAll() : options.prompt;
    if (prompt.empty()) return fail(ErrorCode::kInvalidArgument, "the prompt is empty");
    ASSIGN_OR_RETURN(const auto session, openModel(paths, options.model, environment));

    GenerateRequest request;
    if (options.raw) {
        request.raw_prompt = prompt;
    } else {
        if (!options.system.empty()) {
            request.messages.push_back({Message::Role::kSystem, options.system});
        }
        request.messages.push_back({Message::Role::kUser, prompt});
    }
    request.sampling = options.sampling;
    request.max_tokens = options.maxTokens;
    request.exact = options.model.exact;

    AnswerStream answer(environment, options.json);
    ASSIGN_OR_RETURN(const GenerateSummary summary, answer.run(*session, request));
    if (options.json) {
        environment.out << summaryJson(summary) << '\n' << std::flush;
    } else if (environment.errIsTerminal) {
        environment.err << answer.figures().line() << '\n' << std::flush;
    }
    if (!options.curveFile.empty()) {
        RETURN_IF_ERROR(writeCurve(options.curveFile, session->curve()));
    }
    if (!environment.out) return fail(ErrorCode::kIo, "standard output was closed");
    if (summary.finish == FinishReason::kStopped) return fail(ErrorCode::kCancelled, "stopped");
    return {};
}

}  // namespace glowworm
