// SPDX-License-Identifier: Apache-2.0
// calibrate: better predictors, and on request another order on flash, from a text.
#include <algorithm>
#include <format>
#include <thread>

#include <nlohmann/json.hpp>

#include "app/cli/commands.h"
#include "app/cli/jsonlines.h"
#include "app/cli/openmodel.h"
#include "app/cli/progressline.h"
#include "app/cli/textfile.h"
#include "core/base/bytes.h"

namespace glowworm {

namespace {

using Json = nlohmann::ordered_json;

Json effectJson(const TrainedEffect& effect) {
    return {{"predictor_bytes", effect.bytes},
            {"predictor_ms", effect.predictor_ms},
            {"neurons_computed", effect.neurons},
            {"perplexity", effect.perplexity}};
}

std::string reportJson(const std::string& bundle, const TrainReport& report) {
    Json layers = Json::array();
    for (const TrainedLayer& layer : report.layers) {
        layers.push_back({{"rank", layer.rank},
                          {"dtype", layer.dtype},
                          {"bytes", layer.bytes},
                          {"trained", layer.trained},
                          {"recall", layer.recall},
                          {"precision", layer.precision},
                          {"false_positives", layer.false_positives},
                          {"false_positives_svd", layer.false_positives_before},
                          {"active_share", layer.active_share},
                          {"zero_share", layer.zero_share}});
    }
    const Json json = {{"path", bundle},
                       {"predictor", report.kind},
                       {"tokens", report.tokens},
                       {"resumed", report.resumed},
                       {"ordered", report.ordered},
                       {"seconds", report.seconds},
                       {"perplexity_exact", report.perplexity_exact},
                       {"before", effectJson(report.before)},
                       {"after", effectJson(report.after)},
                       {"layers", std::move(layers)}};
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void printLayers(std::ostream& out, const TrainReport& report) {
    out << "layer  rank          bytes   recall  precision  false positives  with the SVD\n";
    for (size_t l = 0; l < report.layers.size(); ++l) {
        const TrainedLayer& layer = report.layers[l];
        const std::string rank =
            layer.rank == 0 ? "-" : std::format("{} {}", layer.rank, layer.dtype);
        out << std::format("{:>5}  {:<9} {:>9}  {:>5.1f} %    {:>5.1f} %          {:>5.2f} %"
                           "       {:>5.2f} %{}\n",
                           l, rank, formatBytes(layer.bytes), 100 * layer.recall,
                           100 * layer.precision, 100 * layer.false_positives,
                           100 * layer.false_positives_before, layer.trained ? "" : "  kept");
    }
}

void printEffect(std::ostream& out, const char* when, const TrainedEffect& effect, double exact) {
    out << std::format("{:<7} predictor {:>9}, {:.2f} ms a token; {:.0f} neurons a token; "
                       "perplexity {:.3f} ({:+.2f} % of exact)\n",
                       when, formatBytes(effect.bytes), effect.predictor_ms, effect.neurons,
                       effect.perplexity, 100 * (effect.perplexity / exact - 1));
}

void printReport(std::ostream& out, const std::string& bundle, const TrainReport& report) {
    printLayers(out, report);
    out << std::format("on the end of the text, not trained on; exact perplexity {:.3f}\n",
                       report.perplexity_exact);
    printEffect(out, "before", report.before, report.perplexity_exact);
    printEffect(out, "after", report.after, report.perplexity_exact);
    out << std::format("{} has its new predictor ({}; {} tokens, {:.0f} s{}{}).\n", bundle,
                       report.kind, report.tokens, report.seconds,
                       report.resumed ? ", taken up where an earlier run had stopped" : "",
                       report.ordered ? "; its neurons lie in a new order" : "");
}

}  // namespace

Status runCalibrate(const DataPaths& paths, const CalibrateOptions& options,
                    CliEnvironment& environment) {
    TrainOptions train;
    ASSIGN_OR_RETURN(train.text, readTextFile(options.text));
    train.recall = options.recall;
    train.rank = options.rank;
    train.minutes = options.minutes;
    train.tokens_max = options.tokens;
    train.order = options.order;
    train.threads =
        options.threads > 0 ? options.threads : std::max(1U, std::thread::hardware_concurrency());
    ASSIGN_OR_RETURN(const std::string bundle, findBundle(paths, options.model, environment));
    ProgressLine progress(environment);
    ASSIGN_OR_RETURN(const TrainReport report,
                     environment.calibrate(bundle, train, progress.sink(),
                                           environment.controls.stop));
    progress.clear();
    if (options.json) environment.out << reportJson(bundle, report) << '\n';
    else printReport(environment.out, bundle, report);
    environment.out << std::flush;
    return {};
}

}  // namespace glowworm
