// SPDX-License-Identifier: Apache-2.0
// bench predictors: SVD, trained and sketch side by side on held-out text, layer by layer at equal
// bytes, then with the bytes shared among the layers; and what each is worth in perplexity.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>

#include "core/base/bytes.h"
#include "core/train/layer_rows.h"
#include "core/train/layer_truth.h"
#include "core/train/rank_plan.h"
#include "core/train/stored_scores.h"
#include "core/train/thresholds.h"
#include "core/train/train_predictors.h"
#include "tests/bench/heldout.h"
#include "tests/bench/models.h"
#include "tests/bench/options.h"
#include "tests/bench/table.h"
#include "tests/bench/tables.h"

namespace glowworm::bench {

namespace {

constexpr double kRecall = 0.95;
constexpr uint32_t kHeldOutTokens = 4096;
constexpr size_t kPerplexityBytes = 12000;

// False positives where the line is drawn at the recall on this very text, so that kinds compare.
double falsePositives(const std::vector<float>& scores, const LayerTruth& truth) {
    ThresholdFinder finder;
    for (size_t t = 0; t < truth.tokens(); ++t) {
        for (size_t n = 0; n < truth.neurons(); ++n) {
            const uint8_t level = truth.token(t)[n];
            finder.add(scores[t * truth.neurons() + n], LayerTruth::contribution(level),
                       level != 0);
        }
    }
    const auto found = finder.find(std::numeric_limits<double>::max(), kRecall);
    return static_cast<double>(found.false_positive_rate);
}

// Each row of the gate in so few bits as fit: evenly spaced levels, one scale a row (F16).
std::vector<float> sketchRows(std::vector<float> rows, uint32_t hidden, uint64_t bytes_max,
                              uint32_t& bits) {
    const uint64_t count = rows.size() / hidden;
    const uint64_t spare = bytes_max > 2 * count ? bytes_max - 2 * count : 0;
    bits = static_cast<uint32_t>(std::clamp<uint64_t>(spare * 8 / rows.size(), 1, 8));
    const auto levels = static_cast<float>(1U << bits);
    for (uint64_t r = 0; r < count; ++r) {
        float* row = rows.data() + r * hidden;
        double power = 0;
        for (uint32_t c = 0; c < hidden; ++c) power += static_cast<double>(row[c] * row[c]);
        // Steps at which evenly spaced levels lose least of a normal distribution, nearly.
        const float reach = bits == 1 ? 1.6F : bits == 2 ? 2.0F : 2.4F;
        const auto spread = static_cast<float>(std::sqrt(power / hidden));
        const float step = std::max(2 * reach * spread / levels, 1e-12F);
        for (uint32_t c = 0; c < hidden; ++c) {
            const float place = std::floor(row[c] / step) + 0.5F;
            row[c] = step * std::clamp(place, -levels / 2 + 0.5F, levels / 2 - 0.5F);
        }
    }
    return rows;
}

// Scores of a calibrated bundle's own predictor, as the engine computes them.
std::vector<float> bundleScores(ModelSession& session, LayerId layer, const std::vector<float>& x,
                                uint32_t tokens) {
    const ModelConfig& config = session.config();
    std::vector<float> scores(size_t{tokens} * config.ff_width);
    std::vector<std::byte> scratch(InputRows::bytesNeeded(1, config.hidden));
    for (size_t t = 0; t < tokens; ++t) {
        InputRows in{x.data() + t * config.hidden, 1, config.hidden, scratch.data()};
        session.backend().prepare(in);
        session.model().predictor->score(layer, in, 0, scores.data() + t * config.ff_width,
                                         session.backend().pool());
    }
    return scores;
}

// One table: a calibrated bundle's layers against an SVD and a sketch of the same bytes.
Status layerTable(const std::string& title, const std::string& bundle, const TrainReport& report,
                  const ReadText& seen, bool json) {
    ASSIGN_OR_RETURN(const ReadText held, readTextThrough(bundle, heldOutText(), kHeldOutTokens));
    ModelSession& session = *held.session;
    const ModelConfig& config = session.config();
    const uint32_t tokens = held.inputs->tokens();
    ThreadPool& pool = session.backend().pool();
    Table table(title, {"layer", "exact zeros", "rank", "bytes", "SVD", "trained", "sketch",
                        "sketch bits"});
    std::vector<float> x, x_seen, gate;
    for (uint32_t l = 0; l < config.layers; ++l) {
        const TrainedLayer& layer = report.layers[l];
        held.inputs->decode(LayerId(l), x);
        seen.inputs->decode(LayerId(l), x_seen);
        RETURN_IF_ERROR(readGateRows(session, LayerId(l), gate));
        ASSIGN_OR_RETURN(const LayerTruth truth,
                         LayerTruth::read(session, LayerId(l), 0, x, tokens));
        const LowRankFactors svd = fitLowRank(gate.data(), config.ff_width, config.hidden,
                                              x_seen.data(), seen.inputs->tokens(), layer.rank,
                                              pool);
        const Dtype dtype = dtypeFromName(layer.dtype).value_or(Dtype::kQ8_0);
        const float* bias =
            config.gated ? nullptr : session.model().weights.layers[l].up_bias;
        std::vector<float> scores;
        lowRankScores(svd, dtype, bias, x.data(), tokens, config.hidden, scores, pool);
        const double of_svd = falsePositives(scores, truth);
        const double of_trained =
            falsePositives(bundleScores(session, LayerId(l), x, tokens), truth);
        uint32_t bits = 0;
        const auto rows = sketchRows(gate, config.hidden, layer.bytes, bits);
        projectStored(Dtype::kF32, rows.data(), config.ff_width, config.hidden, bias, x.data(),
                      tokens, scores, pool);
        table.row({std::to_string(l), percent(truth.zeroShare()),
                   std::to_string(layer.rank) + " " + layer.dtype, formatBytes(layer.bytes),
                   percent(of_svd), percent(of_trained) + (layer.trained ? "" : " (SVD kept)"),
                   percent(falsePositives(scores, truth)), std::to_string(bits)});
    }
    table.note("false positives at 95 % recall, the line drawn on the held-out text itself; the "
               "sketch is the gate's rows in as many bits as fit");
    table.print(json);
    return {};
}

Result<std::vector<std::string>> perplexityRow(const std::string& name, const std::string& bundle,
                                               bool exact, double& of_exact) {
    ASSIGN_OR_RETURN(const auto session, openBundle(bundle, 0, 1024));
    std::string text = heldOutText();
    text.resize(std::min(text.size(), kPerplexityBytes));
    Controls controls;
    ASSIGN_OR_RETURN(const auto result, session->perplexity(text, exact, nullptr, controls));
    if (exact) of_exact = result.perplexity;
    const auto total = static_cast<double>(result.totals.total_neurons);
    ASSIGN_OR_RETURN(const Bundle opened, Bundle::open(bundle));
    return std::vector<std::string>{
        name, exact ? "-" : formatBytes(opened.manifest().predictors.front().bytes),
        number(result.perplexity, 3), number((result.perplexity / of_exact - 1) * 100, 2) + " %",
        percent(static_cast<double>(result.totals.active_neurons) / total),
        percent(static_cast<double>(result.totals.fired_neurons) / total),
        number(result.totals.predictor_ms * 1000 / static_cast<double>(result.tokens), 0)};
}

Status tables(const std::string& base, uint32_t tokens, bool json) {
    TrainOptions options;
    options.text = calibrationText();
    options.tokens_max = tokens;
    StopFlag stop;
    ASSIGN_OR_RETURN(const ReadText seen, readTextThrough(base, options.text, tokens));
    options.rank = usualRank(seen.session->config(), 0);
    ASSIGN_OR_RETURN(const std::string even, copyOf(base, "predictors-even"));
    ASSIGN_OR_RETURN(const std::string shared, copyOf(base, "predictors-shared"));
    ASSIGN_OR_RETURN(const TrainReport even_report, trainPredictors(even, options, nullptr, stop));
    options.rank = 0;
    ASSIGN_OR_RETURN(const TrainReport report, trainPredictors(shared, options, nullptr, stop));
    if (report.kind != "low-rank") {
        return fail(ErrorCode::kInvalidArgument,
                    base + " has no low-rank predictors: the table is about ReLU models");
    }
    RETURN_IF_ERROR(layerTable("false positives at 95 % recall, every layer the same rank", even,
                               even_report, seen, json));
    RETURN_IF_ERROR(layerTable("false positives at 95 % recall, the same total of bytes shared "
                               "among the layers", shared, report, seen, json));
    Table table("perplexity on held-out text",
                {"predictor", "bytes", "perplexity", "against exact", "neurons computed", "fired",
                 "predictor us"});
    double of_exact = 0;
    ASSIGN_OR_RETURN(auto row, perplexityRow("exact", base, true, of_exact));
    table.row(row);
    ASSIGN_OR_RETURN(row, perplexityRow("SVD, as imported", base, false, of_exact));
    table.row(row);
    ASSIGN_OR_RETURN(row, perplexityRow("trained, even ranks", even, false, of_exact));
    table.row(row);
    ASSIGN_OR_RETURN(row, perplexityRow("trained, bytes shared", shared, false, of_exact));
    table.row(row);
    table.note("calibrated on " + std::to_string(report.tokens) + " tokens in " +
               number(even_report.seconds, 0) + " s and " + number(report.seconds, 0) +
               " s; the aim is 95 % recall at 7 % false positives or fewer, perplexity within 1 %");
    table.print(json);
    std::error_code ignored;
    std::filesystem::remove_all(even, ignored);
    std::filesystem::remove_all(shared, ignored);
    return {};
}

Status run(std::span<const std::string> args) {
    const auto named = option(args, "--model");
    std::string base = named.value_or("");
    if (!named) {
        ASSIGN_OR_RETURN(base, importedModel(reluFixture(), "relu-llama", StreamChoice::kAuto));
    }
    const uint32_t count = countOption(args, "--tokens", 32768);
    return tables(base, count, has(args, "--json"));
}

}  // namespace

int benchPredictors(std::span<const std::string> args) {
    const Status status = run(args);
    return status ? 0 : failed(status.error());
}

}  // namespace glowworm::bench
