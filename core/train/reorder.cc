// SPDX-License-Identifier: Apache-2.0
#include "core/train/reorder.h"

#include <fcntl.h>
#include <stdio.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <format>

#include "core/base/check.h"
#include "core/bundle/bundle_reader.h"
#include "core/bundle/bundle_writer.h"
#include "core/bundle/record.h"
#include "core/bundle/tensor_list.h"
#include "core/io/file.h"

namespace glowworm {

namespace {

namespace fs = std::filesystem;

constexpr uint64_t kChunkBytes = uint64_t{4} << 20;
constexpr double kWrittenAt = 0.7;  // of the whole; the rest is verifying

bool isOrder(const std::string& tensor) { return tensor.ends_with(".order"); }

class Reorderer {
  public:
    Reorderer(const Bundle& old, const std::vector<std::vector<uint32_t>>& orders,
              std::string folder, const ProgressSink& progress, const StopFlag& stop)
        : old_(old),
          manifest_(old.manifest()),
          orders_(orders),
          folder_(std::move(folder)),
          progress_(progress),
          stop_(stop) {}

    Status write() {
        RETURN_IF_ERROR(makeFolders(folder_));
        RETURN_IF_ERROR(copySmallFiles());
        RETURN_IF_ERROR(writeResident());
        RETURN_IF_ERROR(writeNeurons());
        manifest_.hash = weightsHash(manifest_);
        RETURN_IF_ERROR(writeManifest(folder_, manifest_));
        return syncFolder(folder_);
    }

  private:
    Status copy(const InputFile& from, uint64_t offset, uint64_t bytes, FileWriter& to,
                RunningChecksum* sum);
    Status copySmallFiles();
    Status addTensor(FileWriter& to, RunningChecksum& sum, TensorEntry entry,
                     std::vector<TensorEntry>& tensors);
    Status writeResident();
    Status writeNeurons();
    Status writeLayer(uint32_t layer, const std::vector<uint32_t>& places, const InputFile& from,
                      FileWriter& to);
    Result<std::vector<uint32_t>> placesOf(uint32_t layer) const;

