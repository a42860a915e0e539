// SPDX-License-Identifier: Apache-2.0
#include "core/train/low_rank_training.h"

#include <algorithm>
#include <cmath>
#include <format>

#include "core/base/bytes.h"
#include "core/base/clock.h"
#include "core/bundle/checksum.h"
#include "core/engine/model_info.h"
#include "core/sparsity/predictor_file.h"

namespace glowworm {

namespace {

using nlohmann::json;

constexpr double kRecordedAt = 0.3, kPlannedAt = 0.4;  // shares of the whole, for the progress
constexpr uint32_t kTokensToPrice = 2048;
constexpr uint64_t kRecordingBytesMax = uint64_t{4} << 30;

double minutesSince(std::chrono::nanoseconds begun) {
    return std::chrono::duration<double, std::ratio<60>>(steadyClock().now() - begun).count();
}

json calibrationJson(const LayerCalibration& c) {
    return {{"threshold", c.threshold},
            {"zero_share", c.zero_share},
            {"active_share", c.active_share},
            {"recall", c.recall},
            {"false_positive_rate", c.false_positive_rate},
            {"precision", c.precision}};
}

LayerCalibration calibrationFrom(const json& object) {
    LayerCalibration c;
    c.threshold = object.at("threshold").get<float>();
    c.zero_share = object.at("zero_share").get<float>();
    c.active_share = object.at("active_share").get<float>();
    c.recall = object.at("recall").get<float>();
    c.false_positive_rate = object.at("false_positive_rate").get<float>();
    c.precision = object.at("precision").get<float>();
    return c;
}

std::vector<TokenId> textTokens(const ModelSession& session, const TrainOptions& options) {
    std::vector<TokenId> tokens = session.tokenize(options.text, false);
    const uint64_t fits = kRecordingBytesMax / RecordedInputs::bytesNeeded(session.config(), 1);
    tokens.resize(std::min({tokens.size(), size_t{options.tokens_max},
                            static_cast<size_t>(std::max<uint64_t>(fits, kTrainTokensMin))}));
    return tokens;
}

}  // namespace

Status LowRankTraining::open() {
    ASSIGN_OR_RETURN(const Bundle bundle, Bundle::open(bundle_));
    const Manifest& manifest = bundle.manifest();
    OpenOptions open;
    open.bundle = bundle_;
    open.context_tokens = RecordedInputs::windowTokens(manifest.config);
    open.threads = std::max(options_.threads, 1U);
    const PredictorEntry* entry =
        manifest.predictors.empty() ? nullptr : &manifest.predictors.front();
    open.budget_bytes =
        memoryNeeds(manifest, entry, open.context_tokens, open.threads).budgetBytesMin();
    ASSIGN_OR_RETURN(session_, openModelSession(open, nullptr, stop_));
    const std::vector<TokenId> tokens = textTokens(*session_, options_);
    if (tokens.size() < kTrainTokensMin) {
        return fail(ErrorCode::kInvalidArgument,
                    std::format("the calibration text has {} tokens; it needs {} at least, and "
                                "some ten thousand to learn from",
                                tokens.size(), kTrainTokensMin));
    }
    const json description = {{"weights", manifest.hash},
                              {"text", checksumText(checksumOf(options_.text))},
                              {"tokens", tokens.size()},
                              {"recall", options_.recall},
                              {"rank", options_.rank},
                              {"minutes", options_.minutes}};
    ASSIGN_OR_RETURN(CalibrationJob job, CalibrationJob::open(bundle_, description));
    job_.emplace(std::move(job));
    const uint64_t needed = RecordedInputs::bytesNeeded(manifest.config, tokens.size());
    ASSIGN_OR_RETURN(const uint64_t free, freeBytes(job_->folder()));
    if (!job_->resumed() && free < needed) {
        job_->remove();
        return fail(ErrorCode::kNoSpace, "calibrating takes " + formatBytes(needed) + " beside " +
                                             bundle_ + ", where " + formatBytes(free) +
                                             " are free; make room or give a shorter text");
    }
    const auto relay = [this](const Progress& p) { report(p.stage, kRecordedAt * p.fraction); };
    ASSIGN_OR_RETURN(RecordedInputs inputs,
                     RecordedInputs::record(*session_, *job_, tokens, relay, stop_));
    inputs_.emplace(std::move(inputs));
    return {};
}

// Measured on a few tokens: what each option's SVD would cost in each layer.
Status LowRankTraining::plan() {
    const ModelConfig& config = session_->config();
    const Dtype dtype = usualFactorDtype(config);
    if (options_.rank > 0) {
        const uint32_t block = dtype == Dtype::kQ8_0 ? 32 : 1;
        const uint32_t rank =
            std::min((options_.rank + block - 1) / block * block, config.hidden);
        chosen_.assign(config.layers, {rank, dtype, factorBytes(config, rank, dtype), 0});
        return {};
    }
    uint64_t bytes = 0;
    std::vector<std::vector<RankOption>> layers;
    const uint32_t stride = std::max(1U, inputs_->tokens() / kTokensToPrice);
    for (uint32_t l = 0; l < config.layers; ++l) {
        if (stop_.requested()) return fail(ErrorCode::kCancelled, "stopped");
        report(std::format("weighing layer {} of {}", l + 1, config.layers),
               kRecordedAt + (kPlannedAt - kRecordedAt) * l / config.layers);
        bytes += factorBytes(config, usualRank(config, l), dtype);
        const std::string name = numbered("price", l) + ".json";
        std::vector<RankOption> options = rankOptions(config);
        if (job_->has(name)) {
            ASSIGN_OR_RETURN(const json costs, job_->readJson(name));
            for (size_t i = 0; i < std::min(options.size(), costs.size()); ++i) {
                options[i].cost = costs[i].is_number() ? costs[i].get<double>() : 1;
            }
        } else {
            ASSIGN_OR_RETURN(auto work,
                             LowRankLayerWork::open(*session_, *inputs_, LayerId(l), stride));
            work.price(options, options_.recall);
            json costs = json::array();
            for (const RankOption& option : options) costs.push_back(option.cost);
            RETURN_IF_ERROR(job_->writeJson(name, costs));
        }
        layers.push_back(std::move(options));
    }
    const std::vector<size_t> indices = chooseRanks(layers, bytes);
    for (size_t l = 0; l < layers.size(); ++l) chosen_.push_back(layers[l][indices[l]]);
    return {};
}

Status LowRankTraining::trainLayer(LayerId layer, double minutes) {
    const ModelConfig& config = session_->config();
    const std::string stage =
        std::format("training layer {} of {}", layer.value() + 1, config.layers);
    const auto begun = steadyClock().now();
    double told = -1;
    TrainingOptions training;
    training.pace = [&](double done) {
        const double over =
            minutes > 0 ? std::max(done, minutesSince(begun) / minutes) : done;
        if (over - told > 0.01) {
            told = over;
            report(stage, kPlannedAt + (1 - kPlannedAt) *
                                           (layer.value() + std::min(over, 1.0)) / config.layers);
        }
        return over;
    };
    ASSIGN_OR_RETURN(auto work, LowRankLayerWork::open(*session_, *inputs_, layer, 1));
    ASSIGN_OR_RETURN(const LowRankLayer made, work.make(chosen_[layer.value()], options_.recall,
                                                        training, stop_));
    return keep(layer, made);
}

Status LowRankTraining::keep(LayerId layer, const LowRankLayer& made) {
    const ModelConfig& config = session_->config();
    PredictorFileBuilder builder;
    builder.add(layer, PredictorRole::kReduce, made.option.dtype, made.option.rank, config.hidden,
                made.factors.reduce.data());
    builder.add(layer, PredictorRole::kExpand, made.option.dtype, config.ff_width,
                made.option.rank, made.factors.expand.data());
    const std::string name = numbered("layer", layer.value());
    RETURN_IF_ERROR(job_->write(name + ".bin", builder.finish()));
    return job_->writeJson(name + ".json", {{"rank", made.option.rank},
                                            {"dtype", dtypeName(made.option.dtype)},
                                            {"bytes", made.option.bytes},
                                            {"trained", made.trained},
                                            {"svd", calibrationJson(made.svd)},
                                            {"chosen", calibrationJson(made.chosen)},
                                            {"firings", made.firings}});
}

Result<LowRankTraining::Made> LowRankTraining::gather() {
    const ModelConfig& config = session_->config();
    Made all;
    all.tokens = inputs_->tokens();
    all.resumed = job_->resumed();
    PredictorFileBuilder builder;
    FiringCounts counts = FiringCounts::ofShape(config, all.tokens);
    std::vector<LayerCalibration> calibrations;
    for (uint32_t l = 0; l < config.layers; ++l) {
        const std::string name = numbered("layer", l);
        ASSIGN_OR_RETURN(auto bytes, job_->read(name + ".bin"));
        ASSIGN_OR_RETURN(const PredictorFile file, PredictorFile::open(std::move(bytes), name));
        for (const PredictorRole role : {PredictorRole::kReduce, PredictorRole::kExpand}) {
            ASSIGN_OR_RETURN(const MatrixView matrix, file.matrix(LayerId(l), role, 0, 0));
            builder.addStored(LayerId(l), role, matrix);
        }
        ASSIGN_OR_RETURN(const json made, job_->readJson(name + ".json"));
        const LayerCalibration svd = calibrationFrom(made.at("svd"));
        const LayerCalibration chosen = calibrationFrom(made.at("chosen"));
        calibrations.push_back(chosen);
        const auto share = [](float value) { return static_cast<double>(value); };
        all.layers.push_back({made.at("rank"), made.at("dtype"), made.at("bytes"),
                              made.at("trained"), share(chosen.recall), share(chosen.precision),
                              share(chosen.false_positive_rate), share(svd.false_positive_rate),
                              share(chosen.active_share), share(chosen.zero_share)});
        const auto firings = made.at("firings").get<std::vector<uint32_t>>();
        std::ranges::copy(firings, counts.layer(LayerId(l)).begin());
    }
    ASSIGN_OR_RETURN(all.calibration.predictor,
                     writePredictorFile(bundle_, "low-rank", builder.finish(),
                                        FileNaming::kByChecksum));
    all.calibration.predictor.layers = std::move(calibrations);
    ASSIGN_OR_RETURN(all.calibration.firing,
                     writeFiringCounts(bundle_, counts, FileNaming::kByChecksum));
    all.calibration.tokens = all.tokens;
    return all;
}

Result<LowRankTraining::Made> LowRankTraining::run() {
    RETURN_IF_ERROR(open());
    RETURN_IF_ERROR(plan());
    const uint32_t layers = session_->config().layers;
    const auto begun = steadyClock().now();
    for (uint32_t l = 0; l < layers; ++l) {
        if (stop_.requested()) return fail(ErrorCode::kCancelled, "stopped");
        if (job_->has(numbered("layer", l) + ".json")) continue;
        // What is left of the time, in equal parts; at least a breath.
        const double left = options_.minutes - minutesSince(begun);
        const double minutes = options_.minutes > 0 ? std::max(left, 1e-3) / (layers - l) : 0;
        RETURN_IF_ERROR(trainLayer(LayerId(l), minutes));
    }
    // What another program may have done to these files is no reason to end this one.
    Result<Made> made = fail(ErrorCode::kInvalidFile, "");
    try {
        made = gather();
    } catch (const json::exception&) {
        return fail(ErrorCode::kInvalidFile,
                    job_->folder() + " is damaged; remove it and calibrate again");
    }
    if (!made) return made;
    made->job = std::move(job_);
    return made;
}

}  // namespace glowworm
