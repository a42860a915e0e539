// SPDX-License-Identifier: Apache-2.0
// bench quality: what fewer bytes cost. Perplexity and the divergence from the exact model (KL, in
// nats a token) on held-out text, against the bytes read per token and the memory held: everything
// exact, the rest dropped, the rest approximated from a shadow of 2, 3 and 4 bits, and what a
// person would use instead: plain quantisation of the same model, all of it resident. Bytes are
// counts, so the records come from a copy of the file in memory: no disk is waited for.
#include <algorithm>
#include <cmath>

#include "core/bundle/bundle_reader.h"
#include "core/engine/model_info.h"
#include "core/engine/model_session.h"
#include "core/sparsity/shadow_predictor.h"
#include "core/train/shadow_calibration.h"
#include "tests/bench/models.h"
#include "tests/bench/options.h"
#include "tests/bench/quality.h"
#include "tests/bench/table.h"
#include "tests/bench/tables.h"

namespace glowworm::bench {

namespace {

constexpr double kCacheShare = 0.25;  // of the feed-forward weights, for rows that read
// Of the neurons. With ReLU few fire at all, and to read more of them changes nothing.
constexpr double kReadShares[] = {0.05, 0.1, 0.2, 0.5};
constexpr double kReadSharesRelu[] = {0.02, 0.05};

class QualityTable {
  public:
    QualityTable(const std::string& name, size_t tokens)
        : tokens_max_(tokens),
          table_(name + ": quality against bytes and memory",
                 {"mode", "bits", "computed", "KB named", "KB missed", "memory MB", "perplexity",
                  "ratio", "KL"}) {}

    Status run(const std::string& bundle, const std::string& rival);
    void print(bool json) const { table_.print(json); }

  private:
    Status exactRow(const std::string& bundle);
    Status rivalRow(const std::string& rival);
    Status predictorRows(const std::string& bundle);
    Status shadowRows(const std::string& bundle, uint32_t bits);
    Status streamedRow(ModelSession& session, const std::string& mode, const std::string& bits);
    void addRow(const std::string& mode, const std::string& bits, const Quality& q,
                uint64_t memory_bytes);

    size_t tokens_max_;
    uint32_t record_bytes_ = 0;
    std::span<const double> shares_;
    Table table_;
    QualityReference reference_;
};

void QualityTable::addRow(const std::string& mode, const std::string& bits, const Quality& q,
                          uint64_t memory_bytes) {
    const auto tokens = static_cast<double>(reference_.tokens());
    const double computed = static_cast<double>(q.totals.active_neurons) /
                            static_cast<double>(std::max<uint64_t>(q.totals.total_neurons, 1));
    const bool reads = q.totals.misses > 0;
    const auto kilobytes = [&](uint64_t neurons) {
        return number(reads ? static_cast<double>(neurons * record_bytes_) / tokens / 1e3 : 0, 1);
    };
    table_.row({mode, bits, percent(computed), kilobytes(q.totals.active_neurons),
                kilobytes(q.totals.misses), number(static_cast<double>(memory_bytes) / 1e6, 1),
                number(std::exp(q.nll), 3), number(std::exp(q.nll - reference_.nll()), 3),
                number(q.kl, 4)});
}

Status QualityTable::exactRow(const std::string& bundle) {
    ASSIGN_OR_RETURN(const auto session, openForCounts(bundle, ""));
    ASSIGN_OR_RETURN(reference_, QualityReference::make(*session, tokens_max_));
    record_bytes_ = session->model().bundle.manifest().record.stride;
    shares_ = session->config().activation == FfnActivation::kRelu
                  ? std::span<const double>(kReadSharesRelu)
                  : std::span<const double>(kReadShares);
    Quality q;
    q.nll = reference_.nll();
    q.totals.active_neurons = q.totals.total_neurons = 1;
    const MemoryPlan& plan = session->model().plan;
    addRow("exact, all resident", "", q, plan.budgetBytesMax() - plan.predictor);
    return {};
}

Status QualityTable::rivalRow(const std::string& rival) {
    ASSIGN_OR_RETURN(const auto session, openForCounts(rival, ""));
    ASSIGN_OR_RETURN(Quality q, reference_.measure(*session, true));
    q.totals.misses = 0;  // the cache was filled on the way
    addRow("plain, q4_0 throughout", "4", q, session->model().plan.budgetBytesMax());
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
    ASSIGN_OR_RETURN(const Quality q, reference_.measure(session, false));
    addRow(mode, bits, q, budget);
    return {};
}

// The bundle's other predictors, as calibrated: what they do not name is dropped.
Status QualityTable::predictorRows(const std::string& bundle) {
    ASSIGN_OR_RETURN(const Bundle opened, Bundle::open(bundle));
    for (const PredictorEntry& entry : opened.manifest().predictors) {
        if (entry.kind.starts_with("shadow")) continue;
        ASSIGN_OR_RETURN(const auto session, openForCounts(bundle, entry.kind));
        RETURN_IF_ERROR(streamedRow(*session, entry.kind + ", rest dropped", ""));
    }
    return {};
}

Status QualityTable::shadowRows(const std::string& bundle, uint32_t bits) {
    const std::string name = std::to_string(bits);
    ASSIGN_OR_RETURN(const auto session, openForCounts(bundle, "shadow-" + name));
    auto* shadow = dynamic_cast<ShadowPredictor*>(session->model().predictor.get());
    if (bits == 4) {
        shadow->setApproximates(false);
        for (const double share : shares_) {
            shadow->setReadShare(share);
            RETURN_IF_ERROR(streamedRow(*session, "rest dropped", name));
        }
        shadow->setApproximates(true);
    }
    for (const double share : shares_) {
        shadow->setReadShare(share);
        RETURN_IF_ERROR(streamedRow(*session, "shadow", name));
    }
    shadow->setReadShare(0);
    ASSIGN_OR_RETURN(const Quality q, reference_.measure(*session, false));
    const MemoryPlan& plan = session->model().plan;
    addRow("plain, the shadow alone", name, q, plan.budgetBytesMax() - plan.cache_max);
    return {};
}

Status QualityTable::run(const std::string& bundle, const std::string& rival) {
    RETURN_IF_ERROR(ensureShadows(bundle));
    RETURN_IF_ERROR(exactRow(bundle));
    if (!rival.empty()) RETURN_IF_ERROR(rivalRow(rival));
    RETURN_IF_ERROR(predictorRows(bundle));
    for (const uint32_t bits : {4U, 3U, 2U}) {
        ASSIGN_OR_RETURN(const Bundle opened, Bundle::open(bundle));
        if (canHaveShadow(opened.manifest())) RETURN_IF_ERROR(shadowRows(bundle, bits));
    }
    table_.note("KB a token: records of the neurons computed at full precision (named), and those "
                "of them that the cache lacked (missed)");
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
    const size_t tokens = std::min(countOption(args, "--tokens", 512), kQualityContext);
    const auto named = option(args, "--model");
    const Status status = named ? namedModel(*named, tokens, json) : allModels(tokens, json);
    return status ? 0 : failed(status.error());
}

}  // namespace glowworm::bench
