// SPDX-License-Identifier: Apache-2.0
// Without selective persistence (Techniques): the matrices of each layer that otherwise stay in
// DRAM are read from resident.bin for every pass, one layer ahead of the one that computes, in
// long sequential reads. Two layers' worth of buffers; norms, biases, tables, the embedding and the
// head stay. A baseline to measure against: what is read again is not compared with a checksum.
//
// Engine thread only. Borrows the weights, whose views it points into its buffers, and the reader.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/base/clock.h"
#include "core/base/controls.h"
#include "core/base/error.h"
#include "core/base/reserved_memory.h"
#include "core/base/stats.h"
#include "core/bundle/manifest.h"
#include "core/io/flash_reader.h"
#include "core/model/weights.h"

namespace glowworm {

class WeightStream {
  public:
    static constexpr size_t kReadBytes = 1 << 20;

    // Gives the pages of those matrices back to the system.
    static Result<std::unique_ptr<WeightStream>> create(Weights& weights, FlashReader& resident,
                                                        const Clock& clock);
    // What of resident.bin stays, and the buffers: for the memory plan.
    static uint64_t residentBytes(const Manifest& manifest);

    // Starts reading layer 0. After an error or a stop nothing is in flight.
    Status begin();
    // Waits for the layer (in order from 0), points its views to it and starts the next one.
    Status use(LayerId layer, const StopFlag& stop);
    // Ends early: waits for what is in flight.
    void end();
    void takeStats(TokenStats& stats);

  private:
    struct Matrix {
        MatrixView* view = nullptr;
        uint64_t offset = 0, bytes = 0;  // in resident.bin
    };

    WeightStream(FlashReader& resident, const Clock& clock) : reader_(resident), clock_(clock) {}
    void planLayer(size_t layer);
    Status submitSome();
    [[nodiscard]] std::byte* buffer(size_t layer) const {
        return memory_.data() + layer % 2 * buffer_bytes_;
    }

    FlashReader& reader_;
    const Clock& clock_;
    std::vector<std::vector<Matrix>> layers_;
    ReservedMemory memory_;      // two layers
    uint64_t buffer_bytes_ = 0;  // of one
    std::vector<ReadRequest> requests_;  // of the layer on its way
    std::vector<ReadCompletion> completions_;
    size_t submitted_ = 0, completed_ = 0;
    double flash_wait_ms_ = 0;
    uint64_t read_bytes_ = 0, reads_ = 0;
};

}  // namespace glowworm
