// SPDX-License-Identifier: Apache-2.0
// What the misses of a window cost in reads: neighbours on flash come in one read, so bytes and
// reads are not in proportion to misses. For some windows, the reads that their misses would have
// made are counted as the store would plan them, on a sample: one layer a token, in turn.
//
// Engine thread only. A sample costs time in proportion to the layer's width; nothing is allocated
// after the constructor.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "core/base/ids.h"
#include "core/bundle/neuron_table.h"

namespace glowworm {

// How neighbours are joined: gaps of at most `gap_bytes` are read along, reads of more than
// `run_bytes_max` are not made.
struct ReadMerging {
    uint64_t gap_bytes = 0;
    uint64_t run_bytes_max = 0;
};

struct MissCost {
    double bytes = 0, reads = 0;
};

class MissRuns {
  public:
    // Borrows the table.
    MissRuns(const NeuronTable& table, uint32_t layers, uint32_t neurons,
             const ReadMerging& merging);
    static uint64_t bytesNeeded(uint32_t layers, uint32_t neurons);

    // Whether the layer's present token is to be sampled: if so, sample() comes next.
    [[nodiscard]] bool wants(LayerId layer) const { return layer.value() == next_layer_; }
    // The active set of a token and how many tokens ago each fired before.
    void sample(LayerId layer, std::span<const NeuronId> active,
                std::span<const uint32_t> distances);

    // The bytes and reads of `misses` neurons of this layer; before a sample, each by itself.
    [[nodiscard]] MissCost cost(LayerId layer, double misses) const;

  private:
    static constexpr std::array<uint32_t, 10> kWindows = {0, 1, 2, 4, 8, 16, 32, 64, 128, 256};
    struct Sum {
        double misses = 0, bytes = 0, reads = 0;
    };
    [[nodiscard]] Sum runsOf(uint32_t window) const;

    const NeuronTable& table_;
    ReadMerging merging_;
    uint32_t next_layer_ = 0;
    std::vector<std::array<Sum, kWindows.size()>> sums_;  // [layers]
    std::vector<double> samples_;                         // [layers]
    struct Place {
        uint64_t offset = 0;
        uint32_t distance = 0;
    };
    std::vector<Place> places_;  // capacity neurons
};

}  // namespace glowworm
