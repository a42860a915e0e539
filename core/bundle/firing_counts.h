// SPDX-License-Identifier: Apache-2.0
// firing.bin: how often each neuron fired while calibration read its text, so that a cache can be
// warmed with the hot ones before the first token. A neuron fires when it is part of the true
// active set: not zero with ReLU, else above the layer's contribution threshold. Little endian.
//
//   byte  0  magic "GWFIRING"
//         8  u32 version (1)
//        12  u32 tokens: positions that were counted, the same for every layer
//        16  u32 layers
//        20  u32 ff_width
//        24  u32 counts [layers, ff_width], by logical neuron, each at most `tokens`
//
// The whole file's size and checksum are in the manifest (`firing`). A value; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/ids.h"
#include "core/bundle/manifest.h"

namespace glowworm {

struct FiringCounts {
    uint32_t tokens = 0;
    uint32_t layers = 0;
    uint32_t ff_width = 0;
    std::vector<uint32_t> counts;  // [layers, ff_width] by logical neuron

    // All zero, of a model's shape.
    static FiringCounts ofShape(const ModelConfig& config, uint32_t tokens);

    [[nodiscard]] std::span<const uint32_t> layer(LayerId layer) const {
        return std::span(counts).subspan(size_t{layer.value()} * ff_width, ff_width);
    }
    [[nodiscard]] std::span<uint32_t> layer(LayerId layer) {
        return std::span(counts).subspan(size_t{layer.value()} * ff_width, ff_width);
    }
    // All neurons of a layer, the most frequent first; equal ones in ascending order.
    [[nodiscard]] std::vector<NeuronId> hottest(LayerId layer) const;
};

std::vector<std::byte> firingCountsToBytes(const FiringCounts& counts);
// kInvalidFile (with `name`) unless the bytes are counts of a model of this shape.
Result<FiringCounts> firingCountsFromBytes(std::span<const std::byte> bytes,
                                           const ModelConfig& config, const std::string& name);

}  // namespace glowworm
