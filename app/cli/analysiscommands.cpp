// SPDX-License-Identifier: Apache-2.0
// The commands for programs and measurements: logits, tokenize, perplexity.
#include <algorithm>
#include <cmath>
#include <format>

#include "app/cli/commands.h"
#include "app/cli/openmodel.h"
#include "app/cli/progressline.h"
#include "app/cli/textfile.h"

namespace glowworm {

namespace {

// JSON has no infinities; what overflowed becomes null.
void writeNumber(std::ostream& out, float value) {
    if (std::isfinite(value))
        out << std::format("{}", value);
    else
        out << "null";
}

template <typename Range, typename Write>
void writeArray(std::ostream& out, const Range& range, const Write& write) {
    out << '[';
    bool first = true;
    for (const auto& value : range) {
        if (!first) out << ", ";
        first = false;
        write(value);
    }
    out << ']';
}

}  // namespace

Status runLogits(const DataPaths& paths, const LogitsOptions& options,
                 CliEnvironment& environment) {
    std::vector<TokenId> tokens(options.tokens.begin(), options.tokens.end());
    ModelOptions model = options.model;
    model.context = std::max(model.context, static_cast<uint32_t>(tokens.size()));
    ASSIGN_OR_RETURN(const auto session, openModel(paths, model, environment));
    ASSIGN_OR_RETURN(const auto logits,
                     session->logits(tokens, options.model.exact, environment.controls));
    std::ostream& out = environment.out;
    if (options.json) out << "{\"logits\": ";
    const auto number = [&](float value) { writeNumber(out, value); };
    if (options.json) {
        writeArray(out, logits, [&](const auto& row) { writeArray(out, row, number); });
        out << "}\n";
    } else {
        for (size_t i = 0; i < logits.size(); ++i) {
            const auto best = std::ranges::max_element(logits[i]);
            out << std::format("position {}: token {} has the largest logit, {}\n", i,
                               best - logits[i].begin(), *best);
        }
    }
    out << std::flush;
    return {};
}

Status runTokenize(const DataPaths& paths, const TokenizeOptions& options,
                   CliEnvironment& environment) {
    ModelOptions model;
    model.model = options.model;
    model.context = 64;  // nothing is computed
    const std::string text = options.text == "-" ? environment.in.readAll() : options.text;
    ASSIGN_OR_RETURN(const auto session, openModel(paths, model, environment));
    std::ostream& out = environment.out;
    const std::vector<TokenId> tokens = session->tokenize(text, options.special);
    if (options.json) {
        writeArray(out, tokens, [&](TokenId id) { out << id.value(); });
        out << '\n';
    } else {
        for (const TokenId id : tokens) out << id.value() << '\n';
    }
    out << std::flush;
    return {};
}

Status runPerplexity(const DataPaths& paths, const PerplexityOptions& options,
                     CliEnvironment& environment) {
    ASSIGN_OR_RETURN(const std::string text, readTextFile(options.file));
    ASSIGN_OR_RETURN(const auto session, openModel(paths, options.model, environment));
    ProgressLine progress(environment);
    ASSIGN_OR_RETURN(
        const PerplexityResult result,
        session->perplexity(text, options.model.exact, progress.sink(), environment.controls));
    progress.clear();
    if (options.json) {
        environment.out << std::format("{{\"perplexity\":{},\"nll_nats\":{},\"tokens\":{}}}\n",
                                       result.perplexity, result.nll_nats, result.tokens);
    } else {
        environment.out << std::format("perplexity {:.4f} ({:.4f} nats a token, {} tokens)\n",
                                       result.perplexity, result.nll_nats, result.tokens);
    }
    environment.out << std::flush;
    return {};
}

}  // namespace glowworm
