// SPDX-License-Identifier: Apache-2.0
// bench budget: is the working-set curve right? A run at one budget draws it; then six budgets,
// from the smallest to the whole model, are run, and what was foretold stands beside what was
// measured.
#include <algorithm>
#include <cmath>
#include <vector>

#include "tests/bench/models.h"
#include "tests/bench/options.h"
#include "tests/bench/table.h"
#include "tests/bench/tables.h"

namespace glowworm::bench {

namespace {

constexpr uint32_t kContext = 1024;
constexpr uint32_t kTokens = 192;
constexpr uint32_t kRounds = 3;
constexpr double kBar = 0.15;
constexpr const char* kPrompt = "The old house by the river";

double median(std::vector<double> values) {
    if (values.empty()) return 0;
    std::ranges::sort(values);
    const size_t middle = values.size() / 2;
    return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

// One budget over all rounds.
struct Row {
    uint64_t budget = 0;
    CurvePoint foretold;  // summed over the rounds
    TokenStats sum;
    double tokens = 0;

    void add(const CurvePoint& point, const Measured& measured) {
        foretold.hit_rate += point.hit_rate / kRounds;
        foretold.read_bytes += point.read_bytes / kRounds;
        foretold.reads += point.reads / kRounds;
        foretold.predicted_ms += point.predicted_ms / kRounds;
        sum.time_ms += measured.sum.time_ms;
        sum.flash_wait_ms += measured.sum.flash_wait_ms;
        sum.hits += measured.sum.hits;
        sum.misses += measured.sum.misses;
        sum.read_bytes += measured.sum.read_bytes;
        sum.reads += measured.sum.reads;
        tokens += static_cast<double>(measured.tokens);
    }
    [[nodiscard]] double ms() const { return sum.time_ms / tokens; }
    [[nodiscard]] double error() const { return foretold.predicted_ms / ms() - 1; }
};

// Six budgets in even steps; the curve comes from runs of their own at the third.
std::vector<Row> sixBudgets(const ModelInfo& info) {
    std::vector<Row> rows(6);
    for (size_t i = 0; i < rows.size(); ++i) {
        rows[i].budget = info.budget_bytes_min +
                         (info.budget_bytes_max - info.budget_bytes_min) * i / (rows.size() - 1);
    }
    return rows;
}

std::vector<std::string> cells(const Row& row) {
    const CurvePoint& foretold = row.foretold;
    return {number(static_cast<double>(row.budget) / 1e6, 1),
            percent(foretold.hit_rate),
            percent(row.sum.hitRate()),
            number(foretold.read_bytes / 1e6, 2),
            number(static_cast<double>(row.sum.read_bytes) / row.tokens / 1e6, 2),
            number(foretold.reads, 0),
            number(static_cast<double>(row.sum.reads) / row.tokens, 0),
            number(foretold.predicted_ms, 2),
            number(row.ms(), 2),
            number(row.error() * 100, 1) + " %",
            number(1000 / row.ms(), 1),
            percent(row.sum.flash_wait_ms / row.sum.time_ms)};
}

Status model(const std::string& name, const std::string& bundle, uint32_t tokens, bool json) {
    ASSIGN_OR_RETURN(const ModelInfo info, inspectBundle(bundle, kContext));
    std::vector<Row> rows = sixBudgets(info);
    // In rounds, so that a disk or a machine that drifts meets all of them alike.
    for (uint32_t round = 0; round < kRounds; ++round) {
        WorkingSetCurve curve;
        {
            ASSIGN_OR_RETURN(const auto session, openBundle(bundle, rows[2].budget, kContext));
            ASSIGN_OR_RETURN(const Measured run, measure(*session, kPrompt, tokens, 0, false));
            curve = session->curve();
        }
        for (Row& row : rows) {
            ASSIGN_OR_RETURN(const auto session, openBundle(bundle, row.budget, kContext));
            ASSIGN_OR_RETURN(const Measured run,
                             measure(*session, kPrompt, tokens, tokens / 3, false));
            row.add(curve.at(row.budget), run);
        }
    }
    Table table(name + ": six budgets, foretold from a run of " + std::to_string(tokens) +
                    " tokens at the third, " + std::to_string(kRounds) + " rounds",
                {"budget MB", "hits foretold", "hits", "MB/token foretold", "MB/token",
                 "reads foretold", "reads", "ms foretold", "ms", "error", "tokens/s", "waiting"});
    std::vector<double> errors;
    for (const Row& row : rows) {
        errors.push_back(std::abs(row.error()));
        table.row(cells(row));
    }
    const double error = median(errors);
    table.note("median error of ms a token: " + percent(error) + " (bar: under " + percent(kBar) +
               "): " + (error < kBar ? "reached" : "missed"));
    table.print(json);
    return {};
}

}  // namespace

int benchBudget(std::span<const std::string> args) {
    const bool json = has(args, "--json");
    const uint32_t tokens = countOption(args, "--tokens", kTokens);
    return forEachModel(args, StarterKind::kBoth,
                        [&](const std::string& title, const std::string& bundle) {
                            return model(title, bundle, tokens, json);
                        });
}

}  // namespace glowworm::bench
