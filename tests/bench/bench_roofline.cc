// SPDX-License-Identifier: Apache-2.0
// bench roofline: how far is a token from the time that its bytes need? The larger of what memory
// must deliver and what the disk must deliver, both bandwidths measured in the same run.
#include "core/base/bytes.h"
#include "core/bundle/bundle_reader.h"
#include "tests/bench/flash_models.h"
#include "tests/bench/options.h"
#include "tests/bench/rates.h"
#include "tests/bench/table.h"
#include "tests/bench/tables.h"

namespace glowworm::bench {

namespace {

// What a token reads from memory: the matrices of all layers and the head, the predictor, the
// active neurons' records.
double touchedBytes(const Manifest& m, const FlashFigures& figures) {
    uint64_t resident = 0;
    for (const TensorEntry& tensor : m.tensors) {
        const bool head = tensor.name == (m.config.tied_head ? "embedding" : "head");
        const bool matrix = tensor.shape.size() == 2 && tensor.name.starts_with("layers.");
        if (head || matrix) resident += tensor.bytes;
    }
    const double active = static_cast<double>(figures.measured.sum.active_neurons) /
                          static_cast<double>(figures.measured.tokens);
    return static_cast<double>(resident + figures.memory.predictor) + active * m.record.stride;
}

Status addRow(const FlashModel& model, uint64_t budget, bool prefetch, Table& table) {
    ASSIGN_OR_RETURN(const Bundle bundle, Bundle::open(model.bundle()));
    FlashRun run{.bundle = model.bundle(), .budget = budget};
    run.techniques.prefetch = prefetch;
    ASSIGN_OR_RETURN(const FlashFigures figures, runFlash(run));
    const TokenStats& sum = figures.measured.sum;
    const auto n = static_cast<double>(figures.measured.tokens);
    const double read = static_cast<double>(sum.read_bytes) / n;
    const double touched = touchedBytes(bundle.manifest(), figures);
    const uint64_t mean = sum.reads == 0 ? kRecordAlignment : sum.read_bytes / sum.reads;
    const auto size = static_cast<uint32_t>((mean + kRecordAlignment - 1) / kRecordAlignment *
                                            kRecordAlignment);
    ASSIGN_OR_RETURN(const double disk,
                     diskRate(bundle.neuronsPath(), {.bytes = size, .depth = 128, .random = true,
                                                     .total = uint64_t{512} << 20}));
    const double memory = memoryRate(figures.info.threads);
    const double memory_ms = touched / memory * 1e3, disk_ms = read / disk * 1e3;
    const double bound = std::max(memory_ms, disk_ms), ms = sum.time_ms / n;
    table.row({formatBytes(budget), prefetch ? "on" : "off", percent(sum.hitRate()),
               number(touched / 1e9, 2), number(memory / 1e9, 1), number(memory_ms, 1),
               number(read / 1e6, 1), number(static_cast<double>(size) / 1024, 1),
               number(disk / 1e9, 2), number(disk_ms, 1), number(sum.attention_ms / n, 1),
               number(sum.predictor_ms / n, 1), number(sum.ffn_ms / n, 1),
               number(sum.flash_wait_ms / n, 1), number(sum.manager_ms / n, 1),
               number(sum.reading_ms / n, 1), number(sum.output_ms / n, 1),
               prefetch ? percent(sum.guessRecall()) : "",
               number(static_cast<double>(sum.prefetchWastedBytes()) / n / 1e6, 1),
               number(ms, 1), number(ms / bound, 2)});
    return {};
}

Status run(std::span<const std::string> args) {
    ASSIGN_OR_RETURN(const FlashModel model, FlashModel::open(args));
    ASSIGN_OR_RETURN(const ModelInfo info, inspectBundle(model.bundle(), kFlashContext));
    Table table(model.label() + ": milliseconds a token against the time that its bytes need",
                {"budget", "prefetch", "hit rate", "touched GB", "memory GB/s", "memory ms",
                 "read MB", "KiB a read", "disk GB/s", "disk ms", "attention", "predictor", "ffn",
                 "waiting", "manager", "reading", "output", "guess recall", "wasted MB", "ms/token",
                 "x bound"});
    const uint64_t range = info.budget_bytes_max - info.budget_bytes_min;
    for (const uint64_t budget : {info.budget_bytes_min + range / 10,
                                  info.budget_bytes_min + range / 4,
                                  info.budget_bytes_min + range / 2}) {
        for (const bool prefetch : {false, true}) {
            RETURN_IF_ERROR(addRow(model, budget, prefetch, table));
        }
    }
    table.note("the bar: at most 1.5 x the larger of the two times; both rates measured right "
               "after the row, the disk's at the row's mean size of a read, 128 at once");
    table.print(has(args, "--json"));
    return {};
}

}  // namespace

int benchRoofline(std::span<const std::string> args) {
    const Status status = run(args);
    return status ? 0 : failed(status.error());
}

}  // namespace glowworm::bench
