// SPDX-License-Identifier: Apache-2.0
// bench ablation: table 2 of LLM in a Flash on this machine, technique by technique, on a model
// twice as large as the memory it gets, and with exactly a quarter of its feed-forward weights in
// memory. Both baselines run in the same program, in long sequential reads.
#include <cstdio>
#include <vector>

#include "core/base/bytes.h"
#include "core/bundle/bundle_reader.h"
#include "tests/bench/child.h"
#include "tests/bench/flash_models.h"
#include "tests/bench/options.h"
#include "tests/bench/rates.h"
#include "tests/bench/table.h"
#include "tests/bench/tables.h"

namespace glowworm::bench {

namespace {

enum class Layout { kSplit, kBundled, kPlaced };

struct Row {
    const char* name;
    Layout layout;
    Techniques techniques;
    uint32_t tokens, warm;
    const char* paper;  // GB a token, GB/s, I/O ms: OPT-6.7B, M1 Max, 16 bits
};

constexpr Row kRows[] = {
    {"naive", Layout::kBundled, Techniques::naive(), 5, 1, "13.4, 6.10, 2196"},
    {"hybrid", Layout::kBundled, Techniques::hybrid(), 10, 2, "6.7, 6.10, 1090"},
    {"rows whole, columns that fired", Layout::kSplit,
     {.predictor = false, .window = false, .manager = false, .prefetch = false}, 8, 2, ""},
    {"+ predictor", Layout::kSplit,
     {.window = false, .manager = false, .prefetch = false}, 16, 4, "0.9, 1.25, 738"},
    {"+ window", Layout::kSplit, {.manager = false, .prefetch = false}, 12, 8, "0.2, 1.25, 164"},
    {"+ bundling", Layout::kBundled, {.manager = false, .prefetch = false}, 12, 8,
     "0.2, 2.25, 87"},
    {"+ memory manager", Layout::kBundled, {.prefetch = false}, 40, 40, ""},
    {"+ placement", Layout::kPlaced, {.prefetch = false}, 40, 40, ""},
    {"+ overlap", Layout::kPlaced, {}, 40, 40, ""},
    {"+ look-ahead", Layout::kPlaced, {.look_ahead = true}, 40, 40, ""},
    {"all, reads through the page cache", Layout::kPlaced, {.direct_io = false}, 40, 40, ""},
};

Result<std::string> bundleOf(FlashModel& model, Layout layout) {
    if (layout == Layout::kSplit) return model.split();
    return layout == Layout::kPlaced ? model.placed() : model.bundle();
}

// Reads pass under the arithmetic in the baselines and with prefetch: there the whole token counts.
double readRate(const Row& row, const TokenStats& sum) {
    const bool overlapped = !row.techniques.predictor || row.techniques.prefetch;
    const double ms = overlapped ? sum.time_ms : sum.flash_wait_ms;
    return ms > 0 ? static_cast<double>(sum.read_bytes) / ms / 1e6 : 0;
}

// The table of one budget, and what its later rows are compared with.
struct BudgetTable {
    uint64_t budget = 0;
    Table table;
    double naive_ms = 0, hybrid_ms = 0;
};

void addRow(const Row& row, const FlashFigures& figures, uint64_t embedding, BudgetTable& into) {
    auto& [budget, table, naive_ms, hybrid_ms] = into;
    const TokenStats& sum = figures.measured.sum;
    const auto n = static_cast<double>(figures.measured.tokens);
    const MemoryBreakdown& memory = figures.memory;
    const auto gb = [](uint64_t bytes) { return number(static_cast<double>(bytes) / 1e9, 2); };
    const double ms = sum.time_ms / n;
    if (std::string_view(row.name) == "naive") naive_ms = ms;
    if (std::string_view(row.name) == "hybrid") hybrid_ms = ms;
    const double compute = sum.attention_ms + sum.predictor_ms + sum.ffn_ms + sum.output_ms;
    table.row({row.name, gb(memory.usedBytes()),
               gb(memory.resident_weights - std::min(embedding, memory.resident_weights)),
               gb(std::min(embedding, memory.resident_weights)), gb(memory.predictor),
               gb(memory.neuron_cache_used),
               number(static_cast<double>(sum.read_bytes) / n / 1e9, 3),
               number(static_cast<double>(sum.reads) / n, 0), number(readRate(row, sum), 2),
               number(sum.flash_wait_ms / n, 1), number(sum.manager_ms / n, 1),
               number(sum.reading_ms / n, 1),
               number(compute / n, 1), number(ms, 1),
               naive_ms > 0 ? number(naive_ms / ms, 1) : "",
               hybrid_ms > 0 ? number(hybrid_ms / ms, 1) : "", percent(sum.hitRate()),
               sum.prefetch_bytes == 0
                   ? ""
                   : percent(static_cast<double>(sum.prefetch_useful_bytes) /
                             static_cast<double>(sum.prefetch_bytes)),
               sum.prefetch_bytes == 0 ? "" : percent(sum.guessRecall()),
               row.paper});
}

BudgetTable emptyTable(const FlashModel& model, const std::string& title, uint64_t budget) {
    return {budget,
            Table(model.label() + ", " + title + " (budget " + formatBytes(budget) + ")",
                  {"technique", "DRAM GB", "attention", "embeddings", "predictor", "cache",
                   "GB/token", "reads/token", "GB/s", "I/O ms", "manager ms", "reading ms",
                   "compute ms", "ms/token", "x naive", "x hybrid", "hit rate", "prefetch useful",
                   "guess recall",
                   "paper: GB, GB/s, I/O ms"})};
}

Result<std::vector<BudgetTable>> emptyTables(const FlashModel& model,
                                             std::span<const std::string> args) {
    ASSIGN_OR_RETURN(const ModelInfo info, inspectBundle(model.bundle(), kFlashContext));
    const uint64_t cache_max = info.budget_bytes_max - info.budget_bytes_min;
    const auto only = option(args, "--budget");
    std::vector<BudgetTable> tables;
    if (only.value_or("half") == "half") {
        tables.push_back(emptyTable(model, "half its size in memory", info.bundle_bytes / 2));
    }
    if (only.value_or("quarter") == "quarter") {
        tables.push_back(emptyTable(model, "a quarter of the feed-forward weights in memory",
                                    info.budget_bytes_min + cache_max / 4));
    }
    return tables;
}

Status addNotes(const FlashModel& model, Table& table) {
    ASSIGN_OR_RETURN(const Bundle opened, Bundle::open(model.bundle()));
    const std::string neurons = opened.neuronsPath();
    ASSIGN_OR_RETURN(const double long_reads, diskRate(neurons, {}));
    ASSIGN_OR_RETURN(const double records,
                     diskRate(neurons, {.bytes = opened.manifest().record.stride,
                                        .depth = 128,
                                        .random = true,
                                        .total = uint64_t{256} << 20}));
    table.note("this disk now: " + number(long_reads / 1e9, 2) + " GB/s in reads of 1 MiB one "
               "after another, " + number(records / 1e9, 2) + " GB/s in single records");
    table.note("I/O ms: the engine stood still for flash. GB/s: over that time; over the whole "
               "token where reads pass under arithmetic (baselines, overlap).");
    return {};
}

void notePageCache(const Row& row, const std::string& bundle, Table& table) {
    table.note(std::string(row.name) + ": begun with a cold one, which then holds " +
               number(static_cast<double>(bundleCached(bundle)) / 1e9, 2) +
               " GB of the model beside the budget");
}

Result<uint64_t> embeddingBytes(const std::string& bundle) {
    ASSIGN_OR_RETURN(const Bundle opened, Bundle::open(bundle));
    const Manifest& m = opened.manifest();
    return rowBytes(m.tensors.front().dtype, m.config.hidden) * m.config.vocabulary *
           (m.config.tied_head ? 1 : 2);
}

// Row by row in both tables, so that no more than two layouts lie on disk at once.
Status run(std::span<const std::string> args) {
    ASSIGN_OR_RETURN(FlashModel model, FlashModel::open(args));
    ASSIGN_OR_RETURN(const uint64_t embedding, embeddingBytes(model.bundle()));
    ASSIGN_OR_RETURN(std::vector<BudgetTable> tables, emptyTables(model, args));
    const auto only = option(args, "--row");
    for (const Row& row : kRows) {
        if (only && std::string(row.name).find(*only) == std::string::npos) continue;
        ASSIGN_OR_RETURN(const std::string bundle, bundleOf(model, row.layout));
        for (BudgetTable& table : tables) {
            if (!row.techniques.direct_io) dropPageCache();
            ASSIGN_OR_RETURN(const FlashFigures figures,
                             runFlash({bundle, table.budget, row.techniques, row.tokens,
                                       row.warm}));
            if (!row.techniques.direct_io) notePageCache(row, bundle, table.table);
            addRow(row, figures, embedding, table);
            std::fprintf(stderr, "%s, %s: %.0f ms a token\n", row.name,
                         formatBytes(table.budget).c_str(),
                         figures.measured.sum.time_ms /
                             static_cast<double>(figures.measured.tokens));
        }
    }
    for (BudgetTable& table : tables) {
        RETURN_IF_ERROR(addNotes(model, table.table));
        table.table.print(has(args, "--json"));
    }
    return {};
}

}  // namespace

int benchAblation(std::span<const std::string> args) {
    const Status status = run(args);
    return status ? 0 : failed(status.error());
}

}  // namespace glowworm::bench
