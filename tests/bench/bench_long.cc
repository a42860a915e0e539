// SPDX-License-Identifier: Apache-2.0
// bench long: does a process that talks for hours stay as fast and as small as it began?
// Conversation after conversation, the budget moved every 100 tokens and the window now and then;
// the first and the last fifth of the tokens stand side by side at the same budgets.
#include <algorithm>
#include <array>
#include <cstdio>

#include "tests/bench/child.h"
#include "tests/bench/models.h"
#include "tests/bench/options.h"
#include "tests/bench/table.h"
#include "tests/bench/tables.h"

namespace glowworm::bench {

namespace {

constexpr uint32_t kTokens = 20'000, kTokensLeast = 2'000;
constexpr uint32_t kContext = 1536;
constexpr uint32_t kAnswerTokens = 200, kRounds = 5;  // of a conversation
constexpr uint32_t kMoveTokens = 100;                 // the budget moves
constexpr uint32_t kSettleTokens = 20;                // after a move: not compared
constexpr uint32_t kBudgets = 5, kShortWindow = 6;
constexpr uint32_t kWarmUpTokens = kBudgets * kMoveTokens;  // every budget has been used once
constexpr uint32_t kErrorsMax = 100;
constexpr uint32_t kCachedEvery = 10;  // asking for the page cache is not free

constexpr std::array kQuestions = {
    "Tell me about the sea.", "What did the old house look like?", "Why do people travel?",
    "How is bread made?", "Describe a winter morning.", "What is a friend?",
    "Who built the first roads?"};

struct Pace {
    double ms = 0;
    uint32_t tokens = 0;
    [[nodiscard]] double perSecond() const { return ms > 0 ? 1e3 * tokens / ms : 0; }
};

struct Mean {
    double sum = 0, count = 0;
    void add(double value) {
        sum += value;
        ++count;
    }
    [[nodiscard]] double value() const { return count > 0 ? sum / count : 0; }
};

// What is watched, token by token.
class Watch {
  public:
    Watch(std::string bundle, uint64_t own, uint32_t tokens)
        : bundle_(std::move(bundle)), own_(own), tokens_(tokens) {}

    void token(const TokenStats& stats) {
        const double resident = static_cast<double>(statusBytes("VmRSS:"));
        if (seen_ % kCachedEvery == 0) cached_ = static_cast<double>(bundleCached(bundle_));
        cached_max = std::max(cached_max, cached_);
        above_max = std::max(above_max, resident + cached_ - static_cast<double>(own_) -
                                            static_cast<double>(stats.budget_bytes));
        const bool first = seen_ < tokens_ / 5, last = seen_ >= tokens_ - tokens_ / 5;
        const bool settled = seen_ % kMoveTokens >= kSettleTokens && window() == kWindowAuto;
        if ((first || last) && settled) {
            Pace& pace = (first ? paces_first : paces_last)[budget()];
            pace.ms += stats.time_ms;
            ++pace.tokens;
        }
        // What the engine does not count: it must not grow.
        const double beside = resident - static_cast<double>(stats.memory_bytes);
        if (first && seen_ >= std::min(kWarmUpTokens, tokens_ / 10)) beside_first.add(beside);
        if (last) beside_last.add(beside);
        ++seen_;
    }
    // Of the next token: the cycle's period divides a fifth of the usual run.
    [[nodiscard]] uint32_t budget() const { return seen_ / kMoveTokens % kBudgets; }
    [[nodiscard]] uint32_t window() const {
        return seen_ / (kMoveTokens * kBudgets) % 4 == 2 ? kShortWindow : kWindowAuto;
    }
    [[nodiscard]] uint32_t seen() const { return seen_; }

    double above_max = -1e18, cached_max = 0;
    Mean beside_first, beside_last;
    std::array<Pace, kBudgets> paces_first, paces_last;

