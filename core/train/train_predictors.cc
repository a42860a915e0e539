// SPDX-License-Identifier: Apache-2.0
#include "core/train/train_predictors.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "core/base/clock.h"
#include "core/bundle/bundle_writer.h"
#include "core/text/utf8.h"
#include "core/train/calibration.h"
#include "core/train/low_rank_training.h"
#include "core/train/order_neurons.h"
#include "core/train/reorder.h"

namespace glowworm {

namespace {

namespace fs = std::filesystem;

constexpr size_t kJudgedTextBytes = 12000;  // of the text's end, for perplexities
constexpr uint32_t kPerplexityContext = 1024;

class Training {
  public:
    Training(std::string bundle, const TrainOptions& options, const ProgressSink& progress,
             const StopFlag& stop)
        : bundle_(std::move(bundle)), options_(options), progress_(progress), stop_(stop) {}

    Result<TrainReport> run();

  private:
    ProgressSink part(double from, double to) const {
        return [this, from, to](const Progress& p) {
            if (progress_) progress_({p.stage, from + (to - from) * p.fraction});
        };
    }
    Status checkText() const;
    Status checkFolder() const;
    Result<Calibration> calibrate(const Manifest& manifest);
    Result<TrainedEffect> effect(const Manifest& manifest, bool exact, const ProgressSink& sink);
    bool learns(const Manifest& manifest) const;
    void describeLayers(const Calibration& done);
    Status install(Calibration done);

