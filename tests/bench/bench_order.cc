// SPDX-License-Identifier: Apache-2.0
// bench order: are neurons that fire together worth laying side by side? The distribution of
// co-activation, reads and bytes a token before and after on held-out text at several cache sizes,
// closest-friend bundles with duplicates beside it, and the engine itself on both bundles.
#include <algorithm>
#include <filesystem>
#include <numeric>

#include "core/base/bytes.h"
#include "core/train/neuron_order.h"
#include "core/train/order_neurons.h"
#include "core/train/reorder.h"
#include "tests/bench/heldout.h"
#include "tests/bench/models.h"
#include "tests/bench/options.h"
#include "tests/bench/order_simulation.h"
#include "tests/bench/table.h"
#include "tests/bench/tables.h"

namespace glowworm::bench {

namespace {

constexpr uint32_t kDefaultTokens = 4096, kHeldOutTokens = 1024;
constexpr uint32_t kPairsSampled = 1024;  // neurons whose pairs the distribution is of

struct LayerCase {
    Trace held_out;
    Coactivation seen, fresh;  // on calibration text, on held-out text
    std::vector<std::pair<std::string, std::vector<uint32_t>>> orders;
};

std::vector<uint32_t> byHeat(const Coactivation& c) {
    std::vector<uint32_t> line(c.neurons()), order(c.neurons());
    std::iota(line.begin(), line.end(), 0U);
    std::ranges::stable_sort(line, std::ranges::greater(),
                             [&](uint32_t n) { return c.fired(n); });
    for (uint32_t p = 0; p < line.size(); ++p) order[line[p]] = p;
    return order;
}

Result<LayerCase> layerCase(const ReadText& seen, const ReadText& held, uint32_t layer) {
    ModelSession& session = *seen.session;
    const float least = contributionLeast(session.model().bundle.manifest(), layer);
    std::vector<float> x;
    seen.inputs->decode(LayerId(layer), x);
    ASSIGN_OR_RETURN(const LayerTruth truth, LayerTruth::read(session, LayerId(layer), least, x,
                                                              seen.inputs->tokens()));
    LayerCase made;
    made.seen = Coactivation::count(truth, session.backend().pool());
    held.inputs->decode(LayerId(layer), x);
    ASSIGN_OR_RETURN(const LayerTruth fresh, LayerTruth::read(session, LayerId(layer), least, x,
                                                              held.inputs->tokens()));
    made.held_out = traceOf(fresh);
    made.fresh = Coactivation::count(fresh, session.backend().pool());
    std::vector<uint32_t> plain(session.config().ff_width);
    std::iota(plain.begin(), plain.end(), 0U);
    made.orders = {{"as imported", std::move(plain)},
                   {"by firing rate", byHeat(made.seen)},
                   {"greedy path", greedyOrder(made.seen)}};
    return made;
}

void distributionTable(const std::string& name, const std::vector<LayerCase>& layers, bool json) {
    Table table(name + ": how often two neurons fire together on held-out text",
                {"layer", "pairs that did", "most", "median", "power law", "explains",
                 "exponential", "explains", "so"});
    for (size_t l = 0; l < layers.size(); l += std::max<size_t>(1, layers.size() / 8)) {
        const Coactivation& c = layers[l].fresh;
        std::vector<uint32_t> counts;
        const uint32_t step = std::max(1U, c.neurons() / kPairsSampled);
        uint64_t pairs = 0;
        for (uint32_t a = 0; a < c.neurons(); a += step) {
            for (uint32_t b = 0; b < a; b += step) {
                ++pairs;
                if (const uint32_t together = c.together(a, b)) counts.push_back(together);
            }
        }
        std::ranges::sort(counts, std::ranges::greater());
        if (counts.empty()) continue;
        const Fit fit = fitRanks(counts);
        table.row({std::to_string(l),
                   percent(static_cast<double>(counts.size()) / static_cast<double>(pairs)),
                   std::to_string(counts.front()), std::to_string(counts[counts.size() / 2]),
                   "rank^" + number(fit.power, 2), percent(fit.power_explains),
                   "e^" + number(fit.decay, 1), percent(fit.decay_explains),
                   fit.power_explains > std::max(0.95, fit.decay_explains) ? "a power law"
                   : fit.decay_explains > 0.95                             ? "exponential"
                                                                           : "neither"});
    }
    table.note("over " + std::to_string(layers.front().fresh.tokens()) +
               " tokens; fits of the counts by rank, in the logarithm, ranks spaced by 10 %");
    table.print(json);
}

void simulationTable(const std::string& name, const std::vector<LayerCase>& layers,
                     uint32_t width, uint32_t stride, bool json) {
    Table table(name + ": reads on held-out text, by order and cache",
                {"cache", "order", "misses/token", "run length", "reads/token", "MB/token",
                 "reads", "bytes"});
    for (const double share : {0.0, 0.1, 0.25, 0.5}) {
        const auto slots = static_cast<uint32_t>(share * width);
        OrderFigures first;
        const auto row = [&](const std::string& order, const OrderFigures& f) {
            if (first.tokens == 0) first = f;
            table.row({percent(share), order, number(f.misses / f.tokens, 0),
                       number(f.misses / std::max(f.runs, 1.0), 2),
                       number(f.reads / f.tokens, 1), number(f.bytes / f.tokens / 1e6, 3),
                       "x" + number(f.reads / std::max(first.reads, 1.0), 2),
                       "x" + number(f.bytes / std::max(first.bytes, 1.0), 2)});
        };
        for (size_t o = 0; o < layers.front().orders.size(); ++o) {
            OrderFigures sum;
            for (const LayerCase& layer : layers) {
                sum.add(simulateOrder(layer.held_out, layer.orders[o].second, slots, stride));
            }
            row(layers.front().orders[o].first, sum);
        }
        OrderFigures sum;
        for (const LayerCase& layer : layers) {
            sum.add(simulateFriendBundles(layer.held_out, layer.seen, slots, stride));
        }
        row("bundles of closest friends", sum);
    }
    table.note("true active sets, a cache of so many neurons of each layer that keeps the last "
               "used; bundles hold a copy of the closest friend and are read whole");
    table.print(json);
}

Status engineTable(const std::string& name, const std::string& base, const std::string& text,
                   uint32_t tokens, bool json) {
    ASSIGN_OR_RETURN(const std::string ordered, copyOf(base, "order-work"));
    TrainOptions options;
    options.text = text;
    options.tokens_max = tokens;
    options.order = true;
    StopFlag stop;
    {
        ASSIGN_OR_RETURN(const auto work, CalibrationWork::open(ordered, options, nullptr, stop));
        RETURN_IF_ERROR(orderNeurons(ordered, *work, nullptr, stop));
        work->job->remove();
    }
    ASSIGN_OR_RETURN(const ModelInfo info, inspectBundle(base, 512));
    Table table(name + ": the engine on both bundles",
                {"budget", "order", "hit rate", "reads/token", "MB/token", "ms/token", "waiting"});
    const uint64_t range = info.budget_bytes_max - info.budget_bytes_min;
    bool same = true;
    for (const uint64_t part : {16U, 4U, 2U}) {
        std::string said;
        for (const std::string& bundle : {base, ordered}) {
            ASSIGN_OR_RETURN(const auto session,
                             openBundle(bundle, info.budget_bytes_min + range / part, 512));
            ASSIGN_OR_RETURN(const Measured m,
                             measure(*session, "The old house by the river", 96, 24, false));
            if (bundle == base) said = m.summary.text;
            else same = same && said == m.summary.text;
            const auto n = static_cast<double>(m.tokens);
            table.row({formatBytes(info.budget_bytes_min + range / part),
                       bundle == base ? "as imported" : "greedy path", percent(m.sum.hitRate()),
                       number(static_cast<double>(m.sum.reads) / n, 1),
                       number(static_cast<double>(m.sum.read_bytes) / n / 1e6, 3),
                       number(m.sum.time_ms / n, 2),
                       percent(m.sum.flash_wait_ms / m.sum.time_ms)});
        }
    }
    table.note(same ? "the same words from both" : "THE WORDS DIFFER");
    table.print(json);
    std::error_code ignored;
    std::filesystem::remove_all(ordered, ignored);
    return {};
}

Status model(const std::string& name, const std::string& bundle, uint32_t tokens, bool json) {
    const std::string text = calibrationText();
    std::vector<LayerCase> layers;
    uint32_t width = 0, stride = 0;
    bool orderable = false;
    {
        ASSIGN_OR_RETURN(const ReadText seen, readTextThrough(bundle, text, tokens));
        ASSIGN_OR_RETURN(const ReadText held,
                         readTextThrough(bundle, heldOutText(), kHeldOutTokens));
        const Manifest& manifest = seen.session->model().bundle.manifest();
        width = manifest.config.ff_width;
        stride = manifest.record.stride;
        orderable = checkReorderable(manifest).has_value();
        for (uint32_t l = 0; l < manifest.config.layers; ++l) {
            ASSIGN_OR_RETURN(LayerCase one, layerCase(seen, held, l));
            layers.push_back(std::move(one));
        }
    }
    distributionTable(name, layers, json);
    simulationTable(name, layers, width, stride, json);
    if (!orderable) return {};
    return engineTable(name, bundle, text, tokens, json);
}

}  // namespace

int benchOrder(std::span<const std::string> args) {
    const bool json = has(args, "--json");
    const uint32_t tokens = countOption(args, "--tokens", kDefaultTokens);
    return forEachModel(args, StarterKind::kWhole,
                        [&](const std::string& title, const std::string& bundle) {
                            return model(title, bundle, tokens, json);
                        });
}

}  // namespace glowworm::bench
