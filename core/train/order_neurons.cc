// SPDX-License-Identifier: Apache-2.0
#include "core/train/order_neurons.h"

#include <algorithm>
#include <cstring>
#include <format>

#include "core/bundle/bundle_reader.h"
#include "core/train/neuron_order.h"
#include "core/train/reorder.h"

namespace glowworm {

namespace {

constexpr double kFoundAt = 0.4;  // of the whole; the rest is writing

Result<std::vector<uint32_t>> findOrder(CalibrationWork& work, LayerId layer, float least) {
    const std::string name = numbered("order", layer.value()) + ".bin";
    const uint32_t width = work.session->config().ff_width;
    std::vector<uint32_t> order(width);
    if (work.job->has(name)) {
        ASSIGN_OR_RETURN(const auto bytes, work.job->read(name));
        if (bytes.size() == width * sizeof(uint32_t)) {
            std::memcpy(order.data(), bytes.data(), bytes.size());
            return order;
        }
    }
    std::vector<float> x;
    RETURN_IF_ERROR(work.inputs->read(layer, x));
    const uint32_t hidden = work.session->config().hidden;
    const uint32_t tokens = std::min(work.inputs->tokens(), Coactivation::kTokensMax);
    for (size_t i = 0; i < tokens; ++i) {
        const size_t t = i * work.inputs->tokens() / tokens;
        std::copy_n(x.data() + t * hidden, hidden, x.data() + i * hidden);
    }
    ASSIGN_OR_RETURN(const LayerTruth truth,
                     LayerTruth::read(*work.session, layer, least, x, tokens));
    order = greedyOrder(Coactivation::count(truth, work.session->backend().pool()));
    RETURN_IF_ERROR(work.job->write(name, std::as_bytes(std::span(order))));
    return order;
}

}  // namespace

float contributionLeast(const Manifest& manifest, uint32_t layer) {
    for (const PredictorEntry& entry : manifest.predictors) {
        if (!entry.kind.starts_with("shadow")) return entry.layers[layer].contribution_threshold;
    }
    return 0;
}

Status orderNeurons(const std::string& bundle, CalibrationWork& work, const ProgressSink& progress,
                    const StopFlag& stop) {
    ASSIGN_OR_RETURN(const Bundle opened, Bundle::open(bundle));
    const Manifest& manifest = opened.manifest();
    std::vector<std::vector<uint32_t>> orders;
    for (uint32_t l = 0; l < manifest.config.layers; ++l) {
        if (stop.requested()) return fail(ErrorCode::kCancelled, "stopped");
        if (progress) {
            progress({std::format("finding the order of layer {} of {}", l + 1,
                                  manifest.config.layers),
                      kFoundAt * l / manifest.config.layers});
        }
        ASSIGN_OR_RETURN(auto order,
                         findOrder(work, LayerId(l), contributionLeast(manifest, l)));
        orders.push_back(std::move(order));
    }
    const auto relay = [&](const Progress& p) {
        if (progress) progress({p.stage, kFoundAt + (1 - kFoundAt) * p.fraction});
    };
    return reorderBundle(bundle, orders, work.job->path("bundle"), relay, stop);
}

}  // namespace glowworm
