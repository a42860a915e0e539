// SPDX-License-Identifier: Apache-2.0
// bench policies: which neurons should leave the cache? The active sets of a generation are
// recorded and replayed through the window and other policies, under the engine's own quotas, next
// to the optimum that knows the future. A second table replays them through the neuron cache
// itself, in both of its orders, and shows what its work takes; a third does so for the shape of
// OPT-6.7B.
#include <algorithm>

#include "core/engine/model_info.h"
#include "core/engine/model_session.h"
#include "tests/bench/cache_replay.h"
#include "tests/bench/models.h"
#include "tests/bench/options.h"
#include "tests/bench/policies.h"
#include "tests/bench/table.h"
#include "tests/bench/tables.h"

namespace glowworm::bench {

namespace {

constexpr uint32_t kContext = 1024;
constexpr uint32_t kTokens = 240;  // of each conversation
constexpr size_t kWarm = 120;
constexpr const char* kPrompts[] = {"The old house by the river", "A list of things to buy:",
                                    "In the beginning there was"};

// Keeps every layer's active sets.
class Recorder : public ActiveSetListener {
  public:
    explicit Recorder(size_t layers) : traces(layers) {}
    void active(LayerId layer, std::span<const NeuronId> neurons) override {
        auto& token = traces[layer.value()].emplace_back();
        token.reserve(neurons.size());
        for (const NeuronId neuron : neurons) token.push_back(neuron.value());
    }
    std::vector<LayerTrace> traces;
};

struct Recorded {
    std::vector<LayerTrace> traces;
    std::vector<std::vector<uint32_t>> quotas;  // by cache size
    uint32_t neurons = 0;
};

constexpr double kShares[] = {0.10, 0.20, 0.35, 0.50, 0.75};

Result<Recorded> record(const std::string& bundle, uint32_t tokens) {
    OpenOptions options;
    options.bundle = bundle;
    options.context_tokens = kContext;
    StopFlag stop;
    ASSIGN_OR_RETURN(const auto session, openModelSession(options, nullptr, stop));
    const ModelInfo& info = session->info();
    Recorder recorder(info.layers);
    session->setListener(&recorder);
    for (const char* prompt : kPrompts) {
        ASSIGN_OR_RETURN(const Measured run, measure(*session, prompt, tokens, 0, false));
        session->reset();
    }
    session->setListener(nullptr);
    Recorded recorded{std::move(recorder.traces), {}, info.ff_width};
    const NeuronCache& cache = session->model().cache;
    for (const double share : kShares) {
        const auto bytes = static_cast<uint64_t>(share * static_cast<double>(cache.bytesMax()));
        recorded.quotas.push_back(cache.quotasFor(std::max(bytes, cache.bytesMin())));
    }
    return recorded;
}

// The cache itself. `weights`: by layer, what its quota is in proportion to.
void replayTable(const std::string& title, std::span<const LayerTrace> traces, uint32_t neurons,
                 std::span<const float> weights, bool json) {
    std::vector<std::string> columns = {"order"};
    for (const double share : kShares) {
        columns.push_back("hits, " + percent(share));
        columns.push_back("ms");
    }
    columns.emplace_back("curve ms");
    Table table(title + ": the neuron cache itself, hit rates and milliseconds a token of its work",
                columns);
    for (const EvictionOrder order : {EvictionOrder::kRecency, EvictionOrder::kFrequency}) {
        const bool by_frequency = order == EvictionOrder::kFrequency;
        std::vector<std::string> cells = {by_frequency ? "decayed frequency" : "least recent"};
        for (const double share : kShares) {
            const CacheReplay replay =
                replayCache(traces, neurons, weights, share, order, kWarm);
            cells.push_back(percent(replay.hit_rate));
            cells.push_back(number(replay.ms, 2));
        }
        cells.push_back(number(curveMs(traces, neurons, order), 2));
        table.row(cells);
    }
    table.print(json);
}

Status model(const std::string& name, const std::string& bundle, uint32_t tokens, bool json) {
    ASSIGN_OR_RETURN(const Recorded recorded, record(bundle, tokens));
    const size_t length = recorded.traces.front().size();
    uint64_t firings = 0;
    for (const LayerTrace& trace : recorded.traces) {
        for (size_t t = kWarm; t < length; ++t) firings += trace[t].size();
    }
    std::vector<std::string> columns = {"policy"};
    for (const double share : kShares) columns.push_back("cache of " + percent(share));
    Table table(name + ": hit rates on the trace of " + std::to_string(length) +
                    " tokens in three conversations, by cache size",
                columns);
    for (const Policy& policy : policies()) {
        std::vector<std::string> cells = {policy.name};
        for (const auto& quotas : recorded.quotas) {
            uint64_t hits = 0;
            for (size_t l = 0; l < recorded.traces.size(); ++l) {
                hits += policy.hits(recorded.traces[l], recorded.neurons, quotas[l], kWarm);
            }
            cells.push_back(percent(static_cast<double>(hits) / static_cast<double>(firings)));
        }
        table.row(cells);
    }
    table.note("active per token: " +
               percent(static_cast<double>(firings) /
                       static_cast<double>((length - kWarm) * recorded.traces.size()) /
                       recorded.neurons));
    table.print(json);
    const std::vector<float> weights(recorded.quotas[2].begin(), recorded.quotas[2].end());
    replayTable(name, recorded.traces, recorded.neurons, weights, json);
    return {};
}

}  // namespace

int benchPolicies(std::span<const std::string> args) {
    const bool json = has(args, "--json");
    const uint32_t tokens = countOption(args, "--tokens", kTokens);
    const int code = forEachModel(args, StarterKind::kResidentRows,
                                  [&](const std::string& title, const std::string& bundle) {
                                      return model(title, bundle, tokens, json);
                                  });
    const MadeUp shape = madeUpLikeOpt();
    replayTable("OPT-6.7B's shape, made-up active sets", shape.traces, shape.neurons, {}, json);
    return code;
}

}  // namespace glowworm::bench
