// SPDX-License-Identifier: Apache-2.0
// bench rival-large: a model larger than its memory, ours against llama.cpp, each alone under the
// same cap on memory and page cache together, cold, one after the other. The rival's file has the
// shape and bytes of ours (gguf_shape.h). What is written is deleted.
#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "core/base/bytes.h"
#include "core/import/synthetic_model.h"
#include "core/io/file.h"
#include "tests/bench/child.h"
#include "tests/bench/gguf_shape.h"
#include "tests/bench/models.h"
#include "tests/bench/options.h"
#include "tests/bench/table.h"
#include "tests/bench/tables.h"

namespace glowworm::bench {

namespace {

using nlohmann::json;

constexpr uint32_t kContext = 384, kTokens = 48, kWarm = 16, kRivalTokens = 3;
constexpr uint32_t kShadowBits = 3;

struct Match {
    const char* shape;
    Dtype dtype;
    uint64_t cap_bytes;  // memory and page cache
};

constexpr uint64_t kGiga = 1000000000;
constexpr Match kMatches[] = {
    {"relu-llama-7b", Dtype::kF16, 7 * kGiga},
    {"relu-llama-30b", Dtype::kQ4_0, 10 * kGiga},
    {"silu-llama-7b", Dtype::kF16, 7 * kGiga},
};

// The child: opens a bundle and generates; prints its figures.
int child(std::span<const std::string> args) {
    const auto budget = parseBytes(option(args, "--budget").value_or("0"));
    if (!budget) return failed(budget.error());
    const auto session = openBundle(*option(args, "--child"), *budget, kContext);
    if (!session) return failed(session.error());
    const auto m = measure(**session, "ba be bi bo", kTokens, kWarm, false);
    if (!m) return failed(m.error());
    const auto tokens = static_cast<double>(m->tokens);
    const json report{{"token_ms", m->sum.time_ms / tokens},
                      {"wait_ms", m->sum.flash_wait_ms / tokens},
                      {"read_bytes", static_cast<double>(m->sum.read_bytes) / tokens},
                      {"hit_rate", m->sum.hitRate()},
                      {"prompt_ms", m->summary.prefill_ms},
                      {"active", static_cast<double>(m->sum.active_neurons) /
                                     static_cast<double>(m->sum.total_neurons)},
                      {"resident", statusBytes("VmHWM:")}};
    std::printf("%s\n", report.dump().c_str());
    return 0;
}

Result<double> rivalMs(const Match& match, const SyntheticShape& shape, uint64_t& bytes) {
    const std::string path = benchFolder() + "/rival.gguf";
    RETURN_IF_ERROR(makeFolders(benchFolder()));
    std::fprintf(stderr, "writing %s for llama.cpp\n", match.shape);
    RETURN_IF_ERROR(writeGgufShape(path, shape, match.dtype));
    bytes = std::filesystem::file_size(path);
    dropPageCache();
    std::fprintf(stderr, "llama.cpp under %s\n", formatBytes(match.cap_bytes).c_str());
    const auto report = runCapped(pythonCommand("rival_steps.py ") + path + " 4 " +
                                      std::to_string(kRivalTokens) + " " +
                                      std::to_string(kContext) + " mapped",
                                  match.cap_bytes);
    std::filesystem::remove(path);
    RETURN_IF_ERROR(report);
    const std::vector<double> seconds = (*report)["decode_s"];
    return 1000 * *std::ranges::min_element(seconds);
}

Result<json> ours(const Match& match, const SyntheticShape& shape) {
    const std::string bundle = benchFolder() + "/rival-" + match.shape;
    std::fprintf(stderr, "writing %s for us\n", match.shape);
    std::filesystem::remove_all(bundle);
    SyntheticOptions options;
    options.dtype = match.dtype;
    options.shadow_bits = shape.config.activation == FfnActivation::kRelu ? 0 : kShadowBits;
    StopFlag stop;
    ASSIGN_OR_RETURN(const Manifest m, writeSynthetic(bundle, shape, options, nullptr, stop));
    ASSIGN_OR_RETURN(const ModelInfo info, inspectBundle(bundle, kContext));
    const uint64_t budget = match.cap_bytes - statusBytes("VmRSS:") - kAllowedBytes;
    // A row that does not fit is shown with the memory that it needs.
    const bool fits = budget >= info.budget_bytes_min;
    const uint64_t cap = fits ? match.cap_bytes : match.cap_bytes * 2;
    dropPageCache();
    std::fprintf(stderr, "glowworm under %s\n", formatBytes(cap).c_str());
    auto report = runCapped(ownProgram() + " rival-large --child " + bundle + " --budget " +
                                std::to_string(fits ? budget : budget + match.cap_bytes),
                            cap);
    std::filesystem::remove_all(bundle);
    if (report) {
        (*report)["predictor"] = m.predictors[0].bytes;
        (*report)["cap"] = cap;
    }
    return report;
}

Status matchRow(const Match& match, std::span<const std::string> args, Table& table) {
    ASSIGN_OR_RETURN(SyntheticShape shape, syntheticShape(match.shape));
    if (const auto layers = option(args, "--layers")) {
        shape.config.layers = static_cast<uint32_t>(std::stoul(*layers));
    }
    Match used = match;
    if (const auto cap = option(args, "--cap")) {
        ASSIGN_OR_RETURN(used.cap_bytes, parseBytes(*cap));
    }
    uint64_t bytes = 0;
    ASSIGN_OR_RETURN(const double rival, rivalMs(used, shape, bytes));
    ASSIGN_OR_RETURN(const json r, ours(used, shape));
    const auto own = r["token_ms"].get<double>();
    const auto size = static_cast<double>(bytes) / 1e9;
    table.row({match.shape, std::string(dtypeName(match.dtype)), number(size, 1),
               number(r["cap"].get<double>() / 1e9, 1), number(rival, 0),
               number(size * 1e3 / rival, 2), number(own, 0), number(rival / own, 1),
               number(r["read_bytes"].get<double>() / 1e6, 0),
               percent(r["hit_rate"].get<double>()), percent(r["active"].get<double>()),
               percent(r["wait_ms"].get<double>() / own),
               number(r["predictor"].get<double>() / 1e9, 2)});
    return {};
}

}  // namespace

int benchRivalLarge(std::span<const std::string> args) {
    if (has(args, "--child")) return child(args);
    Table table("Larger than its memory, cold, memory and page cache capped (planted)",
                {"shape", "dtype", "GB", "cap GB", "llama.cpp ms", "its GB/s", "glowworm ms",
                 "faster", "MB/token", "hit rate", "read", "waiting", "predictor GB"});
    const auto only = option(args, "--shape");
    for (const Match& match : kMatches) {
        if (only && *only != match.shape) continue;
        const Status status = matchRow(match, args, table);
        if (!status) return failed(status.error());
    }
    table.note("llama.cpp: its fastest of " + std::to_string(kRivalTokens) +
               " tokens, a file of the same shape and bytes, mapped and not repacked (that copy "
               "would not fit); glowworm: mean of " +
               std::to_string(kTokens - kWarm) + " tokens after " + std::to_string(kWarm) +
               "; a cap of twice the size means that the model's smallest budget is above it");
    table.print(has(args, "--json"));
    return 0;
}

}  // namespace glowworm::bench
