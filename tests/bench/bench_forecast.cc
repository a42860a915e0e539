// SPDX-License-Identifier: Apache-2.0
// bench forecast: is a model's speed foretold rightly before it is loaded? The machine is measured
// as the window measures it; four budgets are foretold from the manifest, then run.
#include <algorithm>
#include <cmath>
#include <vector>

#include "core/engine/machine_probe.h"
#include "tests/bench/models.h"
#include "tests/bench/options.h"
#include "tests/bench/table.h"
#include "tests/bench/tables.h"

namespace glowworm::bench {

namespace {

constexpr uint32_t kContext = 1024;
constexpr uint32_t kTokens = 128;
constexpr uint32_t kBudgets = 4;
constexpr const char* kPrompt = "The old house by the river";

std::string megabytes(double bytes, int digits) { return number(bytes / 1e6, digits); }

Result<MachineProfile> machineOf(const std::string& bundle) {
    DiskProbeOptions disk;
    disk.folder = benchFolder();
    disk.file = bundle + "/neurons.bin";
    const StopFlag stop;
    return probeMachine(disk, 0, nullptr, stop);
}

Status model(const std::string& name, const std::string& bundle, uint32_t tokens, bool json) {
    ASSIGN_OR_RETURN(const MachineProfile machine, machineOf(bundle));
    ASSIGN_OR_RETURN(const ForecastBasis basis, forecastBasis(bundle, kContext, 0));
    Table table(name + ": foretold from its manifest and the machine probe, then measured",
                {"budget MB", "hits foretold", "hits", "MB/token foretold", "MB/token",
                 "ms foretold", "ms", "foretold/measured", "waiting"});
    double worst = 0;
    for (uint32_t i = 0; i < kBudgets; ++i) {
        const uint64_t budget =
            basis.budget_bytes_min +
            (basis.budget_bytes_max - basis.budget_bytes_min) * i / (kBudgets - 1);
        const Forecast told = foretell(basis, budget, machine);
        OpenOptions options;
        options.bundle = bundle;
        options.budget_bytes = budget;
        options.context_tokens = kContext;
        options.reading = machine.disk.tuning;
        const StopFlag stop;
        ASSIGN_OR_RETURN(const auto session, openSession(options, nullptr, stop));
        ASSIGN_OR_RETURN(const Measured run, measure(*session, kPrompt, tokens, tokens / 3, false));
        const auto count = static_cast<double>(run.tokens);
        const double ms = run.sum.time_ms / count;
        const double ratio = told.token_ms / ms;
        worst = std::max(worst, std::abs(std::log2(ratio)));
        table.row({megabytes(static_cast<double>(budget), 1), percent(told.hit_rate),
                   percent(run.sum.hitRate()),
                   megabytes(static_cast<double>(told.read_bytes), 2),
                   megabytes(static_cast<double>(run.sum.read_bytes) / count, 2),
                   number(told.token_ms, 2), number(ms, 2), number(ratio, 2),
                   percent(run.sum.flash_wait_ms / run.sum.time_ms)});
    }
    table.note("memory " + number(machine.memory_bytes_per_s / 1e9, 1) + " GB/s; disk " +
               number(machine.disk.bytesPerSecond(basis.record_bytes) / 1e9, 2) +
               " GB/s at records of " + std::to_string(basis.record_bytes) + " bytes, " +
               std::to_string(machine.disk.tuning.depth) + " in flight; furthest off by a factor " +
               number(std::exp2(worst), 2));
    table.print(json);
    return {};
}

}  // namespace

int benchForecast(std::span<const std::string> args) {
    const bool json = has(args, "--json");
    const uint32_t tokens = countOption(args, "--tokens", kTokens);
    return forEachModel(args, StarterKind::kBoth,
                        [&](const std::string& title, const std::string& bundle) {
                            return model(title, bundle, tokens, json);
                        });
}

}  // namespace glowworm::bench
