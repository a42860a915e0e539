// SPDX-License-Identifier: Apache-2.0
// Perplexity over disjoint windows (decisions.md 19).
#include <algorithm>
#include <cmath>

#include "core/engine/model_session.h"

namespace glowworm {

namespace {

constexpr uint32_t kPerplexityWindow = 1024;

// -ln p(token) under softmax(logits), in double.
double negativeLogLikelihood(std::span<const float> logits, TokenId token) {
    const auto most = static_cast<double>(*std::max_element(logits.begin(), logits.end()));
    double sum = 0;
    for (const float logit : logits) sum += std::exp(static_cast<double>(logit) - most);
    return std::log(sum) + most -
           static_cast<double>(logits[static_cast<size_t>(token.value())]);
}

}  // namespace

Result<PerplexityResult> ModelSession::perplexity(std::string_view text, bool exact,
                                                  const ProgressSink& progress,
                                                  Controls& controls) {
    applyControls(controls);
    const std::vector<TokenId> tokens = model_.tokenizer->encode(text, false);
    const size_t window = std::min(kPerplexityWindow, model_.kv_cache.capacity());
    PerplexityResult result;
    double total = 0;
    for (size_t first = 0; first < tokens.size(); first += window) {
        const auto part =
            std::span(tokens).subspan(first, std::min(window, tokens.size() - first));
        // The logits after token i score token i + 1, so the window's first is never scored.
        const auto score = [&](size_t i, std::span<const float> logits) {
            if (i + 1 >= part.size()) return;
            total += negativeLogLikelihood(logits, part[i + 1]);
            ++result.tokens;
        };
        RETURN_IF_ERROR(generator_->evaluate(part, exact, score, result.totals, controls.stop));
        if (progress) {
            const double done = static_cast<double>(first + part.size());
            progress({"reading the text", done / static_cast<double>(tokens.size())});
        }
    }
    if (result.tokens == 0) {
        return fail(ErrorCode::kInvalidArgument,
                    "the text is too short for a perplexity: it needs at least two tokens");
    }
    result.nll_nats = total / static_cast<double>(result.tokens);
    result.perplexity = std::exp(result.nll_nats);
    return result;
}

}  // namespace glowworm
