// SPDX-License-Identifier: Apache-2.0
// bench rival-dense: everything resident and every neuron computed, against llama.cpp on a file of
// the same shape and bytes, turn by turn: F16, Q8_0, Q4_0.
#include <algorithm>
#include <cstdio>
#include <filesystem>

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

constexpr uint32_t kContext = 384, kTokens = 32, kWarm = 4;
constexpr int kTurns = 3;

Status dtypeRow(const std::string& name, Dtype dtype, Table& table) {
    ASSIGN_OR_RETURN(const SyntheticShape shape, syntheticShape(name));
    RETURN_IF_ERROR(makeFolders(benchFolder()));
    const std::string bundle = benchFolder() + "/dense", gguf = benchFolder() + "/dense.gguf";
    std::filesystem::remove_all(bundle);
    RETURN_IF_ERROR(writeGgufShape(gguf, shape, dtype));
    SyntheticOptions options;
    options.dtype = dtype;
    StopFlag stop;
    ASSIGN_OR_RETURN(const Manifest m, writeSynthetic(bundle, shape, options, nullptr, stop));
    const std::string command = pythonCommand("rival_steps.py ") + gguf + " 16 " +
                                std::to_string(kTokens) + " " + std::to_string(kContext);
    double rival = 1e9, own = 1e9;
    for (int turn = 0; turn < kTurns; ++turn) {
        ASSIGN_OR_RETURN(const nlohmann::json r, runChild(command));
        const std::vector<double> seconds = r["decode_s"];
        double sum = 0;
        for (size_t i = kWarm; i < seconds.size(); ++i) sum += seconds[i];
        rival = std::min(rival, 1000 * sum / (kTokens - kWarm));
        ASSIGN_OR_RETURN(const auto session, openBundle(bundle, 0, kContext));
        ASSIGN_OR_RETURN(const Measured measured,
                         measure(*session, "ba be bi bo", kTokens, kWarm, true));
        own = std::min(own, measured.sum.time_ms / static_cast<double>(measured.tokens));
    }
    const auto bytes = static_cast<double>(std::filesystem::file_size(gguf));
    table.row({std::string(dtypeName(dtype)), number(bytes / 1e9, 2), number(rival, 1),
               number(bytes / 1e6 / rival, 1), number(own, 1), number(bytes / 1e6 / own, 1),
               number(rival / own, 2)});
    std::filesystem::remove_all(bundle);
    std::filesystem::remove(gguf);
    return {};
}

}  // namespace

int benchRivalDense(std::span<const std::string> args) {
    const std::string shape = option(args, "--shape").value_or("relu-llama-1b");
    Table table(shape + ", all resident, every neuron computed (best of " +
                    std::to_string(kTurns) + " turns)",
                {"dtype", "GB", "llama.cpp ms", "its GB/s", "glowworm ms", "its GB/s", "faster"});
    for (const Dtype dtype : {Dtype::kF16, Dtype::kQ8_0, Dtype::kQ4_0}) {
        const Status status = dtypeRow(shape, dtype, table);
        if (!status) return failed(status.error());
    }
    table.print(has(args, "--json"));
    return 0;
}

}  // namespace glowworm::bench
