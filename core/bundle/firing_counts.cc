// SPDX-License-Identifier: Apache-2.0
#include "core/bundle/firing_counts.h"

#include <algorithm>
#include <cstring>

#include "core/base/check.h"

namespace glowworm {

namespace {

constexpr char kMagic[8] = {'G', 'W', 'F', 'I', 'R', 'I', 'N', 'G'};
constexpr uint32_t kVersion = 1;
struct Header {
    char magic[8];
    uint32_t version, tokens, layers, ff_width;
};
static_assert(sizeof(Header) == 24);

}  // namespace

FiringCounts FiringCounts::ofShape(const ModelConfig& config, uint32_t tokens) {
    FiringCounts counts{tokens, config.layers, config.ff_width, {}};
    counts.counts.resize(size_t{config.layers} * config.ff_width);
    return counts;
}

std::vector<NeuronId> FiringCounts::hottest(LayerId layer) const {
    const std::span<const uint32_t> of_layer = this->layer(layer);
    std::vector<NeuronId> neurons;
    neurons.reserve(ff_width);
    for (uint32_t n = 0; n < ff_width; ++n) neurons.emplace_back(n);
    std::ranges::stable_sort(neurons, std::ranges::greater(),
                             [&](NeuronId n) { return of_layer[n.value()]; });
    return neurons;
}

std::vector<std::byte> firingCountsToBytes(const FiringCounts& counts) {
    CHECK(counts.counts.size() == size_t{counts.layers} * counts.ff_width);
    Header header{{}, kVersion, counts.tokens, counts.layers, counts.ff_width};
    std::memcpy(header.magic, kMagic, sizeof kMagic);
    std::vector<std::byte> bytes(sizeof header + counts.counts.size() * sizeof(uint32_t));
    std::memcpy(bytes.data(), &header, sizeof header);
    std::memcpy(bytes.data() + sizeof header, counts.counts.data(),
                counts.counts.size() * sizeof(uint32_t));
    return bytes;
}

Result<FiringCounts> firingCountsFromBytes(std::span<const std::byte> bytes,
                                           const ModelConfig& config, const std::string& name) {
    const auto bad = [&](const std::string& fault) {
        return fail(ErrorCode::kInvalidFile, name + " " + fault + "; calibrate the model again");
    };
    Header header{};
    if (bytes.size() < sizeof header) return bad("is cut short");
    std::memcpy(&header, bytes.data(), sizeof header);
    if (std::memcmp(header.magic, kMagic, sizeof kMagic) != 0 || header.version != kVersion) {
        return bad("has no counts of firing neurons that this version can read");
    }
    FiringCounts counts = FiringCounts::ofShape(config, header.tokens);
    if (header.layers != config.layers || header.ff_width != config.ff_width ||
        bytes.size() != sizeof header + counts.counts.size() * sizeof(uint32_t)) {
        return bad("counts the neurons of a model of another shape");
    }
    std::memcpy(counts.counts.data(), bytes.data() + sizeof header,
                counts.counts.size() * sizeof(uint32_t));
    if (std::ranges::any_of(counts.counts, [&](uint32_t c) { return c > counts.tokens; })) {
        return bad("says that a neuron fired more often than there were tokens");
    }
    return counts;
}

}  // namespace glowworm
