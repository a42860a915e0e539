// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <vector>

#include "core/bundle/bundle_files.h"
#include "core/bundle/bundle_reader.h"
#include "core/bundle/record.h"
#include "core/bundle/tensor_list.h"

namespace glowworm {

namespace {

// Reads a whole file through a small buffer and compares its checksum.
Status verifyFile(const std::string& path, uint64_t bytes, uint64_t checksum, Meter& meter,
                  const StopFlag& stop) {
    ASSIGN_OR_RETURN(const InputFile file, openSized(path, bytes));
    std::vector<std::byte> buffer(std::min(bytes, kChunkBytes));
    RunningChecksum sum;
    for (uint64_t done = 0; done < bytes;) {
        const std::span chunk =
            std::span(buffer).first(std::min<uint64_t>(kChunkBytes, bytes - done));
        RETURN_IF_ERROR(readDropping(file, done, chunk, meter, stop, sum));
        done += chunk.size();
    }
    if (sum.value() != checksum)
        return std::unexpected(damaged(path, "is damaged: its checksum does not match"));
    return {};
}

// The words of a layer's tensor, straight from resident.bin; empty where it is absent.
Result<std::vector<uint32_t>> readWords(const InputFile& resident, const Manifest& m,
                                        const std::string& name) {
    std::vector<uint32_t> words;
    const auto entry = std::ranges::find(m.tensors, name, &TensorEntry::name);
    if (entry == m.tensors.end()) return words;
    words.resize(m.config.ff_width);
    RETURN_IF_ERROR(resident.read(entry->offset, std::as_writable_bytes(std::span(words))));
    return words;
}

// By physical place what the logical order's table says by neuron.
Result<std::vector<uint32_t>> checksumsByPlace(const InputFile& resident, const Manifest& m,
                                               uint32_t layer) {
    ASSIGN_OR_RETURN(std::vector<uint32_t> sums,
                     readWords(resident, m, layerTensorName(layer, "record_checksums")));
    ASSIGN_OR_RETURN(const std::vector<uint32_t> order,
                     readWords(resident, m, layerTensorName(layer, "order")));
    if (order.empty()) return sums;
    std::vector<uint32_t> by_place(sums.size());
    for (size_t neuron = 0; neuron < order.size(); ++neuron) {
        if (order[neuron] >= by_place.size())
            return std::unexpected(damaged(resident.path(), "has an impossible neuron order"));
        by_place[order[neuron]] = sums[neuron];
    }
    return by_place;
}

Status damagedPlace(const InputFile& neurons, uint32_t layer, uint32_t place) {
    return std::unexpected(damaged(neurons.path(), "is damaged: record " + std::to_string(place) +
                                                       " of layer " + std::to_string(layer) +
                                                       " does not match its checksum"));
}

// A split layer: its extent from front to back, then each record from its pieces.
Status verifySplitLayer(const InputFile& neurons, const Manifest& m, uint32_t layer,
                        std::span<const uint32_t> sums, Meter& meter, const StopFlag& stop) {
    const LayerExtent& extent = m.extents[layer];
    const uint64_t bytes = uint64_t{extent.neurons} * m.record.stride;
    std::vector<std::byte> buffer(std::min(bytes, kChunkBytes));
    RunningChecksum sum;
    for (uint64_t done = 0; done < bytes;) {
        const auto chunk = std::span(buffer).first(std::min<uint64_t>(kChunkBytes, bytes - done));
        RETURN_IF_ERROR(readDropping(neurons, extent.offset + done, chunk, meter, stop, sum));
        done += chunk.size();
    }
    if (sum.value() != extent.checksum)
        return std::unexpected(
            damaged(neurons.path(),
                    "is damaged: layer " + std::to_string(layer) + " does not match its checksum"));
    const RecordPieces pieces = recordPieces(m.record);
    std::vector<std::byte> record(m.record.stride);
    for (uint32_t place = 0; place < extent.neurons; ++place) {
        if (stop.requested()) return fail(ErrorCode::kCancelled, "stopped");
        for (const RecordPiece& piece : pieces.all()) {
            const uint64_t at = extent.offset + uint64_t{extent.neurons} * piece.offset +
                                uint64_t{place} * piece.bytes;
            RETURN_IF_ERROR(
                neurons.read(at, std::span(record).subspan(piece.offset, piece.bytes)));
        }
        if (recordChecksum(m.record, record.data()) != sums[place])
            return damagedPlace(neurons, layer, place);
    }
    neurons.dropCache(extent.offset, bytes);
    return {};
}

// One layer's extent: its own checksum and each record's.
Status verifyLayer(const InputFile& neurons, const Manifest& m, uint32_t layer,
                   std::span<const uint32_t> sums, Meter& meter, const StopFlag& stop) {
    const LayerExtent& extent = m.extents[layer];
    const uint32_t records_a_read =
        std::max<uint32_t>(1, static_cast<uint32_t>(kChunkBytes / m.record.stride));
    std::vector<std::byte> buffer(uint64_t{std::min(records_a_read, extent.neurons)} *
                                  m.record.stride);
    RunningChecksum sum;
    for (uint32_t place = 0; place < extent.neurons; place += records_a_read) {
        const uint32_t count = std::min(records_a_read, extent.neurons - place);
        const std::span chunk = std::span(buffer).first(uint64_t{count} * m.record.stride);
        const uint64_t offset = extent.offset + uint64_t{place} * m.record.stride;
        RETURN_IF_ERROR(readDropping(neurons, offset, chunk, meter, stop, sum));
        for (uint32_t i = 0; i < count; ++i)
            if (recordChecksum(m.record, chunk.data() + uint64_t{i} * m.record.stride) !=
                sums[place + i])
                return damagedPlace(neurons, layer, place + i);
    }
    if (sum.value() != extent.checksum)
        return std::unexpected(
            damaged(neurons.path(),
                    "is damaged: layer " + std::to_string(layer) + " does not match its checksum"));
    return {};
}

}  // namespace

Status Bundle::verify(const ProgressSink& progress, const StopFlag& stop) const {
    const Manifest& m = *manifest_;
    Meter meter{progress, "verifying", diskBytes()};
    const std::string resident_path = folder_ + "/" + kResidentFile;
    RETURN_IF_ERROR(verifyFile(resident_path, m.resident_bytes, m.resident_checksum, meter, stop));
    RETURN_IF_ERROR(tokenizer());
    meter.add(m.tokenizer_bytes);
    for (const PredictorEntry& p : m.predictors)
        if (!p.file.empty())
            RETURN_IF_ERROR(verifyFile(folder_ + "/" + p.file, p.bytes, p.checksum, meter, stop));
    if (!m.firing.file.empty()) {
        RETURN_IF_ERROR(firingCounts());
        meter.add(m.firing.bytes);
    }
    ASSIGN_OR_RETURN(const InputFile resident, openSized(resident_path, m.resident_bytes));
    ASSIGN_OR_RETURN(const InputFile neurons, openSized(neuronsPath(), m.neurons_bytes));
    for (uint32_t layer = 0; layer < m.config.layers; ++layer) {
        ASSIGN_OR_RETURN(const auto sums, checksumsByPlace(resident, m, layer));
        RETURN_IF_ERROR((m.record.split ? verifySplitLayer : verifyLayer)(neurons, m, layer, sums,
                                                                          meter, stop));
    }
    return {};
}

}  // namespace glowworm
