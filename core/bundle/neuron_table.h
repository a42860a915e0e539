// SPDX-License-Identifier: Apache-2.0
// Where each neuron's record lies in neurons.bin, and whether the bytes that came from there are
// the ones that were written. Points into the resident tensors; immutable; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/base/error.h"
#include "core/base/ids.h"
#include "core/bundle/manifest.h"
#include "core/bundle/record.h"
#include "core/bundle/resident_tensors.h"

namespace glowworm {

class NeuronTable {
  public:
    // kInvalidFile when a layer's order is not a permutation of its neurons.
    static Result<NeuronTable> create(std::shared_ptr<const Manifest> manifest,
                                      const ResidentTensors& resident);

    [[nodiscard]] const RecordLayout& layout() const { return manifest_->record; }
    // The place of a neuron among its layer's records; neighbours in this order lie side by side.
    [[nodiscard]] uint32_t physical(LayerId layer, NeuronId neuron) const;
    // Byte offset in neurons.bin, a multiple of kRecordAlignment; the record has layout().stride.
    // In a split bundle this is where its first part lies.
    [[nodiscard]] uint64_t recordOffset(LayerId layer, NeuronId neuron) const {
        return pieceOffset(layer, neuron, pieces_.list[0]);
    }
    // What of a record lies together: one piece, or each part in a split bundle.
    [[nodiscard]] const RecordPieces& pieces() const { return pieces_; }
    [[nodiscard]] uint64_t pieceOffset(LayerId layer, NeuronId neuron,
                                       const RecordPiece& piece) const;
    // Is `record` (at least recordUsedBytes) what was written for this neuron? About 1 us.
    [[nodiscard]] bool recordMatches(LayerId layer, NeuronId neuron, const std::byte* record) const;

  private:
    struct Layer {
        std::span<const uint32_t> order;  // empty: identity
        std::span<const uint32_t> checksums;
    };
    std::shared_ptr<const Manifest> manifest_;
    RecordPieces pieces_;
    std::vector<Layer> layers_;
};

}  // namespace glowworm
