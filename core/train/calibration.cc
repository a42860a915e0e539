// SPDX-License-Identifier: Apache-2.0
#include "core/train/calibration.h"

#include <algorithm>
#include <cmath>

#include "core/bundle/bundle_writer.h"
#include "core/engine/model_info.h"
#include "core/sparsity/activation.h"
#include "core/sparsity/predictor_file.h"
#include "core/train/layer_pass.h"
#include "core/train/layer_rows.h"
#include "core/train/low_rank_fit.h"
#include "core/train/rank_plan.h"
#include "core/train/recorder.h"
#include "core/train/stored_scores.h"
#include "core/train/thresholds.h"

namespace glowworm {

namespace {

constexpr uint64_t kRecordingBytesMax = uint64_t{512} << 20;
constexpr uint32_t kThresholdTokensMax = 512;

class Calibrator {
  public:
    Calibrator(ModelSession& session, const CalibrationOptions& options,
               const ProgressSink& progress, const StopFlag& stop)
        : session_(session),
          options_(options),
          progress_(progress),
          stop_(stop),
          config_(session.config()),
          recorder_(config_, recordedTokensMax(config_, options)) {}

    Result<Calibration> run() {
        RETURN_IF_ERROR(record());
        const uint32_t tokens = recorder_.tokens();
        ASSIGN_OR_RETURN(pass_, LayerPass::create(session_, tokens));
        entry_.kind = kind();
        counts_ = FiringCounts::ofShape(config_, tokens);
        for (uint32_t l = 0; l < config_.layers; ++l) {
            if (stop_.requested()) return fail(ErrorCode::kCancelled, "stopped");
            report("finding the active neurons", 0.5 + 0.5 * l / config_.layers);
            recorder_.decode(LayerId(l), x_);
            RETURN_IF_ERROR(pass_->activations(LayerId(l), x_, tokens, stop_));
            RETURN_IF_ERROR(scoreLayer(LayerId(l), tokens));
            calibrateLayer(LayerId(l), tokens);
        }
        if (stop_.requested()) return fail(ErrorCode::kCancelled, "stopped");
        return finish();
    }

  private:
    static uint32_t recordedTokensMax(const ModelConfig& config,
                                      const CalibrationOptions& options) {
        const uint64_t fits = kRecordingBytesMax / InputRecorder::bytesNeeded(config, 1);
        return static_cast<uint32_t>(
            std::min<uint64_t>(std::max<uint64_t>(fits, 64), std::max(options.tokens_max, 1U)));
    }

    [[nodiscard]] bool resident() const {
        return session_.model().weights.layers[0].up.data != nullptr;
    }
    [[nodiscard]] bool relu() const { return config_.activation == FfnActivation::kRelu; }
    [[nodiscard]] std::string kind() const {
        if (resident()) return "resident";
        return relu() ? "low-rank" : "sketch";
    }

    void report(std::string_view stage, double fraction) {
        if (progress_) progress_({stage, fraction});
    }

    Status record();
    Status scoreLayer(LayerId layer, uint32_t tokens);
    Status scoreLowRank(LayerId layer, uint32_t tokens);
    Status scoreSketch(LayerId layer, uint32_t tokens);
    void calibrateLayer(LayerId layer, uint32_t tokens);
    void addPairs(LayerId layer, uint32_t tokens, const float* scores, float matters_above,
                  ThresholdFinder& finder);
    [[nodiscard]] float zeroShare(uint32_t tokens) const;
    void countFirings(LayerId layer, uint32_t tokens, float contribution_threshold);
    Result<Calibration> finish();
    [[nodiscard]] const LayerWeights& weights(LayerId layer) const {
        return session_.model().weights.layers[layer.value()];
    }

