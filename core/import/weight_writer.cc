// SPDX-License-Identifier: Apache-2.0
#include "core/import/weight_writer.h"

#include <algorithm>

#include "core/base/check.h"

namespace glowworm {

namespace {

constexpr uint64_t kChunkBytes = uint64_t{2} << 20;
constexpr uint32_t kTileNeurons = 256;  // whole blocks of every dtype

uint64_t rowsAtOnce(uint64_t row_bytes) { return std::max<uint64_t>(1, kChunkBytes / row_bytes); }

}  // namespace

Status WeightWriter::write() {
    progress_.setStage("reading the resident weights");
    for (const PlannedTensor& planned : plan_.tensors)
        RETURN_IF_ERROR(planned.spec.role == TensorRole::kMatrix ? writeMatrix(planned)
                                                                 : writeVector(planned));
    const TensorNames names(source_.format, source_.config, source_.store);
    for (uint32_t layer = 0; layer < source_.config.layers; ++layer) {
        progress_.setStage("reading layer " + std::to_string(layer + 1) + " of " +
                           std::to_string(source_.config.layers));
        RETURN_IF_ERROR(writeLayer(layer, names));
    }
    return {};
}

Status WeightWriter::writeMatrix(const PlannedTensor& planned) {
    ASSIGN_OR_RETURN(const StoredTensor* tensor, source_.store.find(planned.origin.source));
    RETURN_IF_ERROR(out_.beginTensor(planned.spec.name, planned.dtype, planned.spec.shape));
    std::vector<RowRange> ranges = planned.origin.rows;
    if (ranges.empty()) ranges.push_back({0, tensor->rows()});
    const uint64_t step = rowsAtOnce(rowBytes(*tensor->dtype, tensor->cols()));
    for (const RowRange& range : ranges) {
        for (uint64_t done = 0; done < range.count; done += step) {
            const uint64_t count = std::min(step, range.count - done);
            RETURN_IF_ERROR(readRows(*tensor, range.first + done, count, planned.dtype, up_rows_));
            RETURN_IF_ERROR(out_.appendTensor(up_rows_));
        }
    }
    return out_.endTensor();
}

Status WeightWriter::writeVector(const PlannedTensor& planned) {
    ASSIGN_OR_RETURN(const StoredTensor* tensor, source_.store.find(planned.origin.source));
    RETURN_IF_ERROR(readRows(*tensor, 0, 1, Dtype::kF32, up_rows_));
    const float* all = reinterpret_cast<const float*>(up_rows_.data());
    if (planned.origin.rows.empty())
        return out_.addVector(planned.spec.name, {all, planned.spec.shape[0]});
    std::vector<float> picked;
    for (const RowRange& range : planned.origin.rows)
        picked.insert(picked.end(), all + range.first, all + range.first + range.count);
    return out_.addVector(planned.spec.name, picked);
}

Status WeightWriter::readRows(const StoredTensor& tensor, uint64_t first, uint64_t count,
                              Dtype dtype, std::vector<std::byte>& out) {
    const uint64_t cols = tensor.cols();
    const uint64_t stored_bytes = rowBytes(*tensor.dtype, cols), bytes = rowBytes(dtype, cols);
    out.resize(count * bytes);
    if (dtype == *tensor.dtype) {
        RETURN_IF_ERROR(source_.store.readRows(tensor, first, count, out));
        return progress_.advance(count * stored_bytes);
    }
    stored_.resize(count * stored_bytes);
    values_.resize(cols);
    RETURN_IF_ERROR(source_.store.readRows(tensor, first, count, stored_));
    for (uint64_t row = 0; row < count; ++row) {
        decodeRow(*tensor.dtype, stored_.data() + row * stored_bytes, cols, values_.data());
        encodeRow(dtype, values_.data(), cols, out.data() + row * bytes);
    }
    return progress_.advance(count * stored_bytes);
}

Status WeightWriter::readDown(const StoredTensor& tensor) {
    const uint64_t row_bytes = rowBytes(*tensor.dtype, tensor.cols());
    down_.resize(tensor.rows() * row_bytes);
    const uint64_t step = rowsAtOnce(row_bytes);
    for (uint64_t first = 0; first < tensor.rows(); first += step) {
        const uint64_t count = std::min(step, tensor.rows() - first);
        RETURN_IF_ERROR(source_.store.readRows(
            tensor, first, count, std::span(down_).subspan(first * row_bytes, count * row_bytes)));
        RETURN_IF_ERROR(progress_.advance(count * row_bytes));
    }
    return {};
}

void WeightWriter::transposeDown(const StoredTensor& tensor, uint32_t first, uint32_t count) {
    const size_t hidden = source_.config.hidden;
    const size_t stored_bytes = rowBytes(*tensor.dtype, tensor.cols());
    const size_t skip = rowBytes(*tensor.dtype, first);
    values_.resize(count);
    tile_.resize(count * hidden);
    for (size_t row = 0; row < hidden; ++row) {
        decodeRow(*tensor.dtype, down_.data() + row * stored_bytes + skip, count, values_.data());
        for (size_t neuron = 0; neuron < count; ++neuron)
            tile_[neuron * hidden + row] = values_[neuron];
    }
    const RecordPart& part = plan_.record.down;
    down_rows_.resize(size_t{count} * part.bytes);
    for (size_t neuron = 0; neuron < count; ++neuron)
        encodeRow(part.dtype, tile_.data() + neuron * hidden, hidden,
                  down_rows_.data() + neuron * part.bytes);
}

Status WeightWriter::writeLayer(uint32_t layer, const TensorNames& names) {
    const TensorOrigin down = names.origin(layerTensorName(layer, "down"));
    ASSIGN_OR_RETURN(const StoredTensor* tensor, source_.store.find(down.source));
    RETURN_IF_ERROR(readDown(*tensor));
    RETURN_IF_ERROR(out_.beginLayer());
    for (uint32_t first = 0; first < source_.config.ff_width; first += kTileNeurons) {
        const uint32_t count = std::min(kTileNeurons, source_.config.ff_width - first);
        transposeDown(*tensor, first, count);
        RETURN_IF_ERROR(writeTile(names, layer, first, count));
    }
    return out_.endLayer();
}

Status WeightWriter::writeTile(const TensorNames& names, uint32_t layer, uint32_t first,
                               uint32_t count) {
    const RecordLayout& record = plan_.record;
    const auto read = [&](const char* part, const RecordPart& place,
                          std::vector<std::byte>& rows) -> Status {
        rows.clear();
        if (place.bytes == 0) return {};
        const TensorOrigin origin = names.origin(layerTensorName(layer, part));
        ASSIGN_OR_RETURN(const StoredTensor* tensor, source_.store.find(origin.source));
        return readRows(*tensor, first, count, place.dtype, rows);
    };
    RETURN_IF_ERROR(read("up", record.up, up_rows_));
    RETURN_IF_ERROR(read("gate", record.gate, gate_rows_));
    const auto row = [](const std::vector<std::byte>& rows, const RecordPart& place, size_t i) {
        return std::span<const std::byte>(rows).subspan(i * place.bytes, place.bytes);
    };
    for (size_t i = 0; i < count; ++i)
        RETURN_IF_ERROR(out_.addRecord(row(up_rows_, record.up, i), row(gate_rows_, record.gate, i),
                                       row(down_rows_, record.down, i)));
    return progress_.advance(0);
}

}  // namespace glowworm