    std::string bundle_;
    const TrainOptions& options_;
    const ProgressSink& progress_;
    const StopFlag& stop_;
    TrainReport report_;
    std::unique_ptr<CalibrationWork> work_;
};

Status Training::checkText() const {
    const std::string& text = options_.text;
    if (text.empty()) return fail(ErrorCode::kInvalidArgument, "the calibration text is empty");
    if (text.find('\0') != std::string::npos || !isValidUtf8(text)) {
        return fail(ErrorCode::kInvalidArgument,
                    "the calibration text is no text in UTF-8; give one that is like what the "
                    "model will read and write");
    }
    return {};
}

Status Training::checkFolder() const {
    const std::string folder = fs::path(bundle_).lexically_normal().string();
    const std::string parent = fs::path(folder).parent_path().string();
    for (const std::string& path : {folder, parent.empty() ? "." : parent}) {
        if (::access(path.c_str(), W_OK) != 0) {
            return std::unexpected(systemError("write in", path, errno));
        }
    }
    return {};
}

bool Training::learns(const Manifest& manifest) const {
    return manifest.config.activation == FfnActivation::kRelu && manifest.record.up.bytes != 0;
}

// ReLU models with rows on flash learn; for the others the kind they have is judged anew.
Result<Calibration> Training::calibrate(const Manifest& manifest) {
    if (learns(manifest) || options_.order) {
        ASSIGN_OR_RETURN(work_, CalibrationWork::open(bundle_, options_, part(0.05, 0.3), stop_));
        report_.resumed = work_->job->resumed();
    }
    if (learns(manifest)) {
        LowRankTraining training(bundle_, options_, *work_, part(0.3, 0.8), stop_);
        ASSIGN_OR_RETURN(LowRankTraining::Made made, training.run());
        report_.layers = std::move(made.layers);
        report_.tokens = made.calibration.tokens;
        return std::move(made.calibration);
    }
    CalibrationOptions options;
    options.text = options_.text;
    options.threads = options_.threads;
    options.tokens_max = std::min(options_.tokens_max, CalibrationOptions().tokens_max);
    options.recall_min = options_.recall;
    options.naming = FileNaming::kByChecksum;
    ASSIGN_OR_RETURN(Calibration done,
                     makePredictor(bundle_, options, part(0.3, 0.8), stop_));
    report_.tokens = done.tokens;
    describeLayers(done);
    return done;
}

void Training::describeLayers(const Calibration& done) {
    for (const LayerCalibration& layer : done.predictor.layers) {
        TrainedLayer told;
        told.bytes = done.predictor.bytes / done.predictor.layers.size();
        told.recall = static_cast<double>(layer.recall);
        told.precision = static_cast<double>(layer.precision);
        told.false_positives = told.false_positives_before =
            static_cast<double>(layer.false_positive_rate);
        told.active_share = static_cast<double>(layer.active_share);
        told.zero_share = static_cast<double>(layer.zero_share);
        report_.layers.push_back(told);
    }
}

// The end of the text, which no training sees.
Result<TrainedEffect> Training::effect(const Manifest& manifest, bool exact,
                                       const ProgressSink& sink) {
    TrainedEffect effect;
    OpenOptions open;
    const auto entry = std::ranges::find_if(manifest.predictors, [&](const PredictorEntry& p) {
        return learns(manifest) ? p.kind == "low-rank" : p.kind == "sketch" || p.kind == "resident";
    });
    if (entry != manifest.predictors.end()) {
        effect.bytes = entry->bytes;
        open.predictor = entry->kind;
    }
    open.bundle = bundle_;
    open.context_tokens = kPerplexityContext;
    open.threads = options_.threads;
    ASSIGN_OR_RETURN(const auto session, openSession(open, nullptr, stop_));
    std::string_view text = options_.text;
    if (text.size() > kJudgedTextBytes) text.remove_prefix(text.size() - kJudgedTextBytes);
    while (!text.empty() && (static_cast<unsigned char>(text.front()) & 0xC0U) == 0x80U) {
        text.remove_prefix(1);
    }
    Controls controls;
    const auto relay = [&](const Progress& p) {
        if (stop_.requested()) controls.stop.request();
        if (sink) sink({"measuring perplexity", p.fraction});
    };
    relay({"", 0});
    ASSIGN_OR_RETURN(const PerplexityResult result,
                     session->perplexity(text, exact, relay, controls));
    if (stop_.requested()) return fail(ErrorCode::kCancelled, "stopped");
    const auto tokens = static_cast<double>(result.tokens);
    effect.perplexity = result.perplexity;
    effect.predictor_ms = result.totals.predictor_ms / tokens;
    effect.neurons = static_cast<double>(result.totals.active_neurons) / tokens;
    return effect;
}

Status Training::install(Calibration done) {
    ASSIGN_OR_RETURN(const Bundle bundle, Bundle::open(bundle_));
    Manifest manifest = bundle.manifest();
    // In the place of the one of its kind: a shadow that stands before it goes on doing so.
    const auto present = std::ranges::find(manifest.predictors, done.predictor.kind,
                                           &PredictorEntry::kind);
    if (present != manifest.predictors.end()) *present = std::move(done.predictor);
    else manifest.predictors.insert(manifest.predictors.begin(), std::move(done.predictor));
    manifest.firing = std::move(done.firing);
    RETURN_IF_ERROR(writeManifest(bundle_, manifest));
    removeUnnamedFiles(bundle_, manifest);
    return {};
}

Result<TrainReport> Training::run() {
    const auto begun = steadyClock().now();
    RETURN_IF_ERROR(checkText());
    ASSIGN_OR_RETURN(const Bundle bundle, Bundle::open(bundle_));
    RETURN_IF_ERROR(checkFolder());
    const Manifest& manifest = bundle.manifest();
    if (options_.order) RETURN_IF_ERROR(checkReorderable(manifest));
    ASSIGN_OR_RETURN(const TrainedEffect exact, effect(manifest, true, part(0, 0.02)));
    report_.perplexity_exact = exact.perplexity;
    ASSIGN_OR_RETURN(report_.before, effect(manifest, false, part(0.02, 0.05)));
    ASSIGN_OR_RETURN(Calibration done, calibrate(manifest));
    report_.kind = done.predictor.kind;
    Status installed = install(std::move(done));
    if (!installed) {
        removeUnnamedFiles(bundle_, manifest);
        return std::unexpected(installed.error());
    }
    ASSIGN_OR_RETURN(const Bundle present, Bundle::open(bundle_));
    ASSIGN_OR_RETURN(report_.after, effect(present.manifest(), false, part(0.8, 0.83)));
    if (options_.order) {
        RETURN_IF_ERROR(orderNeurons(bundle_, *work_, part(0.83, 1), stop_));
        report_.ordered = true;
    }
    if (work_) work_->job->remove();
    report_.seconds = std::chrono::duration<double>(steadyClock().now() - begun).count();
    return std::move(report_);
}

}  // namespace

Result<TrainReport> trainPredictors(const std::string& bundle, const TrainOptions& options,
                                    const ProgressSink& progress, const StopFlag& stop) {
    return Training(bundle, options, progress, stop).run();
}

}  // namespace glowworm
