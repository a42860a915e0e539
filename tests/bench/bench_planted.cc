// SPDX-License-Identifier: Apache-2.0
// bench planted: do synthetic models show what is published for the models whose shape they have?
// Writes one, runs it with a window of five tokens and no other limit, and counts.
#include <filesystem>

#include "core/base/bytes.h"
#include "core/import/synthetic_model.h"
#include "tests/bench/models.h"
#include "tests/bench/options.h"
#include "tests/bench/table.h"
#include "tests/bench/tables.h"

namespace glowworm::bench {

namespace {

constexpr uint32_t kContext = 384, kTokens = 64, kWarm = 16, kWindow = 5;

Result<Measured> run(const std::string& bundle, bool exact, uint64_t& cache_bytes) {
    // A little less than everything: a cache that holds all neurons never lets one go.
    ASSIGN_OR_RETURN(const ModelInfo info, inspectBundle(bundle, kContext));
    const uint64_t budget = info.budget_bytes_max - (info.budget_bytes_max >> 6);
    ASSIGN_OR_RETURN(const auto session, openBundle(bundle, exact ? 0 : budget, kContext));
    ASSIGN_OR_RETURN(Measured m, measure(*session, "ba be bi bo", kTokens, kWarm, exact,
                                               exact ? kWindowAuto : kWindow));
    cache_bytes = session->memory().neuron_cache_used;
    return m;
}

Status shapeRow(const std::string& name, std::span<const std::string> args, Table& table) {
    ASSIGN_OR_RETURN(SyntheticShape shape, syntheticShape(name));
    if (const auto layers = option(args, "--layers")) {
        shape.config.layers = static_cast<uint32_t>(std::stoul(*layers));
    }
    SyntheticOptions options;
    options.dtype = dtypeFromName(option(args, "--dtype").value_or("f16")).value_or(Dtype::kF16);
    const std::string bundle = benchFolder() + "/planted-" + name;
    StopFlag stop;
    std::filesystem::remove_all(bundle);
    ASSIGN_OR_RETURN(const Manifest m, writeSynthetic(bundle, shape, options, nullptr, stop));
    uint64_t cache_bytes = 0;
    ASSIGN_OR_RETURN(const Measured sparse, run(bundle, false, cache_bytes));
    const uint64_t window_bytes = cache_bytes;
    ASSIGN_OR_RETURN(const Measured exact, run(bundle, true, cache_bytes));
    const auto tokens = static_cast<double>(sparse.tokens);
    const auto total = static_cast<double>(sparse.sum.total_neurons);
    const auto share = [&](uint64_t count) { return static_cast<double>(count) / total; };
    const auto neurons = static_cast<double>(m.neurons_bytes);
    double foretold = 0;
    for (const LayerCalibration& layer : m.predictors[0].layers) {
        foretold += static_cast<double>(layer.active_share) / shape.config.layers;
    }
    table.row({name, formatBytes(m.neurons_bytes + m.resident_bytes),
               std::to_string(shape.config.layers), percent(share(exact.sum.fired_neurons)),
               percent(share(sparse.sum.fired_neurons)), percent(share(sparse.sum.active_neurons)),
               percent(foretold), percent(static_cast<double>(window_bytes) / neurons),
               percent(share(sparse.sum.misses)),
               number(sparse.sum.time_ms / tokens, 1)});
    std::filesystem::remove_all(bundle);
    return {};
}

}  // namespace

int benchPlanted(std::span<const std::string> args) {
    Table table("Synthetic models, a window of five tokens (planted)",
                {"shape", "size", "layers", "fire", "fire, predicted", "read", "read, planted",
                 "window of 5", "new per token", "ms/token"});
    for (const char* name : {"opt-6.7b", "falcon-7b", "relu-llama-7b"}) {
        const auto only = option(args, "--shape");
        if (only && *only != name) continue;
        const Status status = shapeRow(name, args, table);
        if (!status) return failed(status.error());
    }
    table.note("published: OPT-6.7B 3.3 % fire, 10 % read, 24 % in five tokens, 2.4 % new; Falcon "
               "5 % fire; Llama 2 by ProSparse 10.7 % fire");
    table.print(has(args, "--json"));
    return 0;
}

}  // namespace glowworm::bench
