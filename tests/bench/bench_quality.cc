// SPDX-License-Identifier: Apache-2.0
// bench quality: what fewer bytes cost. Perplexity and the divergence from the exact model (KL, in
// nats a token) on held-out text, against the bytes read per token and the memory held: everything
// exact, the rest dropped, the rest approximated from a shadow of 2, 3 and 4 bits, and what a
// person would use instead: plain quantisation of the same model, all of it resident.
#include <algorithm>
#include <cmath>
#include <functional>

#include "core/bundle/bundle_writer.h"
#include "core/engine/model_info.h"
#include "core/engine/model_session.h"
#include "core/sparsity/shadow_predictor.h"
#include "core/train/shadow_calibration.h"
#include "tests/bench/models.h"
#include "tests/bench/options.h"
#include "tests/bench/table.h"
#include "tests/bench/tables.h"

namespace glowworm::bench {

namespace {

constexpr uint32_t kContext = 1024;
constexpr double kCacheShare = 0.25;  // of the feed-forward weights, for rows that read
constexpr double kReadShares[] = {0.05, 0.1, 0.2, 0.3, 0.5};

// The exact model's logits for the text's first window.
struct Reference {
    std::vector<TokenId> tokens;
    std::vector<float> logits;  // [tokens, vocabulary]
    double nll = 0;             // nats a token
};

struct Quality {
    double nll = 0, kl = 0;
    TokenStats totals;
};

double logSum(std::span<const float> logits) {
    const auto most = static_cast<double>(*std::ranges::max_element(logits));
    double sum = 0;
    for (const float logit : logits) sum += std::exp(static_cast<double>(logit) - most);
    return most + std::log(sum);
}

double klDivergence(std::span<const float> p, std::span<const float> q) {
    const double p_sum = logSum(p), q_sum = logSum(q);
    double kl = 0;
    for (size_t i = 0; i < p.size(); ++i) {
        const double log_p = static_cast<double>(p[i]) - p_sum;
        kl += std::exp(log_p) * (log_p - (static_cast<double>(q[i]) - q_sum));
    }
    return kl;
}

class QualityTable {
  public:
    QualityTable(const std::string& name, size_t tokens)
        : tokens_max_(tokens),
          table_(name + ": quality against bytes and memory",
                 {"mode", "bits", "computed", "KB missed", "KB read", "memory MB", "perplexity",
                  "ratio", "KL"}) {}

    Status run(const std::string& bundle, const std::string& rival);
    void print(bool json) const { table_.print(json); }

  private:
    Status exactRow(const std::string& bundle);
    Status predictorRows(const std::string& bundle);
    Status shadowRows(const std::string& bundle, uint32_t bits);
    Status streamedRow(ModelSession& session, const std::string& mode, const std::string& bits);
    Result<Quality> measure(ModelSession& session, bool exact);
    void addRow(const std::string& mode, const std::string& bits, const Quality& q,
                uint64_t memory_bytes);

