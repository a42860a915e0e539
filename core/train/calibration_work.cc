// SPDX-License-Identifier: Apache-2.0
#include "core/train/calibration_work.h"

#include <algorithm>
#include <format>

#include "core/base/bytes.h"
#include "core/bundle/checksum.h"
#include "core/engine/model_info.h"

namespace glowworm {

namespace {

constexpr uint64_t kRecordingBytesMax = uint64_t{4} << 30;

std::vector<TokenId> textTokens(const ModelSession& session, const TrainOptions& options) {
    std::vector<TokenId> tokens = session.tokenize(options.text, false);
    const uint64_t fits = kRecordingBytesMax / RecordedInputs::bytesNeeded(session.config(), 1);
    tokens.resize(std::min({tokens.size(), size_t{options.tokens_max},
                            static_cast<size_t>(std::max<uint64_t>(fits, kTrainTokensMin))}));
    return tokens;
}

// Nothing is begun that cannot be ended for want of room.
Status checkSpace(const std::string& bundle, const CalibrationJob& job, const Manifest& manifest,
                  uint64_t tokens, bool order) {
    uint64_t needed = job.resumed() ? 0 : RecordedInputs::bytesNeeded(manifest.config, tokens);
    if (order) {
        needed += manifest.resident_bytes + manifest.neurons_bytes + manifest.tokenizer_bytes +
                  uint64_t{manifest.config.layers} * manifest.config.ff_width * 4;
    }
    ASSIGN_OR_RETURN(const uint64_t free, freeBytes(job.folder()));
    if (free >= needed) return {};
    return fail(ErrorCode::kNoSpace, "calibrating takes " + formatBytes(needed) + " beside " +
                                         bundle + ", where " + formatBytes(free) +
                                         " are free; make room" +
                                         (order ? " or leave the neurons in their order"
                                                : " or give a shorter text"));
}

}  // namespace

Result<std::unique_ptr<CalibrationWork>> CalibrationWork::open(const std::string& bundle,
                                                               const TrainOptions& options,
                                                               const ProgressSink& progress,
                                                               const StopFlag& stop) {
    ASSIGN_OR_RETURN(const Bundle opened, Bundle::open(bundle));
    const Manifest& manifest = opened.manifest();
    OpenOptions open;
    open.bundle = bundle;
    open.context_tokens = RecordedInputs::windowTokens(manifest.config);
    open.threads = std::max(options.threads, 1U);
    const PredictorEntry* entry =
        manifest.predictors.empty() ? nullptr : &manifest.predictors.front();
    open.budget_bytes =
        memoryNeeds(manifest, entry, open.context_tokens, open.threads).budgetBytesMin();
    auto work = std::make_unique<CalibrationWork>();
    ASSIGN_OR_RETURN(work->session, openModelSession(open, nullptr, stop));
    const std::vector<TokenId> tokens = textTokens(*work->session, options);
    if (tokens.size() < kTrainTokensMin) {
        return fail(ErrorCode::kInvalidArgument,
                    std::format("the calibration text has {} tokens; it needs {} at least, and "
                                "some ten thousand to learn from",
                                tokens.size(), kTrainTokensMin));
    }
    const nlohmann::json description = {{"weights", manifest.hash},
                                        {"text", checksumText(checksumOf(options.text))},
                                        {"tokens", tokens.size()},
                                        {"recall", options.recall},
                                        {"rank", options.rank},
                                        {"minutes", options.minutes}};
    ASSIGN_OR_RETURN(CalibrationJob job, CalibrationJob::open(bundle, description));
    work->job.emplace(std::move(job));
    if (Status room = checkSpace(bundle, *work->job, manifest, tokens.size(), options.order);
        !room) {
        if (!work->job->resumed()) work->job->remove();
        return std::unexpected(room.error());
    }
    ASSIGN_OR_RETURN(RecordedInputs inputs, RecordedInputs::record(*work->session, *work->job,
                                                                   tokens, progress, stop));
    work->inputs.emplace(std::move(inputs));
    return work;
}

}  // namespace glowworm
