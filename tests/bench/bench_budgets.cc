// SPDX-License-Identifier: Apache-2.0
// bench budgets: the papers' own path on real activations. Sparsity and predictor by layer, exact
// against sparse perplexity on held-out text, and three budgets from the smallest to everything.
#include <algorithm>

#include "core/bundle/bundle_reader.h"
#include "tests/bench/models.h"
#include "tests/bench/options.h"
#include "tests/bench/table.h"
#include "tests/bench/tables.h"

namespace glowworm::bench {

namespace {

constexpr uint32_t kContext = 1024;
constexpr uint32_t kTokens = 96, kWarm = 24;
constexpr size_t kHeldOutBytes = 12000;

Status layerTable(const std::string& name, const std::string& bundle, bool json) {
    ASSIGN_OR_RETURN(const Bundle opened, Bundle::open(bundle));
    const Manifest& manifest = opened.manifest();
    if (manifest.predictors.empty()) return {};
    const PredictorEntry& predictor = manifest.predictors.front();
    Table table(name + ": layers, predictor '" + predictor.kind + "' of " +
                    number(static_cast<double>(predictor.bytes) / 1e6, 2) +
                    " MB, on the calibration text",
                {"layer", "exact zeros", "read", "recall", "false positives", "precision"});
    for (size_t l = 0; l < predictor.layers.size(); ++l) {
        const LayerCalibration& c = predictor.layers[l];
        const auto share = [](float value) { return percent(static_cast<double>(value)); };
        table.row({std::to_string(l), share(c.zero_share), share(c.active_share), share(c.recall),
                   share(c.false_positive_rate), share(c.precision)});
    }
    if (predictor.kind == "resident") {
        table.note("gate and up rows are resident, so the score is exact; what lies below the "
                   "contribution threshold is left out");
    }
    table.print(json);
    return {};
}

Status perplexityTable(const std::string& name, const std::string& bundle, bool json) {
    ASSIGN_OR_RETURN(const auto session, openBundle(bundle, 0, kContext));
    std::string text = readText(std::string(SOURCE_DIR) + "/tests/fixtures/heldout.txt");
    text.resize(std::min(text.size(), kHeldOutBytes));
    Table table(name + ": perplexity on held-out text",
                {"mode", "perplexity", "against exact", "tokens", "neurons computed", "fired"});
    double exact_perplexity = 0;
    for (const bool exact : {true, false}) {
        Controls controls;
        ASSIGN_OR_RETURN(const auto result, session->perplexity(text, exact, nullptr, controls));
        if (exact) exact_perplexity = result.perplexity;
        const auto total = static_cast<double>(result.totals.total_neurons);
        table.row({exact ? "exact" : "sparse", number(result.perplexity, 3),
                   number((result.perplexity / exact_perplexity - 1) * 100, 2) + " %",
                   std::to_string(result.tokens),
                   percent(static_cast<double>(result.totals.active_neurons) / total),
                   percent(static_cast<double>(result.totals.fired_neurons) / total)});
    }
    table.print(json);
    return {};
}

Status budgetTable(const std::string& name, const std::string& bundle, bool json) {
    ASSIGN_OR_RETURN(const ModelInfo info, inspectBundle(bundle, kContext));
    Table table(name + ": generating at three budgets",
                {"budget MB", "cache MB", "hit rate", "KB read/token", "reads/token", "tokens/s",
                 "ms/token", "waiting", "window"});
    const uint64_t range = info.budget_bytes_max - info.budget_bytes_min;
    for (const uint64_t budget : {info.budget_bytes_min + range / 10,
                                  info.budget_bytes_min + range / 2, info.budget_bytes_max}) {
        ASSIGN_OR_RETURN(const auto session, openBundle(bundle, budget, kContext));
        ASSIGN_OR_RETURN(const Measured m,
                         measure(*session, "The old house by the river", kTokens, kWarm, false));
        const auto n = static_cast<double>(m.tokens);
        const MemoryBreakdown memory = session->memory();
        table.row({number(static_cast<double>(budget) / 1e6, 1),
                   number(static_cast<double>(memory.neuron_cache_used) / 1e6, 1),
                   percent(m.sum.hitRate()),
                   number(static_cast<double>(m.sum.read_bytes) / n / 1e3, 1),
                   number(static_cast<double>(m.sum.reads) / n, 0),
                   number(n * 1000 / m.sum.time_ms, 1), number(m.sum.time_ms / n, 2),
                   percent(m.sum.flash_wait_ms / m.sum.time_ms),
                   std::to_string(m.sum.window_tokens)});
    }
    table.print(json);
    return {};
}

Status model(const std::string& name, const std::string& bundle, bool json) {
    RETURN_IF_ERROR(layerTable(name, bundle, json));
    RETURN_IF_ERROR(perplexityTable(name, bundle, json));
    return budgetTable(name, bundle, json);
}

}  // namespace

int benchBudgets(std::span<const std::string> args) {
    const bool json = has(args, "--json");
    return forEachModel(args, StarterKind::kBoth,
                        [&](const std::string& title, const std::string& bundle) {
                            return model(title, bundle, json);
                        });
}

}  // namespace glowworm::bench
