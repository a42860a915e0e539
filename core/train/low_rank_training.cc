// SPDX-License-Identifier: Apache-2.0
#include "core/train/low_rank_training.h"

#include <algorithm>
#include <cmath>
#include <format>

#include "core/base/clock.h"
#include "core/sparsity/predictor_file.h"

namespace glowworm {

namespace {

using nlohmann::json;

constexpr double kPlannedAt = 0.15;  // of the whole, for the progress
constexpr uint32_t kTokensToPrice = 2048;

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

}  // namespace

// Measured on a few tokens: what each option's SVD would cost in each layer.
Status LowRankTraining::plan() {
    const ModelConfig& config = work_.session->config();
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
    const uint32_t stride = std::max(1U, work_.inputs->tokens() / kTokensToPrice);
    for (uint32_t l = 0; l < config.layers; ++l) {
        if (stop_.requested()) return fail(ErrorCode::kCancelled, "stopped");
        report(std::format("weighing layer {} of {}", l + 1, config.layers),
               kPlannedAt * l / config.layers);
        bytes += factorBytes(config, usualRank(config, l), dtype);
        const std::string name = numbered("price", l) + ".json";
        std::vector<RankOption> options = rankOptions(config);
        if (work_.job->has(name)) {
            ASSIGN_OR_RETURN(const json costs, work_.job->readJson(name));
            for (size_t i = 0; i < std::min(options.size(), costs.size()); ++i) {
                options[i].cost = costs[i].is_number() ? costs[i].get<double>() : 1;
            }
        } else {
            ASSIGN_OR_RETURN(auto work,
                             LowRankLayerWork::open(*work_.session, *work_.inputs, LayerId(l),
                                                    stride));
            work.price(options, options_.recall);
            json costs = json::array();
            for (const RankOption& option : options) costs.push_back(option.cost);
            RETURN_IF_ERROR(work_.job->writeJson(name, costs));
        }
        layers.push_back(std::move(options));
    }
    const std::vector<size_t> indices = chooseRanks(layers, bytes);
    for (size_t l = 0; l < layers.size(); ++l) chosen_.push_back(layers[l][indices[l]]);
    return {};
}

Status LowRankTraining::trainLayer(LayerId layer, double minutes) {
    const ModelConfig& config = work_.session->config();
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
    ASSIGN_OR_RETURN(auto work, LowRankLayerWork::open(*work_.session, *work_.inputs, layer, 1));
    ASSIGN_OR_RETURN(const LowRankLayer made, work.make(chosen_[layer.value()], options_.recall,
                                                        training, stop_));
    return keep(layer, made);
}

Status LowRankTraining::keep(LayerId layer, const LowRankLayer& made) {
    const ModelConfig& config = work_.session->config();
    PredictorFileBuilder builder;
    builder.add(layer, PredictorRole::kReduce, made.option.dtype, made.option.rank, config.hidden,
                made.factors.reduce.data());
    builder.add(layer, PredictorRole::kExpand, made.option.dtype, config.ff_width,
                made.option.rank, made.factors.expand.data());
    const std::string name = numbered("layer", layer.value());
    RETURN_IF_ERROR(work_.job->write(name + ".bin", builder.finish()));
    return work_.job->writeJson(name + ".json", {{"rank", made.option.rank},
                                            {"dtype", dtypeName(made.option.dtype)},
                                            {"bytes", made.option.bytes},
                                            {"trained", made.trained},
                                            {"svd", calibrationJson(made.svd)},
                                            {"chosen", calibrationJson(made.chosen)},
                                            {"firings", made.firings}});
}

Result<LowRankTraining::Made> LowRankTraining::gather() {
    const ModelConfig& config = work_.session->config();
    Made all;
    PredictorFileBuilder builder;
    FiringCounts counts = FiringCounts::ofShape(config, work_.inputs->tokens());
    std::vector<LayerCalibration> calibrations;
    for (uint32_t l = 0; l < config.layers; ++l) {
        const std::string name = numbered("layer", l);
        ASSIGN_OR_RETURN(auto bytes, work_.job->read(name + ".bin"));
        ASSIGN_OR_RETURN(const PredictorFile file, PredictorFile::open(std::move(bytes), name));
        for (const PredictorRole role : {PredictorRole::kReduce, PredictorRole::kExpand}) {
            ASSIGN_OR_RETURN(const MatrixView matrix, file.matrix(LayerId(l), role, 0, 0));
            builder.addStored(LayerId(l), role, matrix);
        }
        ASSIGN_OR_RETURN(const json made, work_.job->readJson(name + ".json"));
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
    all.calibration.tokens = work_.inputs->tokens();
    return all;
}

Result<LowRankTraining::Made> LowRankTraining::run() {
    RETURN_IF_ERROR(plan());
    const uint32_t layers = work_.session->config().layers;
    const auto begun = steadyClock().now();
    for (uint32_t l = 0; l < layers; ++l) {
        if (stop_.requested()) return fail(ErrorCode::kCancelled, "stopped");
        if (work_.job->has(numbered("layer", l) + ".json")) continue;
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
                    work_.job->folder() + " is damaged; remove it and calibrate again");
    }
    return made;
}

}  // namespace glowworm
