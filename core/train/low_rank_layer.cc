// SPDX-License-Identifier: Apache-2.0
#include "core/train/low_rank_layer.h"

#include <algorithm>
#include <limits>

#include "core/train/layer_rows.h"
#include "core/train/stored_scores.h"
#include "core/train/thresholds.h"

namespace glowworm {

namespace {

constexpr size_t kPairsToPrice = size_t{1} << 19;
constexpr size_t kPairsToJudge = size_t{4} << 20;

}  // namespace

Result<LowRankLayerWork> LowRankLayerWork::open(ModelSession& session,
                                                const RecordedInputs& inputs, LayerId layer,
                                                uint32_t stride) {
    const ModelConfig& config = session.config();
    LowRankLayerWork work(session, layer);
    RETURN_IF_ERROR(inputs.read(layer, work.x_));
    const uint32_t tokens = (inputs.tokens() + stride - 1) / stride;
    for (size_t t = 1; t < tokens && stride > 1; ++t) {
        std::copy_n(work.x_.data() + t * stride * config.hidden, config.hidden,
                    work.x_.data() + t * config.hidden);
    }
    work.x_.resize(size_t{tokens} * config.hidden);
    std::vector<float> up;
    RETURN_IF_ERROR(readGateRows(session, layer, work.gate_));
    if (config.gated) RETURN_IF_ERROR(readUpRows(session, layer, up));
    work.truth_ = LayerTruth::compute(session, layer, work.gate_, up, 0, work.x_.data(), tokens);
    return work;
}

const float* LowRankLayerWork::bias() const {
    const LayerWeights& weights = session_.model().weights.layers[layer_.value()];
    return session_.config().gated ? nullptr : weights.up_bias;
}

// The line drawn at the recall on tokens that were not trained on, spread over them.
LayerCalibration LowRankLayerWork::judge(const LowRankFactors& factors, Dtype dtype, double recall,
                                         size_t pairs_max) const {
    const uint32_t held_out = heldOut(truth_.tokens()), width = truth_.neurons();
    const uint32_t hidden = session_.config().hidden;
    const auto used = static_cast<uint32_t>(
        std::clamp<size_t>(pairs_max / width, 1, held_out));
    std::vector<float> x(size_t{used} * hidden), scores;
    std::vector<uint32_t> tokens(used);
    for (uint32_t i = 0; i < used; ++i) {
        tokens[i] = seen() + static_cast<uint32_t>(uint64_t{i} * held_out / used);
        std::copy_n(x_.data() + size_t{tokens[i]} * hidden, hidden,
                    x.data() + size_t{i} * hidden);
    }
    lowRankScores(factors, dtype, bias(), x.data(), used, hidden, scores,
                  session_.backend().pool());
    ThresholdFinder finder;
    for (uint32_t i = 0; i < used; ++i) {
        const uint8_t* levels = truth_.token(tokens[i]);
        for (uint32_t n = 0; n < width; ++n) {
            finder.add(scores[size_t{i} * width + n], LayerTruth::contribution(levels[n]),
                       levels[n] != 0);
        }
    }
    LayerCalibration found = finder.find(std::numeric_limits<double>::max(), recall);
    found.zero_share = static_cast<float>(truth_.zeroShare());
    return found;
}

void LowRankLayerWork::price(std::vector<RankOption>& options, double recall) {
    const uint32_t rank_max = std::ranges::max(options, {}, &RankOption::rank).rank;
    const ModelConfig& config = session_.config();
    const LowRankFactors all = fitLowRank(gate_.data(), config.ff_width, config.hidden, x_.data(),
                                          seen(), rank_max, session_.backend().pool());
    for (RankOption& option : options) {
        option.cost = static_cast<double>(
            judge(truncated(all, option.rank), option.dtype, recall, kPairsToPrice)
                .false_positive_rate);
    }
}

Result<LowRankLayer> LowRankLayerWork::make(const RankOption& option, double recall,
                                            const TrainingOptions& training,
                                            const StopFlag& stop) {
    const ModelConfig& config = session_.config();
    ThreadPool& pool = session_.backend().pool();
    LowRankLayer made;
    made.option = option;
    made.factors = fitLowRank(gate_.data(), config.ff_width, config.hidden, x_.data(), seen(),
                              option.rank, pool);
    made.svd = made.chosen = judge(made.factors, option.dtype, recall, kPairsToJudge);
    TrainingOptions options = training;
    options.dtype = option.dtype;
    ASSIGN_OR_RETURN(LowRankFactors trained,
                     trainLowRank(made.factors, bias(), made.svd.threshold, options, x_.data(),
                                  seen(), config.hidden, truth_, pool, stop));
    const LayerCalibration judged = judge(trained, option.dtype, recall, kPairsToJudge);
    if (judged.false_positive_rate < made.svd.false_positive_rate) {
        made.factors = std::move(trained);
        made.chosen = judged;
        made.trained = true;
    }
    made.firings.assign(config.ff_width, 0);
    for (uint32_t t = 0; t < truth_.tokens(); ++t) {
        const uint8_t* levels = truth_.token(t);
        for (uint32_t n = 0; n < config.ff_width; ++n) made.firings[n] += levels[n] != 0;
    }
    return made;
}

}  // namespace glowworm
