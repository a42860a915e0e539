// SPDX-License-Identifier: Apache-2.0
#include "core/bundle/neuron_table.h"

#include <string>
#include <utility>

#include "core/base/check.h"
#include "core/bundle/tensor_list.h"

namespace glowworm {

namespace {

bool isPermutation(std::span<const uint32_t> order) {
    std::vector<bool> seen(order.size());
    for (const uint32_t place : order) {
        if (place >= order.size() || seen[place]) return false;
        seen[place] = true;
    }
    return true;
}

}  // namespace

Result<NeuronTable> NeuronTable::create(std::shared_ptr<const Manifest> manifest,
                                        const ResidentTensors& resident) {
    NeuronTable table;
    const uint32_t neurons = manifest->config.ff_width;
    for (uint32_t layer = 0; layer < manifest->config.layers; ++layer) {
        Layer& entry = table.layers_.emplace_back();
        const std::string checksums = layerTensorName(layer, "record_checksums");
        ASSIGN_OR_RETURN(entry.checksums, resident.words(checksums, neurons));
        const std::string order = layerTensorName(layer, "order");
        if (!resident.has(order)) continue;
        ASSIGN_OR_RETURN(entry.order, resident.words(order, neurons));
        if (!isPermutation(entry.order))
            return fail(ErrorCode::kInvalidFile,
                        "tensor \"" + order +
                            "\" is no order of the layer's neurons; import the "
                            "model again");
    }
    table.pieces_ = recordPieces(manifest->record);
    table.manifest_ = std::move(manifest);
    return table;
}

uint32_t NeuronTable::physical(LayerId layer, NeuronId neuron) const {
    const Layer& entry = layers_[layer.value()];
    DCHECK(neuron.value() < manifest_->config.ff_width);
    return entry.order.empty() ? neuron.value() : entry.order[neuron.value()];
}

uint64_t NeuronTable::pieceOffset(LayerId layer, NeuronId neuron, const RecordPiece& piece) const {
    return manifest_->extents[layer.value()].offset +
           uint64_t{manifest_->config.ff_width} * piece.offset +
           uint64_t{physical(layer, neuron)} * piece.bytes;
}

bool NeuronTable::recordMatches(LayerId layer, NeuronId neuron, const std::byte* record) const {
    return recordChecksum(manifest_->record, record) ==
           layers_[layer.value()].checksums[neuron.value()];
}

}  // namespace glowworm
