// SPDX-License-Identifier: Apache-2.0
// bench overlap: what reading ahead is worth, and how good its guesses are: off, guessed before a
// layer's attention, and guessed one layer further ahead as well. Turn by turn, so that ratios hold
// on a busy machine.
#include <algorithm>

#include "core/base/bytes.h"
#include "tests/bench/flash_models.h"
#include "tests/bench/options.h"
#include "tests/bench/table.h"
#include "tests/bench/tables.h"

namespace glowworm::bench {

namespace {

struct Variant {
    const char* name;
    Techniques techniques;
    std::vector<double> ms;      // a token, by turn
    std::vector<double> waited;  // share of the time, by turn
    TokenStats sum;              // of the last turn
    double tokens = 1;
};

std::vector<Variant> variants() {
    return {{"off", {.prefetch = false}, {}, {}, {}},
            {"before attention", {}, {}, {}, {}},
            {"one layer further", {.look_ahead = true}, {}, {}, {}}};
}

double medianOf(std::vector<double> values) {
    const auto middle = values.begin() + static_cast<ptrdiff_t>(values.size() / 2);
    std::ranges::nth_element(values, middle);
    return *middle;
}

void addRow(const Variant& one, const Variant& off, Table& table) {
    std::vector<double> ratios;
    for (size_t i = 0; i < one.ms.size(); ++i) ratios.push_back(one.ms[i] / off.ms[i]);
    const TokenStats& sum = one.sum;
    const double n = one.tokens;
    const bool ahead = sum.prefetch_bytes > 0;
    table.row({one.name, number(medianOf(one.ms), 2), number(medianOf(ratios), 3),
               percent(medianOf(one.waited)), number(sum.reading_ms / n, 2),
               number(sum.predictor_ms / n, 2), number(sum.manager_ms / n, 2),
               percent(sum.hitRate()), number(static_cast<double>(sum.read_bytes) / n / 1e6, 2),
               ahead ? percent(sum.guessRecall()) : "",
               ahead ? number(static_cast<double>(sum.prefetchWastedBytes()) / n / 1e6, 2) : ""});
}

Status run(std::span<const std::string> args) {
    ASSIGN_OR_RETURN(const FlashModel model, FlashModel::open(args));
    ASSIGN_OR_RETURN(const ModelInfo info, inspectBundle(model.bundle(), kFlashContext));
    const uint64_t range = info.budget_bytes_max - info.budget_bytes_min;
    const uint32_t turns = countOption(args, "--turns", 5);
    const uint32_t tokens = countOption(args, "--tokens", 40);
    FlashRun run{.bundle = model.bundle(), .budget = info.budget_bytes_min + range / 4};
    run.tokens = run.warm = tokens;
    std::vector<Variant> all = variants();
    for (uint32_t turn = 0; turn < turns; ++turn) {
        for (Variant& one : all) {
            run.techniques = one.techniques;
            ASSIGN_OR_RETURN(const FlashFigures figures, runFlash(run));
            one.sum = figures.measured.sum;
            one.tokens = static_cast<double>(figures.measured.tokens);
            one.ms.push_back(one.sum.time_ms / one.tokens);
            one.waited.push_back(one.sum.flash_wait_ms / one.sum.time_ms);
        }
    }
    Table table(model.label() + " with " + formatBytes(run.budget) +
                    ": reading ahead (medians of " + std::to_string(turns) + " turns)",
                {"guess", "ms/token", "x off", "waiting", "reading ms", "predictor ms",
                 "manager ms", "hit rate", "read MB", "recall", "wasted MB"});
    for (const Variant& one : all) addRow(one, all.front(), table);
    table.note("x off: the median of the turns' ratios. Recall: of what a layer needed and the "
               "cache lacked, the share whose reads had begun. Reading: starting reads and "
               "checking what they brought. A quarter of the neurons' bytes in memory.");
    table.print(has(args, "--json"));
    return {};
}

}  // namespace

int benchOverlap(std::span<const std::string> args) {
    const Status status = run(args);
    return status ? 0 : failed(status.error());
}

}  // namespace glowworm::bench