    const Bundle& old_;
    Manifest manifest_;  // becomes the new one
    const std::vector<std::vector<uint32_t>>& orders_;
    std::string folder_;
    const ProgressSink& progress_;
    const StopFlag& stop_;
    std::vector<std::byte> buffer_;
};

Status Reorderer::copy(const InputFile& from, uint64_t offset, uint64_t bytes, FileWriter& to,
                       RunningChecksum* sum) {
    for (uint64_t done = 0; done < bytes; done += buffer_.size()) {
        if (stop_.requested()) return fail(ErrorCode::kCancelled, "stopped");
        buffer_.resize(std::min(kChunkBytes, bytes - done));
        RETURN_IF_ERROR(from.read(offset + done, buffer_));
        from.dropCache(offset + done, buffer_.size());
        if (sum != nullptr) sum->add(buffer_);
        RETURN_IF_ERROR(to.write(buffer_));
    }
    return {};
}

Status Reorderer::copySmallFiles() {
    std::vector<std::string> names = {kTokenizerFile};
    for (const PredictorEntry& predictor : manifest_.predictors) {
        if (!predictor.file.empty()) names.push_back(predictor.file);
    }
    if (!manifest_.firing.file.empty()) names.push_back(manifest_.firing.file);
    for (const std::string& name : names) {
        ASSIGN_OR_RETURN(const InputFile from, InputFile::open(old_.folder() + "/" + name));
        ASSIGN_OR_RETURN(FileWriter to, FileWriter::create(folder_ + "/" + name));
        RETURN_IF_ERROR(copy(from, 0, from.sizeBytes(), to, nullptr));
        RETURN_IF_ERROR(to.close());
    }
    return {};
}

// Zeros up to a tensor's place; the entry gets that place.
Status Reorderer::addTensor(FileWriter& to, RunningChecksum& sum, TensorEntry entry,
                            std::vector<TensorEntry>& tensors) {
    const uint64_t position = to.position();
    RETURN_IF_ERROR(to.padTo(kTensorAlignment));
    const std::vector<std::byte> zeros(to.position() - position);
    sum.add(zeros);
    entry.offset = to.position();
    tensors.push_back(std::move(entry));
    return {};
}

// All tensors as they are, but for the orders, which come last.
Status Reorderer::writeResident() {
    ASSIGN_OR_RETURN(const InputFile from, InputFile::open(old_.folder() + "/" + kResidentFile));
    ASSIGN_OR_RETURN(FileWriter to, FileWriter::create(folder_ + "/" + kResidentFile));
    RunningChecksum sum;
    std::vector<TensorEntry> tensors;
    for (const TensorEntry& tensor : old_.manifest().tensors) {
        if (isOrder(tensor.name)) continue;
        RETURN_IF_ERROR(addTensor(to, sum, tensor, tensors));
        RETURN_IF_ERROR(copy(from, tensor.offset, tensor.bytes, to, &sum));
    }
    for (uint32_t l = 0; l < manifest_.config.layers; ++l) {
        const auto bytes = std::as_bytes(std::span(orders_[l]));
        TensorEntry order{layerTensorName(l, "order"), Dtype::kF32, {orders_[l].size()}, 0,
                          bytes.size()};
        RETURN_IF_ERROR(addTensor(to, sum, std::move(order), tensors));
        RETURN_IF_ERROR(to.write(bytes));
        sum.add(bytes);
    }
    const uint64_t position = to.position();
    RETURN_IF_ERROR(to.padTo(kFileAlignment));
    const std::vector<std::byte> zeros(to.position() - position);
    sum.add(zeros);
    manifest_.tensors = std::move(tensors);
    manifest_.resident_bytes = to.position();
    manifest_.resident_checksum = sum.value();
    return to.close();
}

// Where each logical neuron lies in the old bundle.
Result<std::vector<uint32_t>> Reorderer::placesOf(uint32_t layer) const {
    const uint32_t width = manifest_.config.ff_width;
    std::vector<uint32_t> places(width);
    for (uint32_t n = 0; n < width; ++n) places[n] = n;
    const auto& tensors = old_.manifest().tensors;
    const auto entry = std::ranges::find(tensors, layerTensorName(layer, "order"),
                                         &TensorEntry::name);
    if (entry == tensors.end()) return places;
    ASSIGN_OR_RETURN(const InputFile resident,
                     InputFile::open(old_.folder() + "/" + kResidentFile));
    RETURN_IF_ERROR(resident.read(entry->offset, std::as_writable_bytes(std::span(places))));
    if (std::ranges::any_of(places, [&](uint32_t p) { return p >= width; })) {
        return fail(ErrorCode::kInvalidFile,
                    resident.path() + " has an impossible neuron order; import the model again");
    }
    return places;
}

Status Reorderer::writeNeurons() {
    ASSIGN_OR_RETURN(const InputFile from, InputFile::open(old_.neuronsPath()));
    ASSIGN_OR_RETURN(FileWriter to, FileWriter::create(folder_ + "/" + kNeuronsFile));
    for (uint32_t l = 0; l < manifest_.config.layers; ++l) {
        if (progress_) {
            progress_({std::format("ordering layer {} of {}", l + 1, manifest_.config.layers),
                       kWrittenAt * l / manifest_.config.layers});
        }
        ASSIGN_OR_RETURN(const std::vector<uint32_t> places, placesOf(l));
        RETURN_IF_ERROR(writeLayer(l, places, from, to));
    }
    RETURN_IF_ERROR(to.padTo(kFileAlignment));
    manifest_.neurons_bytes = to.position();
    return to.close();
}

Status Reorderer::writeLayer(uint32_t layer, const std::vector<uint32_t>& places,
                             const InputFile& from, FileWriter& to) {
    const LayerExtent& old = old_.manifest().extents[layer];
    const uint32_t stride = manifest_.record.stride;
    std::vector<uint32_t> logical(places.size());
    for (uint32_t n = 0; n < places.size(); ++n) logical[orders_[layer][n]] = n;
    RETURN_IF_ERROR(to.padTo(kFileAlignment));
    LayerExtent extent{to.position(), old.neurons, 0};
    RunningChecksum sum;
    const RecordPieces pieces = recordPieces(manifest_.record);
    for (const RecordPiece& piece : pieces.all()) {
        const uint64_t begin = old.offset + uint64_t{old.neurons} * piece.offset;
        buffer_.resize(piece.bytes);
        for (const uint32_t neuron : logical) {
            if (stop_.requested()) return fail(ErrorCode::kCancelled, "stopped");
            RETURN_IF_ERROR(from.read(begin + uint64_t{places[neuron]} * piece.bytes, buffer_));
            sum.add(buffer_);
            RETURN_IF_ERROR(to.write(buffer_));
        }
    }
    from.dropCache(old.offset, uint64_t{old.neurons} * stride);
    extent.checksum = sum.value();
    manifest_.extents[layer] = extent;
    return {};
}

Status exchangeFolders(const std::string& a, const std::string& b) {
    if (::renameat2(AT_FDCWD, a.c_str(), AT_FDCWD, b.c_str(), RENAME_EXCHANGE) != 0) {
        if (errno == EINVAL || errno == ENOSYS) {
            return fail(ErrorCode::kUnsupported,
                        "the file system of " + a + " cannot exchange two folders in one step; "
                        "move the model to another one to order its neurons");
        }
        return std::unexpected(systemError("exchange", a, errno));
    }
    const std::string parent = fs::path(a).parent_path().string();
    return syncFolder(parent.empty() ? "." : parent);
}

}  // namespace

Status checkReorderable(const Manifest& manifest) {
    const RecordLayout& record = manifest.record;
    const bool whole = record.down.bytes != 0 && record.up.bytes != 0 &&
                       (record.gate.bytes != 0 || !manifest.config.gated);
    if (whole) return {};
    return fail(ErrorCode::kUnsupported,
                "the model " + manifest.name +
                    " keeps rows of its neurons in memory, in their own order; import it with "
                    "--stream whole to order them on flash");
}

Status reorderBundle(const std::string& bundle, const std::vector<std::vector<uint32_t>>& orders,
                     const std::string& scratch, const ProgressSink& progress,
                     const StopFlag& stop) {
    ASSIGN_OR_RETURN(const Bundle old, Bundle::open(bundle));
    RETURN_IF_ERROR(checkReorderable(old.manifest()));
    CHECK(orders.size() == old.manifest().config.layers);
    std::error_code error;
    fs::remove_all(scratch, error);
    RETURN_IF_ERROR(Reorderer(old, orders, scratch, progress, stop).write());
    ASSIGN_OR_RETURN(const Bundle made, Bundle::open(scratch));
    const auto relay = [&](const Progress& p) {
        if (progress) progress({p.stage, kWrittenAt + (1 - kWrittenAt) * p.fraction});
    };
    RETURN_IF_ERROR(made.verify(relay, stop));
    return exchangeFolders(fs::path(bundle).lexically_normal().string(), scratch);
}

}  // namespace glowworm