  private:
    std::string bundle_;
    uint64_t own_;
    uint32_t tokens_, seen_ = 0;
    double cached_ = 0;
};

struct Talked {
    uint32_t conversations = 0, errors = 0;
    std::string error;
};

// Talks until so many tokens were said. After an error the conversation is given up.
Talked talk(Session& session, Watch& watch, uint32_t tokens) {
    const uint64_t least = session.info().budget_bytes_min;
    const uint64_t range = session.info().budget_bytes_max - least;
    Controls controls;
    const auto move = [&] {
        controls.budget_bytes = least + range * watch.budget() / (kBudgets - 1);
        controls.window_tokens = watch.window();
    };
    move();
    GenerateSink sink;
    sink.token = [&](const TokenEvent& event) {
        watch.token(event.stats);
        move();
    };
    GenerateRequest request;
    request.sampling.temperature = 0;
    request.sampling.repeat_penalty = 1.3F;
    request.ignore_end = true;
    Talked talked;
    uint32_t left = 0;  // rounds of this conversation
    for (uint32_t round = 0; watch.seen() < tokens && talked.errors < kErrorsMax; ++round) {
        if (left == 0) {
            request.raw_prompt.clear();
            ++talked.conversations;
            left = kRounds;
        }
        request.raw_prompt += kQuestions[round % kQuestions.size()];
        request.max_tokens = std::min(kAnswerTokens, tokens - watch.seen());
        const auto answer = session.generate(request, sink, controls);
        if (answer && answer->finish == FinishReason::kMaxTokens) {
            request.raw_prompt += answer->text + "\n";
            --left;
            continue;
        }
        left = 0;  // the context is full, or an error
        if (answer) continue;
        ++talked.errors;
        talked.error = answer.error().message;
        session.reset();
    }
    return talked;
}

int child(const std::string& bundle, uint32_t tokens) {
    const uint64_t own = statusBytes("VmRSS:");
    const auto info = inspectBundle(bundle, kContext);
    if (!info) return failed(info.error());
    const auto session = openBundle(bundle, info->budget_bytes_min, kContext);
    if (!session) return failed(session.error());
    Watch watch(bundle, own, tokens);
    const Talked talked = talk(**session, watch, tokens);
    Pace first, last;
    std::vector<double> ratios;
    for (uint32_t b = 0; b < kBudgets; ++b) {
        const Pace &before = watch.paces_first[b], &after = watch.paces_last[b];
        if (before.tokens == 0 || after.tokens == 0) continue;
        ratios.push_back(after.perSecond() / before.perSecond());
        first = {first.ms + before.ms, first.tokens + before.tokens};
        last = {last.ms + after.ms, last.tokens + after.tokens};
    }
    std::ranges::sort(ratios);
    const nlohmann::json report{{"tokens", watch.seen()},
                                {"conversations", talked.conversations},
                                {"errors", talked.errors},
                                {"error", talked.error},
                                {"first", first.perSecond()},
                                {"last", last.perSecond()},
                                {"ratio", ratios.empty() ? 0 : ratios[ratios.size() / 2]},
                                {"own", own},
                                {"above", watch.above_max},
                                {"cached", watch.cached_max},
                                {"growth", watch.beside_last.value() -
                                               watch.beside_first.value()}};
    std::printf("%s\n", report.dump().c_str());
    return 0;
}

Status modelRow(const std::string& name, const std::string& bundle, uint32_t tokens,
                Table& table) {
    dropPageCache();
    ASSIGN_OR_RETURN(const nlohmann::json r,
                     runChild(ownProgram() + " long --child " + bundle + " --tokens " +
                              std::to_string(tokens)));
    const auto mb = [&](const char* key) { return number(r[key].get<double>() / 1e6, 1); };
    const auto count = [&](const char* key) { return std::to_string(r[key].get<uint32_t>()); };
    table.row({name, count("tokens"), count("conversations"),
               std::to_string(r["tokens"].get<uint32_t>() / kMoveTokens), count("errors"),
               number(r["first"].get<double>(), 1), number(r["last"].get<double>(), 1),
               number(r["ratio"].get<double>(), 3), mb("above"), mb("cached"), mb("growth"),
               r["above"].get<double>() <= static_cast<double>(kAllowedBytes) ? "yes" : "no"});
    if (const auto error = r["error"].get<std::string>(); !error.empty()) {
        table.note(name + ": " + error);
    }
    return {};
}

Status allModels(std::span<const std::string> args, uint32_t tokens, Table& table) {
    if (const auto named = option(args, "--model")) return modelRow(*named, *named, tokens, table);
    ASSIGN_OR_RETURN(const std::string gguf, starterGguf());
    ASSIGN_OR_RETURN(const std::string starter,
                     importedModel(gguf, "starter", StreamChoice::kAuto));
    return modelRow("starter", starter, tokens, table);
}

}  // namespace

int benchLong(std::span<const std::string> args) {
    const uint32_t tokens = std::max(kTokensLeast, countOption(args, "--tokens", kTokens));
    if (const auto bundle = option(args, "--child")) return child(*bundle, tokens);
    Table table("A long run: the budget moves every 100 tokens, the window now and then",
                {"model", "tokens", "conversations", "moves", "errors", "first fifth tokens/s",
                 "last fifth tokens/s", "ratio", "above budget MB", "page cache MB", "growth MB",
                 "within 8 MB"});
    const Status status = allModels(args, tokens, table);
    if (!status) return failed(status.error());
    table.note("ratio: last fifth over first fifth, the median of the budgets. above budget: the "
               "largest excess of resident set and page cache over the budget of the moment plus "
               "the program's own size. growth: of what the engine does not count itself, last "
               "fifth against first.");
    table.print(has(args, "--json"));
    return 0;
}

}  // namespace glowworm::bench
