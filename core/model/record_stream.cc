// SPDX-License-Identifier: Apache-2.0
#include "core/model/record_stream.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "core/base/check.h"
#include "core/model/damaged_record.h"

namespace glowworm {

uint32_t RecordStream::chunkRecords(const RecordLayout& layout, uint32_t neurons) {
    const auto by_bytes = static_cast<uint32_t>(kChunkBytes / layout.stride);
    return std::clamp(by_bytes, uint32_t{1}, std::min(kChunkRecords, neurons));
}

uint64_t RecordStream::bytesNeeded(const RecordLayout& layout, uint32_t layers, uint32_t neurons,
                                   size_t buffers) {
    const uint64_t records = uint64_t{buffers} * chunkRecords(layout, neurons);
    const uint64_t pieces = recordPieces(layout).count;
    return records * layout.stride + uint64_t{layers} * neurons * sizeof(NeuronId) +
           records * (sizeof(NeuronId) + 2 * pieces * sizeof(ReadRequest)) +
           (layout.split ? layout.stride : 0);
}

Result<RecordStream> RecordStream::create(NeuronCache& cache, FlashReader& reader,
                                          const NeuronTable& table, uint32_t layers,
                                          uint32_t neurons, const Clock& clock,
                                          size_t buffers) {
    RecordStream stream(cache, reader, table, clock);
    stream.buffers_.resize(buffers);
    stream.layers_ = layers;
    stream.neurons_ = neurons;
    stream.chunk_records_ = chunkRecords(table.layout(), neurons);
    stream.chunks_per_layer_ = (neurons + stream.chunk_records_ - 1) / stream.chunk_records_;
    ASSIGN_OR_RETURN(stream.staging_,
                     ReservedMemory::reserve(buffers * stream.chunkBytes(), Pages::kHuge));
    stream.order_.resize(size_t{layers} * neurons);
    for (uint32_t l = 0; l < layers; ++l) {
        for (uint32_t n = 0; n < neurons; ++n) {
            const uint32_t place = table.physical(LayerId(l), NeuronId(n));
            stream.order_[size_t{l} * neurons + place] = NeuronId(n);
        }
    }
    for (Buffer& buffer : stream.buffers_) buffer.neurons.reserve(stream.chunk_records_);
    const size_t requests = buffers * stream.chunk_records_ * table.pieces().count;
    stream.pending_.reserve(requests);
    stream.requests_.resize(requests);
    if (table.layout().split) stream.record_.resize(table.layout().stride);
    stream.completions_.resize(reader.depth());
    return stream;
}

uint64_t RecordStream::chunkBytes() const {
    return uint64_t{chunk_records_} * table_.layout().stride;
}

std::byte* RecordStream::bufferData(size_t buffer) const {
    return staging_.data() + buffer * chunkBytes();
}

RecordChunk RecordStream::chunkOf(size_t index) const {
    const Buffer& buffer = buffers_[index];
    return {buffer.layer,   buffer.neurons,    buffer.first,        bufferData(index),
            chunk_records_, &table_.pieces(), buffer.last_of_layer};
}

// In a split bundle the last piece is the down column.
bool RecordStream::wanted(const RecordPiece& piece) const {
    return !rows_only_ || piece.offset < table_.pieces().of(table_.layout().down).offset;
}

Status RecordStream::begin(uint32_t passes, bool rows_only) {
    CHECK(reader_.inFlight() == 0);
    CHECK(!rows_only || table_.layout().split);
    rows_only_ = rows_only;
    planned_ = taken_ = 0;
    total_ = uint64_t{passes} * layers_ * chunks_per_layer_;
    pending_.clear();
    Status status = readAhead();
    if (!status) end();
    return status;
}

// The buffer of chunk taken_ - 1 is still the caller's, so at most all others lie ahead of it.
Status RecordStream::readAhead() {
    const uint64_t in_use = taken_ > 0 ? taken_ - 1 : 0;
    while (planned_ < total_ && planned_ - in_use < buffers_.size()) {
        planChunk(planned_ % buffers_.size());
        ++planned_;
    }
    return submitPending();
}

void RecordStream::planChunk(size_t index) {
    Buffer& buffer = buffers_[index];
    const uint64_t in_pass = planned_ % (uint64_t{layers_} * chunks_per_layer_);
    const auto chunk = static_cast<uint32_t>(in_pass % chunks_per_layer_);
    buffer.layer = LayerId(static_cast<uint32_t>(in_pass / chunks_per_layer_));
    buffer.first = chunk * chunk_records_;
    buffer.count = std::min(chunk_records_, neurons_ - buffer.first);
    buffer.last_of_layer = chunk + 1 == chunks_per_layer_;
    buffer.reads_left = 0;
    const NeuronId* order = order_.data() + size_t{buffer.layer.value()} * neurons_;
    buffer.neurons.assign(order + buffer.first, order + buffer.first + buffer.count);

    const uint32_t stride = table_.layout().stride;
    const uint32_t gap = reader_.gapBytes() / stride;
    uint32_t run_begin = 0, run_end = 0;  // of what must be read; empty when equal
    for (uint32_t i = 0; i < buffer.count; ++i) {
        const std::byte* cached = rows_only_ ? nullptr
                                             : cache_.find(buffer.layer, buffer.neurons[i]);
        if (cached != nullptr) {
            copyCached(index, i, cached);
            continue;
        }
        if (run_begin != run_end && i - run_end > gap) {
            addRun(index, run_begin, run_end);
            run_begin = i;
        } else if (run_begin == run_end) {
            run_begin = i;
        }
        run_end = i + 1;
    }
    if (run_begin != run_end) addRun(index, run_begin, run_end);
}

void RecordStream::copyCached(size_t index, uint32_t place, const std::byte* record) {
    for (const RecordPiece& piece : table_.pieces().all()) {
        std::memcpy(bufferData(index) + size_t{chunk_records_} * piece.offset +
                        size_t{place} * piece.bytes,
                    record + piece.offset, piece.bytes);
    }
}

void RecordStream::addRun(size_t index, uint32_t begin, uint32_t end) {
    Buffer& buffer = buffers_[index];
    uint64_t tag = index * chunk_records_ + begin;
    for (const RecordPiece& piece : table_.pieces().all()) {
        if (!wanted(piece)) continue;
        const ReadRequest request{table_.pieceOffset(buffer.layer, buffer.neurons[begin], piece),
                                  (end - begin) * piece.bytes,
                                  bufferData(index) + size_t{chunk_records_} * piece.offset +
                                      size_t{begin} * piece.bytes,
                                  tag};
        requests_[tag] = request;
        pending_.push_back(request);
        ++buffer.reads_left;
        tag += buffers_.size() * chunk_records_;
    }
}

Status RecordStream::submitPending() {
    size_t sent = 0;
    while (sent < pending_.size() && reader_.inFlight() < reader_.depth()) {
        ASSIGN_OR_RETURN(const size_t taken, reader_.submit(std::span(pending_).subspan(sent)));
        if (taken == 0) break;
        sent += taken;
    }
    pending_.erase(pending_.begin(), pending_.begin() + static_cast<ptrdiff_t>(sent));
    return {};
}

Result<RecordChunk> RecordStream::next(const StopFlag& stop) {
    CHECK(taken_ < total_);
    ++taken_;
    const size_t index = (taken_ - 1) % buffers_.size();
    Status status = readAhead();
    if (stop.requested()) status = fail(ErrorCode::kCancelled, "stopped");
    if (status) status = waitFor(index, stop);
    if (!status) {
        end();
        return std::unexpected(status.error());
    }
    return chunkOf(index);
}

Status RecordStream::waitFor(size_t index, const StopFlag& stop) {
    while (buffers_[index].reads_left > 0) {
        RETURN_IF_ERROR(submitPending());
        size_t arrived = 0;
        {
            const ScopedTimer timer(clock_, &flash_wait_ms_);
            ASSIGN_OR_RETURN(arrived, reader_.wait(1, completions_, stop));
        }
        for (size_t i = 0; i < arrived; ++i) {
            if (!completions_[i].ok) return std::unexpected(reader_.error());
            const ReadRequest& request = requests_[completions_[i].tag];
            RETURN_IF_ERROR(checkRun(request));
            --buffers_[request.tag / chunk_records_ % buffers_.size()].reads_left;
        }
        if (stop.requested()) return fail(ErrorCode::kCancelled, "stopped");
    }
    return table_.layout().split && !rows_only_ ? checkSplit(index) : Status();
}

Status RecordStream::checkSplit(size_t index) {
    const RecordChunk chunk = chunkOf(index);
    for (size_t i = 0; i < chunk.neurons.size(); ++i) {
        chunk.copyRecord(i, record_.data());
        if (!table_.recordMatches(chunk.layer, chunk.neurons[i], record_.data())) {
            return damagedRecord(table_, chunk.layer, chunk.neurons[i]);
        }
    }
    return {};
}

Status RecordStream::checkRun(const ReadRequest& request) {
    read_bytes_ += request.bytes;
    ++reads_;
    if (table_.layout().split) return {};
    const uint32_t stride = table_.layout().stride;
    const Buffer& buffer = buffers_[request.tag / chunk_records_ % buffers_.size()];
    const auto begin = static_cast<uint32_t>(request.tag % chunk_records_);
    for (uint32_t i = 0; i < request.bytes / stride; ++i) {
        const NeuronId neuron = buffer.neurons[begin + i];
        if (!table_.recordMatches(buffer.layer, neuron,
                                  request.destination + size_t{i} * stride)) {
            return damagedRecord(table_, buffer.layer, neuron);
        }
    }
    return {};
}

void RecordStream::end() {
    reader_.drain();
    pending_.clear();
    taken_ = planned_ = total_ = 0;
}

void RecordStream::takeStats(TokenStats& stats) {
    stats.flash_wait_ms += std::exchange(flash_wait_ms_, 0.0);
    stats.read_bytes += std::exchange(read_bytes_, 0);
    stats.reads += std::exchange(reads_, 0);
}

}  // namespace glowworm
