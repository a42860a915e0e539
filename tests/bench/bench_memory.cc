// SPDX-License-Identifier: Apache-2.0
// bench memory: does the process stay under its budget while that moves? The budget jumps up and
// down 20 times while an answer is generated; after each token the resident set, and the bundle's
// pages in the page cache, are held against it.
#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "core/import/synthetic_model.h"
#include "tests/bench/child.h"
#include "tests/bench/models.h"
#include "tests/bench/options.h"
#include "tests/bench/table.h"
#include "tests/bench/tables.h"

namespace glowworm::bench {

namespace {

constexpr uint32_t kContext = 384, kMoves = 20, kTokensAMove = 6;

struct Watch {
    double above_max = -1e18;  // bytes above the budget, of all tokens
    double cached_max = 0;
    double below_mean = 0;
    uint32_t tokens = 0;
};

// A different place between the smallest and the largest each time, far apart.
uint64_t budgetAt(uint32_t move, uint64_t least, uint64_t most) {
    const uint64_t steps = move * 7U % kMoves;
    return least + (most - least) * steps / (kMoves - 1);
}

int child(const std::string& bundle) {
    const uint64_t own = statusBytes("VmRSS:");
    const auto info = inspectBundle(bundle, kContext);
    if (!info) return failed(info.error());
    const uint64_t least = info->budget_bytes_min, most = info->budget_bytes_max;
    auto session = openBundle(bundle, budgetAt(0, least, most), kContext);
    if (!session) return failed(session.error());
    GenerateRequest request;
    request.raw_prompt = "ba be bi bo";
    request.max_tokens = kMoves * kTokensAMove;
    request.ignore_end = true;
    Controls controls;
    Watch watch;
    GenerateSink sink;
    sink.token = [&](const TokenEvent& event) {
        const auto cached = static_cast<double>(bundleCached(bundle));
        const double held = static_cast<double>(statusBytes("VmRSS:")) + cached;
        const double above = held - static_cast<double>(own) -
                             static_cast<double>(event.stats.budget_bytes);
        watch.above_max = std::max(watch.above_max, above);
        watch.cached_max = std::max(watch.cached_max, cached);
        watch.below_mean -= above / request.max_tokens;
        const uint32_t move = ++watch.tokens / kTokensAMove;
        if (move < kMoves) controls.budget_bytes = budgetAt(move, least, most);
    };
    if (const auto done = (*session)->generate(request, sink, controls); !done) {
        return failed(done.error());
    }
    const nlohmann::json report{{"own", own},
                                {"least", least},
                                {"most", most},
                                {"above", watch.above_max},
                                {"cached", watch.cached_max},
                                {"below", watch.below_mean},
                                {"tokens", watch.tokens}};
    std::printf("%s\n", report.dump().c_str());
    return 0;
}

Status modelRow(const std::string& name, const std::string& bundle, Table& table) {
    dropPageCache();
    ASSIGN_OR_RETURN(const nlohmann::json r,
                     runChild(ownProgram() + " memory --child " + bundle));
    const auto mb = [&](const char* key) { return number(r[key].get<double>() / 1e6, 1); };
    table.row({name, std::to_string(kMoves), mb("least"), mb("most"), mb("own"), mb("above"),
               mb("below"), mb("cached"),
               r["above"].get<double>() <= static_cast<double>(kAllowedBytes) ? "yes" : "no"});
    return {};
}

Status allModels(std::span<const std::string> args, Table& table) {
    if (const auto named = option(args, "--model")) return modelRow(*named, *named, table);
    const std::string folder = benchFolder() + "/memory-opt-1.3b";
    std::filesystem::remove_all(folder);
    ASSIGN_OR_RETURN(const SyntheticShape shape, syntheticShape("opt-1.3b"));
    StopFlag stop;
    ASSIGN_OR_RETURN(const Manifest m, writeSynthetic(folder, shape, {}, nullptr, stop));
    const Status status = modelRow("opt-1.3b (planted)", folder, table);
    std::filesystem::remove_all(folder);
    RETURN_IF_ERROR(status);
    ASSIGN_OR_RETURN(const std::string gguf, starterGguf());
    ASSIGN_OR_RETURN(const std::string starter,
                     importedModel(gguf, "starter", StreamChoice::kAuto));
    return modelRow("starter", starter, table);
}

}  // namespace

int benchMemory(std::span<const std::string> args) {
    if (const auto bundle = option(args, "--child")) return child(*bundle);
    Table table("Memory while the budget moves (resident set and page cache of the bundle)",
                {"model", "moves", "least MB", "most MB", "program MB", "above budget MB",
                 "mean below MB", "page cache MB", "within 8 MB"});
    const Status status = allModels(args, table);
    if (!status) return failed(status.error());
    table.note("above budget: the largest excess over the budget of the moment plus the program's "
               "own size, over " + std::to_string(kMoves * kTokensAMove) + " tokens");
    table.print(has(args, "--json"));
    return 0;
}

}  // namespace glowworm::bench