    size_t tokens_max_;
    uint32_t stride_ = 0;  // bytes of a neuron record
    Table table_;
    Reference reference_;
};

Result<std::unique_ptr<ModelSession>> open(const std::string& bundle, const std::string& kind) {
    OpenOptions options;
    options.bundle = bundle;
    options.context_tokens = kContext;
    options.predictor = kind;
    StopFlag stop;
    return openModelSession(options, nullptr, stop);
}

Result<Quality> QualityTable::measure(ModelSession& session, bool exact) {
    Quality q;
    Controls controls;
    const auto& tokens = reference_.tokens;
    const size_t vocabulary = session.info().vocabulary;
    const auto score = [&](size_t i, std::span<const float> row) {
        if (i + 1 >= tokens.size()) return;
        q.nll += logSum(row) - static_cast<double>(row[static_cast<size_t>(tokens[i + 1].value())]);
        if (reference_.logits.size() < tokens.size() * vocabulary) return;
        q.kl += klDivergence(std::span(reference_.logits).subspan(i * vocabulary, vocabulary), row);
    };
    RETURN_IF_ERROR(session.evaluate(tokens, exact, score, q.totals, controls.stop));
    q.nll /= static_cast<double>(tokens.size() - 1);
    q.kl /= static_cast<double>(tokens.size() - 1);
    return q;
}

void QualityTable::addRow(const std::string& mode, const std::string& bits, const Quality& q,
                          uint64_t memory_bytes) {
    const auto tokens = static_cast<double>(reference_.tokens.size());
    const double computed = static_cast<double>(q.totals.active_neurons) /
                            static_cast<double>(std::max<uint64_t>(q.totals.total_neurons, 1));
    const auto missed = static_cast<double>(q.totals.misses * stride_);
    table_.row({mode, bits, percent(computed), number(missed / tokens / 1e3, 1),
                number(static_cast<double>(q.totals.read_bytes) / tokens / 1e3, 1),
                number(static_cast<double>(memory_bytes) / 1e6, 1), number(std::exp(q.nll), 3),
                number(std::exp(q.nll - reference_.nll), 3), number(q.kl, 4)});
}

Status QualityTable::exactRow(const std::string& bundle) {
    ASSIGN_OR_RETURN(const auto session, open(bundle, ""));
    std::string text = readText(std::string(SOURCE_DIR) + "/tests/fixtures/heldout.txt");
    stride_ = session->model().bundle.manifest().record.stride;
    reference_.tokens = session->tokenize(text, false);
    reference_.tokens.resize(std::min(reference_.tokens.size(), tokens_max_));
    if (reference_.tokens.size() < 2) {
        return fail(ErrorCode::kInvalidArgument, "too few tokens for a perplexity");
    }
    TokenStats stats;
    Controls controls;
    const auto keep = [&](size_t, std::span<const float> row) {
        reference_.logits.insert(reference_.logits.end(), row.begin(), row.end());
    };
    RETURN_IF_ERROR(session->evaluate(reference_.tokens, true, keep, stats, controls.stop));
    ASSIGN_OR_RETURN(Quality q, measure(*session, true));
    reference_.nll = q.nll;
    q.totals.read_bytes = q.totals.misses = 0;
    const MemoryPlan& plan = session->model().plan;
    addRow("exact, all resident", "", q, plan.budgetBytesMax() - plan.predictor);
    return {};
}

// Under a budget that holds kCacheShare of the feed-forward weights beside what must be there.
Status QualityTable::streamedRow(ModelSession& session, const std::string& mode,
                                 const std::string& bits) {
    const MemoryPlan& plan = session.model().plan;
    const uint64_t fixed = plan.budgetBytesMax() - plan.cache_max;
    const auto cache = static_cast<uint64_t>(kCacheShare * static_cast<double>(plan.cache_max));
    const uint64_t budget = std::max(plan.budgetBytesMin(), fixed + cache);
    RETURN_IF_ERROR(session.setBudget(plan.budgetBytesMin()));
    RETURN_IF_ERROR(session.setBudget(budget));
    ASSIGN_OR_RETURN(const Quality q, measure(session, false));
    addRow(mode, bits, q, budget);
    return {};
}

// The bundle's other predictors, as calibrated: what they do not name is dropped.
Status QualityTable::predictorRows(const std::string& bundle) {
    ASSIGN_OR_RETURN(const Bundle opened, Bundle::open(bundle));
    for (const PredictorEntry& entry : opened.manifest().predictors) {
        if (entry.kind.starts_with("shadow")) continue;
        ASSIGN_OR_RETURN(const auto session, open(bundle, entry.kind));
        RETURN_IF_ERROR(streamedRow(*session, entry.kind + ", rest dropped", ""));
    }
    return {};
}

Status QualityTable::shadowRows(const std::string& bundle, uint32_t bits) {
    const std::string name = std::to_string(bits);
    ASSIGN_OR_RETURN(const auto session, open(bundle, "shadow-" + name));
    auto* shadow = dynamic_cast<ShadowPredictor*>(session->model().predictor.get());
    if (bits == 4) {
        shadow->setApproximates(false);
        for (const double share : kReadShares) {
            shadow->setReadShare(share);
            RETURN_IF_ERROR(streamedRow(*session, "rest dropped", name));
        }
        shadow->setApproximates(true);
    }
    for (const double share : kReadShares) {
        shadow->setReadShare(share);
        RETURN_IF_ERROR(streamedRow(*session, "shadow", name));
    }
    shadow->setReadShare(0);
    ASSIGN_OR_RETURN(const Quality q, measure(*session, false));
    const MemoryPlan& plan = session->model().plan;
    addRow("plain, the shadow alone", name, q, plan.budgetBytesMax() - plan.cache_max);
    return {};
}

// Adds the shadows that a bundle lacks.
Status ensureShadows(const std::string& bundle) {
    ASSIGN_OR_RETURN(const Bundle opened, Bundle::open(bundle));
    Manifest manifest = opened.manifest();
    if (!canHaveShadow(manifest)) return {};
    std::vector<uint32_t> missing;
    for (const uint32_t bits : {2U, 3U, 4U}) {
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

Status QualityTable::run(const std::string& bundle, const std::string& rival) {
    RETURN_IF_ERROR(ensureShadows(bundle));
    RETURN_IF_ERROR(exactRow(bundle));
    if (!rival.empty()) {
        ASSIGN_OR_RETURN(const auto session, open(rival, ""));
        ASSIGN_OR_RETURN(Quality q, measure(*session, true));
        q.totals.read_bytes = q.totals.misses = 0;  // the cache was filled on the way
        addRow("plain, q4_0 throughout", "4", q, session->model().plan.budgetBytesMax());
    }
    RETURN_IF_ERROR(predictorRows(bundle));
    for (const uint32_t bits : {4U, 3U, 2U}) {
        ASSIGN_OR_RETURN(const Bundle opened, Bundle::open(bundle));
        if (canHaveShadow(opened.manifest())) RETURN_IF_ERROR(shadowRows(bundle, bits));
    }
    table_.note("computed: at full precision; KB a token: records that the cache lacked, and what "
                "was read to get them, gaps between neighbours included");
    table_.note("memory of rows that read: a neuron cache of a quarter of the feed-forward weights "
                "included; \"plain\" rows read nothing");
    return {};
}

// A model measured under the name of its source, and in Q4_0 throughout beside it.
Status sourceTable(const std::string& title, const std::string& source, const std::string& name,
                   size_t tokens, bool json) {
    ASSIGN_OR_RETURN(const std::string bundle,
                     importedModel(source, name, StreamChoice::kWhole, 0));
    ASSIGN_OR_RETURN(const std::string rival, importedPlain(source, name + "-q4_0", Dtype::kQ4_0));
    QualityTable table(title, tokens);
    RETURN_IF_ERROR(table.run(bundle, rival));
    table.print(json);
    return {};
}

Status allModels(size_t tokens, bool json) {
    ASSIGN_OR_RETURN(const std::string gguf, starterGguf());
    RETURN_IF_ERROR(sourceTable("starter (SiLU)", gguf, "starter-quality", tokens, json));
    return sourceTable("ReLU fixture", reluFixture(), "relu-quality", tokens, json);
}

Status namedModel(const std::string& bundle, size_t tokens, bool json) {
    QualityTable table(bundle, tokens);
    RETURN_IF_ERROR(table.run(bundle, ""));
    table.print(json);
    return {};
}

}  // namespace

int benchQuality(std::span<const std::string> args) {
    const bool json = has(args, "--json");
    const auto tokens = std::min<size_t>(std::stoul(option(args, "--tokens").value_or("512")),
                                         kContext);
    const auto named = option(args, "--model");
    const Status status = named ? namedModel(*named, tokens, json) : allModels(tokens, json);
    return status ? 0 : failed(status.error());
}

}  // namespace glowworm::bench
