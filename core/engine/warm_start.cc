// SPDX-License-Identifier: Apache-2.0
#include "core/engine/warm_start.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>

#include "core/bundle/checksum.h"
#include "core/io/file.h"

namespace glowworm {

namespace {

constexpr std::string_view kMagic = "GWWINDOW";
constexpr uint32_t kVersion = 1;
constexpr size_t kHeaderBytes = 20;
constexpr uint32_t kTiers = 4;  // by how soon they may leave

void put(std::string& text, uint32_t value) {
    char bytes[sizeof value];
    std::memcpy(bytes, &value, sizeof value);
    text.append(bytes, sizeof value);
}

// Takes a number from the front; nothing when there is none.
std::optional<uint32_t> take(std::string_view& text) {
    uint32_t value = 0;
    if (text.size() < sizeof value) return std::nullopt;
    std::memcpy(&value, text.data(), sizeof value);
    text.remove_prefix(sizeof value);
    return value;
}

uint64_t sumOf(std::string_view text, const Manifest& manifest) {
    return checksumOf(std::string(text) + manifest.hash);
}

// Neurons of one layer, each at most once and of the model.
bool takeLayer(std::string_view& text, uint32_t ff_width, std::vector<NeuronId>& neurons) {
    const auto count = take(text);
    if (!count || *count > ff_width) return false;
    std::vector<bool> seen(ff_width);
    for (uint32_t i = 0; i < *count; ++i) {
        const auto neuron = take(text);
        if (!neuron || *neuron >= ff_width || seen[*neuron]) return false;
        seen[*neuron] = true;
        neurons.emplace_back(*neuron);
    }
    return true;
}

}  // namespace

WarmNeurons hottestNeurons(const Bundle& bundle) {
    WarmNeurons neurons;
    const auto counts = bundle.firingCounts();
    for (uint32_t l = 0; counts && l < counts->layers; ++l) {
        neurons.push_back(counts->hottest(LayerId(l)));
        // Those that never fired are no warmer than none.
        const auto fired = counts->layer(LayerId(l));
        std::erase_if(neurons.back(), [&](NeuronId n) { return fired[n.value()] == 0; });
    }
    return neurons;
}

WarmNeurons heldNeurons(const NeuronCache& cache, uint32_t layers) {
    WarmNeurons neurons;
    for (uint32_t l = 0; l < layers; ++l) neurons.push_back(cache.held(LayerId(l)));
    return neurons;
}

std::string windowFile(const std::string& folder, const Manifest& manifest) {
    return folder + "/" + manifest.hash + ".window";
}

Status writeWindow(const std::string& folder, const Manifest& manifest,
                   const WarmNeurons& neurons) {
    std::string text(kMagic);
    for (const uint32_t value : {kVersion, manifest.config.layers, manifest.config.ff_width}) {
        put(text, value);
    }
    for (const std::vector<NeuronId>& layer : neurons) {
        put(text, static_cast<uint32_t>(layer.size()));
        for (const NeuronId neuron : layer) put(text, neuron.value());
    }
    const uint64_t sum = sumOf(text, manifest);
    text.append(reinterpret_cast<const char*>(&sum), sizeof sum);
    RETURN_IF_ERROR(makeFolders(folder));
    return writeWholeFile(windowFile(folder, manifest), text);
}

WarmNeurons readWindow(const std::string& folder, const Manifest& manifest) {
    const ModelConfig& config = manifest.config;
    const uint64_t bytes_max =
        kHeaderBytes + sizeof(uint64_t) +
        uint64_t{config.layers} * (uint64_t{config.ff_width} + 1) * sizeof(uint32_t);
    const auto whole = readWholeFile(windowFile(folder, manifest), bytes_max);
    if (!whole || whole->size() < kHeaderBytes + sizeof(uint64_t)) return {};
    std::string_view text(*whole);
    uint64_t sum = 0;
    std::memcpy(&sum, text.data() + text.size() - sizeof sum, sizeof sum);
    text.remove_suffix(sizeof sum);
    if (!text.starts_with(kMagic) || sum != sumOf(text, manifest)) return {};
    text.remove_prefix(kMagic.size());
    if (take(text) != kVersion || take(text) != config.layers || take(text) != config.ff_width) {
        return {};
    }
    WarmNeurons neurons(config.layers);
    for (std::vector<NeuronId>& layer : neurons) {
        if (!takeLayer(text, config.ff_width, layer)) return {};
    }
    return text.empty() ? neurons : WarmNeurons();
}

Status warmCache(NeuronStore& store, const WarmNeurons& neurons, const ProgressSink& progress,
                 const StopFlag& stop) {
    NeuronCache& cache = store.cache();
    TokenStats stats;  // none of a token: taken and forgotten
    store.beginToken();
    for (uint32_t l = 0; l < neurons.size(); ++l) {
        const LayerId layer(l);
        const size_t fits = std::min<size_t>(neurons[l].size(), cache.quota(layer));
        std::vector<NeuronId> wanted(neurons[l].begin(),
                                     neurons[l].begin() + static_cast<ptrdiff_t>(fits));
        std::ranges::sort(wanted);
        Status status;
        if (const auto batch = store.start(layer, wanted); !batch) {
            status = std::unexpected(batch.error());
        } else {
            status = store.finish(stop);
        }
        if (status) status = store.endLayer(layer);
        if (stop.requested()) status = fail(ErrorCode::kCancelled, "stopped");
        store.takeStats(stats);
        RETURN_IF_ERROR(status);
        const double done = static_cast<double>(l + 1) / static_cast<double>(neurons.size());
        if (progress) progress({"filling the neuron cache", done});
    }
    // The order in which they may leave again: the first quarter was active last.
    for (uint32_t tier = kTiers - 1; tier > 0; --tier) {
        store.beginToken();
        for (uint32_t l = 0; l < neurons.size(); ++l) {
            const LayerId layer(l);
            const size_t fits = std::min<size_t>(neurons[l].size(), cache.quota(layer));
            for (size_t i = 0; i < fits * tier / kTiers; ++i) cache.touch(layer, neurons[l][i]);
        }
    }
    store.takeStats(stats);
    return {};
}

}  // namespace glowworm
