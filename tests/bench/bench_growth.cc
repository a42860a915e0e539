// SPDX-License-Identifier: Apache-2.0
// bench growth: how cost grows with size. Q4_0 shapes from 1 to 30 billion parameters, each with
// half of its bytes as budget: time per token against the bytes that a token touches.
#include <cstdio>
#include <filesystem>

#include "core/base/bytes.h"
#include "core/engine/machine_probe.h"
#include "core/import/synthetic_model.h"
#include "core/io/file.h"
#include "tests/bench/child.h"
#include "tests/bench/models.h"
#include "tests/bench/options.h"
#include "tests/bench/table.h"
#include "tests/bench/tables.h"

namespace glowworm::bench {

namespace {

constexpr uint32_t kContext = 384, kTokens = 40, kWarm = 16;

Status shapeRow(const std::string& name, Dtype dtype, Table& table) {
    ASSIGN_OR_RETURN(const SyntheticShape shape, syntheticShape(name));
    RETURN_IF_ERROR(makeFolders(benchFolder()));
    const std::string bundle = benchFolder() + "/growth-" + name;
    std::filesystem::remove_all(bundle);
    std::fprintf(stderr, "writing %s\n", name.c_str());
    SyntheticOptions options;
    options.dtype = dtype;
    StopFlag stop;
    ASSIGN_OR_RETURN(const Manifest m, writeSynthetic(bundle, shape, options, nullptr, stop));
    DiskProbeOptions disk;
    disk.file = bundle + "/neurons.bin";
    ASSIGN_OR_RETURN(const MachineProfile machine, probeMachine(disk, 0, nullptr, stop));
    ASSIGN_OR_RETURN(const ModelInfo info, inspectBundle(bundle, kContext));
    const uint64_t budget = std::max(info.budget_bytes_min, info.bundle_bytes / 2);
    ASSIGN_OR_RETURN(const Forecast told, foretell(bundle, budget, kContext, machine));
    ASSIGN_OR_RETURN(const auto session, openBundle(bundle, budget, kContext));
    ASSIGN_OR_RETURN(const Measured run, measure(*session, "ba be bi bo", kTokens, kWarm, false));
    const auto tokens = static_cast<double>(run.tokens);
    const double ms = run.sum.time_ms / tokens;
    const double active = static_cast<double>(told.touched_bytes) / 1e9;
    const double read = static_cast<double>(run.sum.read_bytes) / tokens;
    const uint64_t one_read = run.sum.read_bytes / std::max<uint64_t>(run.sum.reads, 1);
    const double floor_ms =
        std::max(told.memory_ms, 1e3 * read / machine.disk.bytesPerSecond(one_read));
    table.row({name, number(static_cast<double>(info.bundle_bytes) / 1e9, 2),
               number(static_cast<double>(budget) / 1e9, 2), number(active, 2),
               number(read / 1e6, 1), percent(run.sum.hitRate()), number(ms, 1),
               number(ms / active, 0), number(floor_ms, 1), number(ms / floor_ms, 2),
               number(told.token_ms, 1)});
    std::filesystem::remove_all(bundle);
    return {};
}

}  // namespace

int benchGrowth(std::span<const std::string> args) {
    const std::string spelling = option(args, "--dtype").value_or("q4_0");
    Table table("How cost grows: " + spelling + ", half of the bytes as budget (planted)",
                {"shape", "GB", "budget GB", "GB touched", "MB read", "hit rate", "ms/token",
                 "ms per GB touched", "bound ms", "of the bound", "foretold ms"});
    const auto only = option(args, "--shape");
    for (const char* name : {"relu-llama-1b", "relu-llama-3b", "relu-llama-7b", "relu-llama-13b",
                             "relu-llama-30b"}) {
        if (only && *only != name) continue;
        const Status status =
            shapeRow(name, dtypeFromName(spelling).value_or(Dtype::kQ4_0), table);
        if (!status) return failed(status.error());
    }
    table.note("bound: the larger of the bytes touched at memory's bandwidth and the bytes read at "
               "the disk's for reads of that size, both measured in this run");
    table.print(has(args, "--json"));
    return 0;
}

}  // namespace glowworm::bench
