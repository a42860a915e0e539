// SPDX-License-Identifier: Apache-2.0
// glowworm-bench TABLE [OPTIONS]: measures one table and prints it.
#include <cstdio>
#include <string>
#include <vector>

#include "tests/bench/tables.h"

namespace {

struct Entry {
    const char* name;
    int (*run)(std::span<const std::string>);
    const char* about;
};

constexpr Entry kTables[] = {
    {"budgets", glowworm::bench::benchBudgets,
     "sparsity, predictor, perplexity, and speed at three budgets"},
    {"planted", glowworm::bench::benchPlanted,
     "synthetic models: what fires and what a window holds, beside what is published"},
    {"forecast", glowworm::bench::benchForecast,
     "a model's speed before it is loaded: four budgets, foretold beside measured"},
    {"budget", glowworm::bench::benchBudget,
     "the working-set curve: six budgets, foretold beside measured"},
    {"policies", glowworm::bench::benchPolicies,
     "who should leave the cache: policies against the optimum, on recorded traces"},
    {"warm", glowworm::bench::benchWarm,
     "the first 50 tokens: cold, hot neurons of calibration, the last session's window"},
    {"predictors", glowworm::bench::benchPredictors,
     "SVD, trained and sketch at equal bytes, on held-out text"},
    {"order", glowworm::bench::benchOrder,
     "neurons beside those they fire with: reads and bytes a token before and after"},
    {"ablation", glowworm::bench::benchAblation,
     "the papers' table, technique by technique: --shape, --layers, --budget half|quarter, --row"},
    {"roofline", glowworm::bench::benchRoofline,
     "milliseconds a token against what memory and disk need for its bytes"},
    {"overlap", glowworm::bench::benchOverlap,
     "reading ahead by one guess and by two: recall, waste, waiting, milliseconds a token"},
    {"stream", glowworm::bench::benchStream,
     "2 GB of OPT shape at half its size in memory, cold, capped"},
    {"decode", glowworm::bench::benchDecode,
     "everything resident: a token against one read of the same bytes from memory"},
    {"quality", glowworm::bench::benchQuality,
     "perplexity and KL against bytes and memory: dropped, shadow, plain quantisation"},
    {"residual", glowworm::bench::benchResidual,
     "records of the weights or of what the shadow lacks of them, at equal bytes"},
    {"rival", glowworm::bench::benchRival, "the starter, resident, against llama.cpp"},
    {"rival-large", glowworm::bench::benchRivalLarge,
     "7B in 7 GB and 30B in 10 GB against llama.cpp under the same cap"},
    {"rival-dense", glowworm::bench::benchRivalDense,
     "all resident and dense against llama.cpp: F16, Q8_0, Q4_0"},
    {"io", glowworm::bench::benchIo, "our reader against fio"},
    {"memory", glowworm::bench::benchMemory, "held memory while the budget moves"},
    {"long", glowworm::bench::benchLong,
     "20,000 tokens with moving budgets: as fast and as small at the end? --tokens N"},
    {"prefill", glowworm::bench::benchPrefill, "a prompt of 512 tokens at half memory"},
    {"gemm", glowworm::bench::benchGemm, "a prompt's matrix products: ours, OpenBLAS, oneDNN"},
    {"growth", glowworm::bench::benchGrowth, "time per token from 1B to 30B"},
};

int usage() {
    std::fprintf(stderr, "usage: glowworm-bench TABLE [--json] [--model BUNDLE]\n\n");
    for (const Entry& table : kTables) {
        std::fprintf(stderr, "  %-12s %s\n", table.name, table.about);
    }
    return 2;
}

}  // namespace

int main(int argc, char** argv) {
    const std::vector<std::string> args(argv + 1, argv + argc);
    if (args.empty()) return usage();
    for (const Entry& table : kTables) {
        if (args[0] == table.name) return table.run(std::span(args).subspan(1));
    }
    return usage();
}
