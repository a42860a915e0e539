// SPDX-License-Identifier: Apache-2.0
#include "core/model/weight_stream.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "core/base/check.h"
#include "core/bundle/tensor_list.h"

namespace glowworm {

namespace {

constexpr std::string_view kStreamed[] = {"q", "k", "v", "o", "up", "gate"};

// A matrix in a buffer: the sectors that hold it, from a page of its own.
uint64_t bufferBytes(uint64_t matrix_bytes) {
    return (matrix_bytes + 2 * kReadAlignment + kFileAlignment) / kFileAlignment * kFileAlignment;
}

}  // namespace

uint64_t WeightStream::residentBytes(const Manifest& manifest) {
    uint64_t streamed = 0, largest = 0;
    for (uint32_t l = 0; l < manifest.config.layers; ++l) {
        uint64_t layer = 0;
        for (const std::string_view name : kStreamed) {
            const auto tensor = std::ranges::find(manifest.tensors, layerTensorName(l, name),
                                                  &TensorEntry::name);
            if (tensor == manifest.tensors.end()) continue;
            // Pages that the matrix shares with its neighbours stay.
            streamed += tensor->bytes - std::min<uint64_t>(tensor->bytes, 2 * kFileAlignment);
            layer += bufferBytes(tensor->bytes);
        }
        largest = std::max(largest, layer);
    }
    return manifest.resident_bytes - streamed + 2 * largest;
}

Result<std::unique_ptr<WeightStream>> WeightStream::create(Weights& weights, FlashReader& resident,
                                                           const Clock& clock) {
    std::unique_ptr<WeightStream> stream(new WeightStream(resident, clock));
    size_t requests = 0;
    for (LayerWeights& w : weights.layers) {
        std::vector<Matrix>& matrices = stream->layers_.emplace_back();
        uint64_t bytes = 0;
        for (MatrixView* view : {&w.q.weight, &w.k.weight, &w.v.weight, &w.o.weight, &w.up,
                                 &w.gate}) {
            if (view->data == nullptr) continue;
            const auto offset = static_cast<uint64_t>(view->data - weights.memory.data());
            matrices.push_back({view, offset, view->rows * rowBytes(view->dtype, view->cols)});
            bytes += bufferBytes(matrices.back().bytes);
            weights.memory.release(offset, matrices.back().bytes);
        }
        stream->buffer_bytes_ = std::max(stream->buffer_bytes_, bytes);
        requests = std::max(requests, bytes / kReadBytes + 2 * matrices.size());
    }
    stream->requests_.reserve(requests);
    stream->completions_.resize(resident.depth());
    ASSIGN_OR_RETURN(stream->memory_,
                     ReservedMemory::reserve(2 * stream->buffer_bytes_, Pages::kHuge));
    return stream;
}

void WeightStream::planLayer(size_t layer) {
    requests_.clear();
    submitted_ = completed_ = 0;
    std::byte* out = buffer(layer);
    for (const Matrix& matrix : layers_[layer]) {
        const uint64_t begin = matrix.offset / kReadAlignment * kReadAlignment;
        const uint64_t end =
            (matrix.offset + matrix.bytes + kReadAlignment - 1) / kReadAlignment * kReadAlignment;
        for (uint64_t at = begin; at < end; at += kReadBytes) {
            const auto bytes = static_cast<uint32_t>(std::min<uint64_t>(kReadBytes, end - at));
            requests_.push_back({at, bytes, out + (at - begin), requests_.size()});
        }
        out += bufferBytes(matrix.bytes);
    }
}

Status WeightStream::submitSome() {
    while (submitted_ < requests_.size()) {
        ASSIGN_OR_RETURN(const size_t taken,
                         reader_.submit(std::span(requests_).subspan(submitted_)));
        if (taken == 0) return {};
        submitted_ += taken;
    }
    return {};
}

Status WeightStream::begin() {
    CHECK(reader_.inFlight() == 0);
    planLayer(0);
    return submitSome();
}

Status WeightStream::use(LayerId layer, const StopFlag& stop) {
    while (completed_ < requests_.size()) {
        RETURN_IF_ERROR(submitSome());
        const ScopedTimer timer(clock_, &flash_wait_ms_);
        ASSIGN_OR_RETURN(const size_t count, reader_.wait(1, completions_, stop));
        for (size_t i = 0; i < count; ++i) {
            if (!completions_[i].ok) return std::unexpected(reader_.error());
            read_bytes_ += requests_[completions_[i].tag].bytes;
            ++reads_;
            ++completed_;
        }
        if (stop.requested()) return fail(ErrorCode::kCancelled, "stopped");
    }
    std::byte* data = buffer(layer.value());
    for (const Matrix& matrix : layers_[layer.value()]) {
        matrix.view->data = data + matrix.offset % kReadAlignment;
        data += bufferBytes(matrix.bytes);
    }
    if (layer.value() + 1 == layers_.size()) return {};
    planLayer(layer.value() + 1);
    return submitSome();
}

void WeightStream::end() {
    reader_.drain();
    requests_.clear();
    submitted_ = completed_ = 0;
}

void WeightStream::takeStats(TokenStats& stats) {
    stats.flash_wait_ms += std::exchange(flash_wait_ms_, 0.0);
    stats.read_bytes += std::exchange(read_bytes_, 0);
    stats.reads += std::exchange(reads_, 0);
}

}  // namespace glowworm
