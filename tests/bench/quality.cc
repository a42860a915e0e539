// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/quality.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "core/bundle/bundle_writer.h"
#include "core/engine/model_info.h"
#include "core/train/shadow_calibration.h"
#include "tests/bench/heldout.h"
#include "tests/bench/models.h"

namespace glowworm::bench {

namespace {

double logSum(std::span<const float> logits) {
    const float most = *std::ranges::max_element(logits);
    double sum = 0;
    for (const float logit : logits) sum += static_cast<double>(std::exp(logit - most));
    return static_cast<double>(most) + std::log(sum);
}

double lossOf(std::span<const float> logits, double log_sum, TokenId next) {
    return log_sum - static_cast<double>(logits[static_cast<size_t>(next.value())]);
}

constexpr uint32_t kShadowBits[] = {2, 3, 4};

}  // namespace

Result<QualityReference> QualityReference::make(ModelSession& exact, size_t tokens_max) {
    QualityReference made;
    made.tokens_ = exact.tokenize(heldOutText(), false);
    made.tokens_.resize(std::min(made.tokens_.size(), tokens_max));
    if (made.tokens_.size() < 2) {
        return fail(ErrorCode::kInvalidArgument, "too few tokens for a perplexity");
    }
    const size_t scored = made.tokens_.size() - 1;
    made.probabilities_.reserve(scored * exact.info().vocabulary);
    const auto keep = [&](size_t i, std::span<const float> row) {
        if (i >= scored) return;
        const double log_sum = logSum(row);
        double neg_entropy = 0;
        for (const float logit : row) {
            const double log_p = static_cast<double>(logit) - log_sum;
            const double p = std::exp(log_p);
            neg_entropy += p * log_p;
            made.probabilities_.push_back(static_cast<float>(p));
        }
        made.neg_entropies_.push_back(neg_entropy);
        made.nll_ += lossOf(row, log_sum, made.tokens_[i + 1]) / static_cast<double>(scored);
    };
    TokenStats stats;
    StopFlag stop;
    RETURN_IF_ERROR(exact.evaluate(made.tokens_, true, keep, stats, stop));
    return made;
}

Result<Quality> QualityReference::measure(ModelSession& session, bool exact) const {
    Quality q;
    const auto scored = static_cast<double>(tokens_.size() - 1);
    const auto score = [&](size_t i, std::span<const float> row) {
        if (i + 1 >= tokens_.size()) return;
        const double log_sum = logSum(row);
        q.nll += lossOf(row, log_sum, tokens_[i + 1]) / scored;
        const float* p = probabilities_.data() + i * row.size();
        double cross = 0;  // sum of p times the measured logit
        for (size_t v = 0; v < row.size(); ++v) {
            cross += static_cast<double>(p[v]) * static_cast<double>(row[v]);
        }
        q.kl += (neg_entropies_[i] - cross + log_sum) / scored;
    };
    StopFlag stop;
    RETURN_IF_ERROR(session.evaluate(tokens_, exact, score, q.totals, stop));
    return q;
}

Result<std::unique_ptr<ModelSession>> openForCounts(const std::string& bundle,
                                                    const std::string& predictor) {
    OpenOptions options;
    options.bundle = bundle;
    options.context_tokens = kQualityContext;
    options.predictor = predictor;
    options.reader = ReaderChoice::kMemory;
    options.reading.gap_bytes = 0;
    StopFlag stop;
    return openModelSession(options, nullptr, stop);
}

Status ensureShadows(const std::string& bundle) {
    ASSIGN_OR_RETURN(const Bundle opened, Bundle::open(bundle));
    Manifest manifest = opened.manifest();
    if (!canHaveShadow(manifest)) return {};
    std::vector<uint32_t> missing;
    for (const uint32_t bits : kShadowBits) {
        const std::string kind = "shadow-" + std::to_string(bits);
        if (std::ranges::count(manifest.predictors, kind, &PredictorEntry::kind) == 0) {
            missing.push_back(bits);
        }
    }
    if (missing.empty()) return {};
    std::fprintf(stderr, "making %zu shadows of %s\n", missing.size(), bundle.c_str());
    ShadowOptions options;
    options.text = readText(std::string(SOURCE_DIR) + "/resources/calibration.txt");
    StopFlag stop;
    ASSIGN_OR_RETURN(const auto made, makeShadows(bundle, missing, options, nullptr, stop));
    for (const MadeShadow& shadow : made) {
        std::fprintf(stderr, "%s: %.2f %% of the output power is lost at a tenth read\n",
                     shadow.entry.kind.c_str(), 100 * shadow.lost_share);
        manifest.predictors.push_back(shadow.entry);
    }
    return writeManifest(bundle, manifest);
}

}  // namespace glowworm::bench