    ModelSession& session_;
    const CalibrationOptions& options_;
    const ProgressSink& progress_;
    const StopFlag& stop_;
    const ModelConfig& config_;
    InputRecorder recorder_;
    std::unique_ptr<LayerPass> pass_;
    PredictorFileBuilder builder_;
    PredictorEntry entry_;
    FiringCounts counts_;
    std::vector<float> x_;       // [tokens, hidden] of the present layer
    std::vector<float> w_, up_;  // scratch: rows of a matrix, up projections
    std::vector<float> scores_;  // [tokens, ff_width] of the present layer; empty: contributions
};

// Runs the text through the model densely, with the recorder looking on.
Status Calibrator::record() {
    const auto tokens = session_.tokenize(options_.text, false);
    if (tokens.empty()) {
        return fail(ErrorCode::kInvalidArgument, "the calibration text is empty");
    }
    const size_t count = std::min<size_t>(recordedTokensMax(config_, options_), tokens.size());
    session_.setObserver(&recorder_);
    const auto relay = [&](const Progress& progress) {
        report("reading the calibration text", progress.fraction * 0.5);
    };
    const Status status =
        session_.readThrough(std::span(tokens).first(count), relay, stop_);
    session_.setObserver(nullptr);
    return status;
}

Status Calibrator::scoreLayer(LayerId layer, uint32_t tokens) {
    if (resident()) return {};
    return relu() ? scoreLowRank(layer, tokens) : scoreSketch(layer, tokens);
}

Status Calibrator::scoreLowRank(LayerId layer, uint32_t tokens) {
    RETURN_IF_ERROR(readGateRows(session_, layer, w_));
    const LowRankFactors factors =
        fitLowRank(w_.data(), config_.ff_width, config_.hidden, x_.data(), tokens,
                   usualRank(config_, layer.value()), session_.backend().pool());
    const Dtype dtype = usualFactorDtype(config_);
    builder_.add(layer, PredictorRole::kReduce, dtype, factors.rank, config_.hidden,
                 factors.reduce.data());
    builder_.add(layer, PredictorRole::kExpand, dtype, config_.ff_width, factors.rank,
                 factors.expand.data());
    const float* bias = config_.gated ? nullptr : weights(layer).up_bias;
    lowRankScores(factors, dtype, bias, x_.data(), tokens, config_.hidden, scores_,
                  session_.backend().pool());
    return {};
}

Status Calibrator::scoreSketch(LayerId layer, uint32_t tokens) {
    const Dtype dtype = config_.hidden % 32 == 0 ? Dtype::kQ4_0 : Dtype::kF16;
    const auto store = [&](PredictorRole role, const float* bias, std::vector<float>& y) {
        builder_.add(layer, role, dtype, config_.ff_width, config_.hidden, w_.data());
        projectStored(dtype, w_.data(), config_.ff_width, config_.hidden, bias, x_.data(), tokens,
                      y, session_.backend().pool());
    };
    RETURN_IF_ERROR(readUpRows(session_, layer, w_));
    store(PredictorRole::kUpRows, weights(layer).up_bias, config_.gated ? up_ : scores_);
    if (config_.gated) {
        RETURN_IF_ERROR(readGateRows(session_, layer, w_));
        store(PredictorRole::kGateRows, nullptr, scores_);
    }
    activateNeurons(config_, scores_.data(), config_.gated ? up_.data() : nullptr,
                    scores_.size());
    const float* norm = weights(layer).down_norm;
    for (size_t i = 0; i < scores_.size(); ++i) {
        scores_[i] = std::abs(scores_[i]) * norm[i % config_.ff_width];
    }
    return {};
}

// Adds one layer's pairs, tokens spread over the text since neighbours are alike. `score` null: the
// contribution is its own score.
void Calibrator::addPairs(LayerId layer, uint32_t tokens, const float* scores, float matters_above,
                          ThresholdFinder& finder) {
    const float* norm = weights(layer).down_norm;
    const uint32_t width = config_.ff_width;
    const uint32_t used = std::min(tokens, kThresholdTokensMax);
    for (uint32_t i = 0; i < used; ++i) {
        const size_t t = size_t{i} * tokens / used;
        const float* value = pass_->values(t);
        const float scale = contributionScale(value, norm, width);
        for (uint32_t n = 0; n < width; ++n) {
            const float contribution = std::abs(value[n]) * norm[n];
            const float score = scores == nullptr ? contribution : scores[t * width + n];
            finder.add(score, contribution * scale, contribution > matters_above);
        }
    }
}

void Calibrator::calibrateLayer(LayerId layer, uint32_t tokens) {
    const double loss = relu() ? options_.loss_share_relu : options_.loss_share_silu;
    // With ReLU what fires is what matters, exactly; else the contribution decides.
    // That needs no search where a predictor's scores are at hand.
    LayerCalibration truth;
    if (!relu() || scores_.empty()) {
        ThresholdFinder own;
        addPairs(layer, tokens, nullptr, 0, own);
        truth = own.find(relu() ? 0 : loss);
    }
    LayerCalibration result = truth;
    // Resident rows: the score is the contribution itself: all above the line is found, no more.
    result.recall = result.precision = 1;
    result.false_positive_rate = 0;
    if (!scores_.empty()) {
        ThresholdFinder predicted;
        const float matters_above = relu() ? 0 : truth.threshold;
        addPairs(layer, tokens, scores_.data(), matters_above, predicted);
        result = predicted.find(loss, options_.recall_min);
    }
    result.contribution_threshold = relu() ? 0 : truth.threshold;
    result.zero_share = zeroShare(tokens);
    countFirings(layer, tokens, result.contribution_threshold);
    entry_.layers.push_back(result);
}

float Calibrator::zeroShare(uint32_t tokens) const {
    size_t zeros = 0;
    for (uint32_t t = 0; t < tokens; ++t) {
        const float* value = pass_->values(t);
        for (uint32_t n = 0; n < config_.ff_width; ++n) zeros += value[n] == 0;
    }
    return static_cast<float>(static_cast<double>(zeros) /
                              (static_cast<double>(tokens) * config_.ff_width));
}

void Calibrator::countFirings(LayerId layer, uint32_t tokens, float contribution_threshold) {
    const float* norm = weights(layer).down_norm;
    const std::span<uint32_t> counts = counts_.layer(layer);
    for (uint32_t t = 0; t < tokens; ++t) {
        const float* value = pass_->values(t);
        for (uint32_t n = 0; n < config_.ff_width; ++n) {
            counts[n] += std::abs(value[n]) * norm[n] > contribution_threshold;
        }
    }
}

Result<Calibration> Calibrator::finish() {
    const std::string& folder = session_.model().bundle.folder();
    Calibration done;
    done.tokens = counts_.tokens;
    done.predictor.kind = entry_.kind;
    if (!resident()) {
        ASSIGN_OR_RETURN(done.predictor, writePredictorFile(folder, entry_.kind, builder_.finish(),
                                                            options_.naming));
    }
    done.predictor.layers = std::move(entry_.layers);
    ASSIGN_OR_RETURN(done.firing, writeFiringCounts(folder, counts_, options_.naming));
    return done;
}

}  // namespace

Result<Calibration> makePredictor(const std::string& bundle_folder,
                                  const CalibrationOptions& options, const ProgressSink& progress,
                                  const StopFlag& stop) {
    constexpr uint32_t kContext = 1024;
    ASSIGN_OR_RETURN(const Bundle bundle, Bundle::open(bundle_folder));
    const auto& predictors = bundle.manifest().predictors;
    const PredictorEntry* present = predictors.empty() ? nullptr : &predictors.front();
    OpenOptions open;
    open.bundle = bundle_folder;
    open.context_tokens = kContext;
    open.threads = static_cast<uint32_t>(std::max<size_t>(options.threads, 1));
    open.budget_bytes =
        memoryNeeds(bundle.manifest(), present, kContext, open.threads).budgetBytesMin();
    ASSIGN_OR_RETURN(auto session, openModelSession(open, nullptr, stop));
    return Calibrator(*session, options, progress, stop).run();
}

}  // namespace glowworm
