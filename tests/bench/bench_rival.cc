// SPDX-License-Identifier: Apache-2.0
// bench rival: the starter, all resident, against llama.cpp on the same file. The rival runs in a
// Python of its own (tests/bench/rival.py, llama-cpp-python in a cache folder); the two take turns
// so that a noisy machine meets both, and the best of each counts.
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "tests/bench/models.h"
#include "tests/bench/options.h"
#include "tests/bench/table.h"
#include "tests/bench/tables.h"

namespace glowworm::bench {

namespace {

constexpr uint32_t kTokens = 128, kContext = 1024;
constexpr int kTurns = 3;

struct Speed {
    double decode = 0, prompt = 0;  // tokens per second, best of the turns
    void take(double decode_speed, double prompt_speed) {
        decode = std::max(decode, decode_speed);
        prompt = std::max(prompt, prompt_speed);
    }
};

std::string promptText() {
    std::string text = readText(std::string(SOURCE_DIR) + "/tests/fixtures/heldout.txt");
    return text.substr(0, 1600);
}

Status runRival(const std::string& gguf, Speed& speed) {
    const char* python = std::getenv("GLOWWORM_BENCH_PYTHON");
    const std::string command = std::string(python != nullptr ? python : "python3") + " " +
                                SOURCE_DIR + "/tests/bench/rival.py " + gguf + " " +
                                std::to_string(kTokens) + " 2>/dev/null";
    FILE* pipe = popen(command.c_str(), "r");
    if (pipe == nullptr) return fail(ErrorCode::kIo, "cannot run " + command);
    std::array<char, 512> line{};
    std::string output;
    while (fgets(line.data(), line.size(), pipe) != nullptr) output += line.data();
    pclose(pipe);
    const auto report = nlohmann::json::parse(output, nullptr, false);
    if (report.is_discarded()) {
        return fail(ErrorCode::kNotFound,
                    "llama.cpp did not run; install llama-cpp-python into a virtual environment "
                    "and set GLOWWORM_BENCH_PYTHON to its python");
    }
    speed.take(report["decode"].get<double>(), report["prompt"].get<double>());
    return {};
}

Status runOurs(Session& session, bool exact, Speed& speed) {
    session.reset();
    ASSIGN_OR_RETURN(const Measured m, measure(session, promptText(), kTokens, 1, exact));
    speed.take(static_cast<double>(m.tokens) * 1000 / m.sum.time_ms,
               m.summary.prompt_tokens * 1000.0 / m.summary.prefill_ms);
    return {};
}

Status run(std::span<const std::string> args) {
    ASSIGN_OR_RETURN(const std::string gguf, starterGguf());
    ASSIGN_OR_RETURN(const std::string bundle,
                     importedModel(gguf, "starter", StreamChoice::kAuto));
    ASSIGN_OR_RETURN(const auto session, openBundle(bundle, 0, kContext));
    Speed rival, sparse, exact;
    for (int turn = 0; turn < kTurns; ++turn) {
        RETURN_IF_ERROR(runRival(gguf, rival));
        RETURN_IF_ERROR(runOurs(*session, false, sparse));
        RETURN_IF_ERROR(runOurs(*session, true, exact));
    }
    Table table("The starter, all resident, two threads: tokens per second (best of " +
                    std::to_string(kTurns) + " turns)",
                {"program", "decode", "ratio", "prompt", "ratio"});
    const auto row = [&](const std::string& name, const Speed& s) {
        table.row({name, number(s.decode, 1), number(s.decode / rival.decode, 2),
                   number(s.prompt, 1), number(s.prompt / rival.prompt, 2)});
    };
    row("llama.cpp", rival);
    row("glowworm, sparse", sparse);
    row("glowworm, exact", exact);
    table.print(has(args, "--json"));
    return {};
}

}  // namespace

int benchRival(std::span<const std::string> args) {
    const Status status = run(args);
    return status ? 0 : failed(status.error());
}

}  // namespace glowworm::bench
