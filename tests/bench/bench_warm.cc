// SPDX-License-Identifier: Apache-2.0
// bench warm: the first tokens of an answer, with a cold cache, with the neurons that calibration
// saw fire most, and with the window of the last session.
#include <filesystem>

#include "core/base/clock.h"
#include "tests/bench/models.h"
#include "tests/bench/options.h"
#include "tests/bench/table.h"
#include "tests/bench/tables.h"

namespace glowworm::bench {

namespace {

constexpr uint32_t kContext = 1024;
constexpr uint32_t kFirst = 50;  // the tokens that are slow in the paper
constexpr uint32_t kRounds = 3;
constexpr const char* kBefore = "A list of things to buy:";  // of the session before
constexpr const char* kPrompt = "The old house by the river";

struct Row {
    double load_ms = 0, prompt_ms = 0, prompt_bytes = 0;
    TokenStats first, later;  // sums over the first kFirst tokens and as many after them

    void add(const Row& one) {
        load_ms += one.load_ms;
        prompt_ms += one.prompt_ms;
        prompt_bytes += one.prompt_bytes;
        addStats(first, one.first);
        addStats(later, one.later);
    }
    static void addStats(TokenStats& sum, const TokenStats& one) {
        sum.time_ms += one.time_ms;
        sum.hits += one.hits;
        sum.misses += one.misses;
        sum.read_bytes += one.read_bytes;
    }
};

Result<Row> run(const OpenOptions& options) {
    Row row;
    StopFlag stop;
    const auto begin = steadyClock().now();
    ASSIGN_OR_RETURN(const auto session, openSession(options, nullptr, stop));
    row.load_ms = std::chrono::duration<double, std::milli>(steadyClock().now() - begin).count();
    GenerateRequest request;
    request.raw_prompt = kPrompt;
    request.sampling.temperature = 0;
    request.sampling.repeat_penalty = 1.3F;
    request.max_tokens = 2 * kFirst + 1;
    request.ignore_end = true;
    uint32_t seen = 0;
    GenerateSink sink;
    sink.token = [&](const TokenEvent& event) {
        // The first comes out of the prompt and reads nothing.
        if (seen++ > 0) Row::addStats(seen <= kFirst + 1 ? row.first : row.later, event.stats);
    };
    Controls controls;
    ASSIGN_OR_RETURN(const GenerateSummary summary, session->generate(request, sink, controls));
    row.prompt_ms = summary.prefill_ms;
    row.prompt_bytes = static_cast<double>(summary.prefill_read_bytes);
    return row;
}

// Leaves the window of another conversation in the folder.
Status sessionBefore(OpenOptions options) {
    options.warm = false;
    StopFlag stop;
    ASSIGN_OR_RETURN(const auto session, openSession(options, nullptr, stop));
    ASSIGN_OR_RETURN(const Measured before, measure(*session, kBefore, 100, 0, false));
    return session->keepWindow();
}

Status model(const std::string& name, const std::string& bundle, bool json) {
    ASSIGN_OR_RETURN(const ModelInfo info, inspectBundle(bundle, kContext));
    const std::string folder = benchFolder() + "/windows";
    OpenOptions options;
    options.bundle = bundle;
    options.context_tokens = kContext;
    options.budget_bytes = (info.budget_bytes_min + info.budget_bytes_max) / 2;
    const char* names[] = {"cold", "hot neurons of calibration", "window of the last session"};
    Row rows[3];
    for (uint32_t round = 0; round < kRounds; ++round) {
        for (size_t i = 0; i < 3; ++i) {
            options.warm = i > 0;
            options.window_folder = i == 2 ? folder : "";
            if (i == 2) RETURN_IF_ERROR(sessionBefore(options));
            ASSIGN_OR_RETURN(const Row row, run(options));
            rows[i].add(row);
        }
    }
    std::filesystem::remove_all(folder);
    Table table(name + ": the first tokens at half the budget, means of " +
                    std::to_string(kRounds) + " rounds",
                {"cache", "load ms", "prompt ms", "prompt MB", "ms/token 1-50", "hits 1-50",
                 "MB/token 1-50", "ms/token 51-100", "hits 51-100"});
    for (size_t i = 0; i < 3; ++i) {
        const Row& row = rows[i];
        table.row({names[i], number(row.load_ms / kRounds, 0), number(row.prompt_ms / kRounds, 1),
                   number(row.prompt_bytes / kRounds / 1e6, 1),
                   number(row.first.time_ms / kRounds / kFirst, 2), percent(row.first.hitRate()),
                   number(static_cast<double>(row.first.read_bytes) / kRounds / kFirst / 1e6, 2),
                   number(row.later.time_ms / kRounds / kFirst, 2), percent(row.later.hitRate())});
    }
    table.print(json);
    return {};
}

}  // namespace

int benchWarm(std::span<const std::string> args) {
    const bool json = has(args, "--json");
    return forEachModel(args, StarterKind::kResidentRows,
                        [&](const std::string& title, const std::string& bundle) {
                            return model(title, bundle, json);
                        });
}

}  // namespace glowworm::bench
