// SPDX-License-Identifier: Apache-2.0
// bench stream: does it really stream? Each model runs 300 tokens in a process of its own, its page
// cache dropped before, under packaging/memcap at the budget plus the program's own size plus 8 MB.
// The child reports its resident set and what the kernel counts as read from the disk.
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "core/base/bytes.h"
#include "core/import/synthetic_model.h"
#include "tests/bench/child.h"
#include "tests/bench/models.h"
#include "tests/bench/options.h"
#include "tests/bench/table.h"
#include "tests/bench/tables.h"

namespace glowworm::bench {

namespace {

constexpr uint32_t kContext = 512;
constexpr uint32_t kTokens = 300;
using nlohmann::json;

int child(const std::string& bundle, uint64_t budget) {
    const uint64_t own = statusBytes("VmRSS:");
    auto session = openBundle(bundle, budget, kContext);
    if (!session) return failed(session.error());
    const uint64_t before = ioBytes("read_bytes:");
    const auto measured = measure(**session, "A river runs to the sea", kTokens, 0, false);
    if (!measured) return failed(measured.error());
    const uint64_t disk = ioBytes("read_bytes:") - before;
    const GenerateSummary& s = measured->summary;
    const json report{{"own", own},
                      {"resident", statusBytes("VmHWM:")},
                      {"disk", disk},
                      {"counted", s.prefill_read_bytes + s.decode_read_bytes},
                      {"tokens", s.tokens},
                      {"decode_ms", s.decode_ms},
                      {"decode_bytes", s.decode_read_bytes},
                      {"hit_rate", measured->sum.hitRate()},
                      {"memory", measured->sum.memory_bytes},
                      {"direct", (*session)->info().direct_io}};
    std::printf("%s\n", report.dump().c_str());
    return 0;
}

Status runModel(const std::string& name, const std::string& bundle, uint64_t budget,
                Table& table) {
    const std::string command =
        ownProgram() + " stream --child " + bundle + " --budget " + std::to_string(budget);
    // The program's own size: what it holds before a model is opened.
    const uint64_t own = statusBytes("VmRSS:");
    const uint64_t cap = budget + own + kAllowedBytes;
    dropPageCache();
    ASSIGN_OR_RETURN(const json r, runCapped(command, cap));
    const double mb = 1e6;
    const auto above = static_cast<double>(r["resident"].get<uint64_t>()) -
                       static_cast<double>(r["own"].get<uint64_t>()) -
                       static_cast<double>(budget);
    const auto disk = r["disk"].get<double>();
    const auto counted = r["counted"].get<double>();
    const auto tokens = r["tokens"].get<double>();
    table.row({name, number(static_cast<double>(budget) / mb, 1),
               number(static_cast<double>(cap) / mb, 1), number(above / mb, 1),
               std::to_string(r["tokens"].get<uint64_t>()), number(disk / mb, 1),
               number(counted / mb, 1), number((disk / counted - 1) * 100, 2) + " %",
               percent(r["hit_rate"].get<double>()),
               number(r["decode_bytes"].get<double>() / tokens / mb, 2),
               number(tokens * 1000 / r["decode_ms"].get<double>(), 2)});
    return {};
}

Status allModels(std::span<const std::string> args) {
    Table table("Streaming under a hard cap (page cache counted), cold, 300 tokens",
                {"model", "budget MB", "cap MB", "RSS above budget MB", "tokens",
                 "kernel read MB", "TokenStats MB", "difference", "hit rate", "MB/token",
                 "tokens/s"});
    const std::string folder = benchFolder() + "/synthetic-opt-1.3b";
    const bool made = !std::filesystem::exists(folder);
    if (made) {
        StopFlag stop;
        ASSIGN_OR_RETURN(const SyntheticShape shape, syntheticShape("opt-1.3b"));
        std::fprintf(stderr, "writing a synthetic bundle of the shape of OPT-1.3B\n");
        ASSIGN_OR_RETURN(const Manifest manifest, writeSynthetic(folder, shape, {}, nullptr, stop));
    }
    ASSIGN_OR_RETURN(const ModelInfo info, inspectBundle(folder, kContext));
    RETURN_IF_ERROR(runModel("synthetic OPT-1.3B, " + formatBytes(info.bundle_bytes) +
                                 " (planted)", folder, info.bundle_bytes / 2, table));
    ASSIGN_OR_RETURN(const std::string gguf, starterGguf());
    for (const bool whole : {false, true}) {
        const char* name = whole ? "starter-whole" : "starter";
        ASSIGN_OR_RETURN(const std::string bundle,
                         importedModel(gguf, name,
                                       whole ? StreamChoice::kWhole : StreamChoice::kAuto));
        ASSIGN_OR_RETURN(const ModelInfo starter, inspectBundle(bundle, kContext));
        RETURN_IF_ERROR(runModel(std::string(name) + ", smallest budget", bundle,
                                 starter.budget_bytes_min, table));
    }
    table.note("RSS above budget: the process's peak resident set minus its own size before a "
               "model was open minus the budget; it may be at most 8 MB.");
    table.print(has(args, "--json"));
    if (!has(args, "--keep")) std::filesystem::remove_all(folder);
    return {};
}

}  // namespace

int benchStream(std::span<const std::string> args) {
    if (const auto bundle = option(args, "--child")) {
        const auto budget = parseBytes(option(args, "--budget").value_or("0"));
        return budget ? child(*bundle, *budget) : failed(budget.error());
    }
    const Status status = allModels(args);
    return status ? 0 : failed(status.error());
}

}  // namespace glowworm::bench
