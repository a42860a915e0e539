// SPDX-License-Identifier: Apache-2.0
// Reads whole layers of neuron records from front to back, a chunk at a time, with the next chunks
// already on their way: how a prompt passes over flash once (design.md, idea 9). Neurons in
// the cache are copied from there instead of read; neighbours that must be read are read together.
//
// Engine thread only. Borrows cache and reader; nobody else may have reads in flight meanwhile.
// Owns its staging memory, made once.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "core/base/clock.h"
#include "core/base/controls.h"
#include "core/base/error.h"
#include "core/base/reserved_memory.h"
#include "core/base/stats.h"
#include "core/bundle/neuron_table.h"
#include "core/cache/neuron_cache.h"
#include "core/io/flash_reader.h"

namespace glowworm {

// Records of one layer, in physical order, side by side; of a split bundle each part by itself.
struct RecordChunk {
    LayerId layer;
    std::span<const NeuronId> neurons;  // whose records these are
    uint32_t first = 0;                 // physical place of the first
    const std::byte* data = nullptr;    // room for `capacity` pieces of each kind, by kind
    uint32_t capacity = 0;
    const RecordPieces* pieces = nullptr;
    bool last_of_layer = false;

    // A matrix's row of the first neuron, and the distance to the next one's.
    [[nodiscard]] const std::byte* part(const RecordPart& part) const {
        const RecordPiece& piece = pieces->of(part);
        return data + size_t{capacity} * piece.offset + (part.offset - piece.offset);
    }
    [[nodiscard]] uint32_t stride(const RecordPart& part) const { return pieces->of(part).bytes; }
    // The i-th neuron's record as a slot holds it.
    void copyRecord(size_t i, std::byte* record) const {
        for (const RecordPiece& piece : pieces->all()) {
            std::memcpy(record + piece.offset,
                        data + size_t{capacity} * piece.offset + i * piece.bytes, piece.bytes);
        }
    }
};

class RecordStream {
  public:
    static constexpr size_t kBuffers = 4;            // chunks in flight or in use
    // For the baselines, which do nothing but stream and must not wait for want of reads in flight.
    static constexpr size_t kBuffersBaseline = 16;
    static constexpr size_t kChunkBytes = 1 << 20;   // of a chunk, at most
    static constexpr uint32_t kChunkRecords = 1024;  // of a chunk, at most

    static Result<RecordStream> create(NeuronCache& cache, FlashReader& reader,
                                       const NeuronTable& table, uint32_t layers,
                                       uint32_t neurons, const Clock& clock,
                                       size_t buffers = kBuffers);
    // What create() holds, for the memory plan.
    static uint64_t bytesNeeded(const RecordLayout& layout, uint32_t layers, uint32_t neurons,
                                size_t buffers = kBuffers);
    static uint32_t chunkRecords(const RecordLayout& layout, uint32_t neurons);

    // Starts reading at layer 0. `passes`: how often all layers will be asked for (a prompt of
    // three chunks: 3), so that the read-ahead knows its end. After an error nothing is in flight.
    // `rows_only` (split bundles): up and gate rows alone, whatever the cache has. Halves of
    // records have no checksum, so damaged rows are not found.
    Status begin(uint32_t passes, bool rows_only = false);
    // The next chunk in order; the one before it is given up. kCancelled on a stop. After an error
    // or a stop nothing is in flight.
    Result<RecordChunk> next(const StopFlag& stop);
    // Ends early: waits for what is in flight.
    void end();

    void takeStats(TokenStats& stats);

    // A layer's neurons by physical place: the order in which a dense pass adds them.
    [[nodiscard]] std::span<const NeuronId> order(LayerId layer) const {
        return std::span(order_).subspan(size_t{layer.value()} * neurons_, neurons_);
    }

  private:
    struct Buffer {
        LayerId layer;
        uint32_t first = 0, count = 0;  // physical places
        uint32_t reads_left = 0;
        bool last_of_layer = false;
        std::vector<NeuronId> neurons;  // capacity chunk records
    };
    RecordStream(NeuronCache& cache, FlashReader& reader, const NeuronTable& table,
                 const Clock& clock)
        : cache_(cache), reader_(reader), table_(table), clock_(clock) {}
    Status readAhead();
    void planChunk(size_t buffer);
    void addRun(size_t buffer, uint32_t begin, uint32_t end);
    void copyCached(size_t buffer, uint32_t place, const std::byte* record);
    [[nodiscard]] RecordChunk chunkOf(size_t buffer) const;
    [[nodiscard]] bool wanted(const RecordPiece& piece) const;
    Status checkSplit(size_t buffer);
    Status submitPending();
    Status waitFor(size_t buffer, const StopFlag& stop);
    Status checkRun(const ReadRequest& request);
    std::byte* bufferData(size_t buffer) const;
    [[nodiscard]] uint64_t chunkBytes() const;

    NeuronCache& cache_;
    FlashReader& reader_;
    const NeuronTable& table_;
    const Clock& clock_;
    ReservedMemory staging_;
    uint32_t layers_ = 0, neurons_ = 0, chunk_records_ = 0;
    std::vector<NeuronId> order_;          // [layers, neurons] logical neuron by physical place
    std::vector<Buffer> buffers_;
    std::vector<ReadRequest> pending_;     // planned, not yet submitted
    std::vector<ReadRequest> requests_;    // by tag: [piece, buffer, chunk record]
    std::vector<std::byte> record_;        // split bundles: one record, gathered
    bool rows_only_ = false;
    std::vector<ReadCompletion> completions_;
    uint64_t planned_ = 0, taken_ = 0;     // chunks, counted over all passes
    uint64_t total_ = 0;
    uint32_t chunks_per_layer_ = 0;
    double flash_wait_ms_ = 0;
    uint64_t read_bytes_ = 0, reads_ = 0;
};

}  // namespace glowworm
