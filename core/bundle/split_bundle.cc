// SPDX-License-Identifier: Apache-2.0
#include "core/bundle/split_bundle.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "core/bundle/bundle_files.h"
#include "core/bundle/bundle_reader.h"
#include "core/bundle/bundle_writer.h"
#include "core/bundle/record.h"
#include "core/bundle/tensor_list.h"

namespace glowworm {

namespace {

class Splitter {
  public:
    Splitter(const Bundle& from, BundleWriter& to, const ProgressSink& progress,
             const StopFlag& stop)
        : from_(from), m_(from.manifest()), to_(to), stop_(stop),
          meter_{progress, "splitting", from.diskBytes()}, buffer_(kChunkBytes) {}

    Status run() {
        ASSIGN_OR_RETURN(resident_, openSized(from_.folder() + "/" + kResidentFile,
                                              m_.resident_bytes));
        ASSIGN_OR_RETURN(neurons_, openSized(from_.neuronsPath(), m_.neurons_bytes));
        for (const TensorEntry& tensor : m_.tensors) {
            if (!madeByLayers(tensor.name)) RETURN_IF_ERROR(copyTensor(tensor));
        }
        for (uint32_t layer = 0; layer < m_.config.layers; ++layer) {
            RETURN_IF_ERROR(copyLayer(layer));
        }
        ASSIGN_OR_RETURN(const TokenizerData tokenizer, from_.tokenizer());
        return to_.setTokenizer(tokenizer);
    }

  private:
    // What the writer makes itself when a layer ends.
    static bool madeByLayers(const std::string& name) {
        return name.ends_with(".record_checksums") || name.ends_with(".order") ||
               name.ends_with(".down_norm");
    }

    Status copyTensor(const TensorEntry& tensor) {
        RETURN_IF_ERROR(to_.beginTensor(tensor.name, tensor.dtype, tensor.shape));
        for (uint64_t done = 0; done < tensor.bytes;) {
            const auto chunk =
                std::span(buffer_).first(std::min<uint64_t>(kChunkBytes, tensor.bytes - done));
            RETURN_IF_ERROR(
                readDropping(resident_, tensor.offset + done, chunk, meter_, stop_, ignored_));
            RETURN_IF_ERROR(to_.appendTensor(chunk));
            done += chunk.size();
        }
        return to_.endTensor();
    }

    Result<std::vector<uint32_t>> order(uint32_t layer) {
        std::vector<uint32_t> words;
        const auto entry = std::ranges::find(m_.tensors, layerTensorName(layer, "order"),
                                             &TensorEntry::name);
        if (entry == m_.tensors.end()) return words;
        words.resize(m_.config.ff_width);
        RETURN_IF_ERROR(resident_.read(entry->offset, std::as_writable_bytes(std::span(words))));
        return words;
    }

    Status copyLayer(uint32_t layer) {
        ASSIGN_OR_RETURN(const std::vector<uint32_t> places, order(layer));
        RETURN_IF_ERROR(to_.beginLayer(places));
        const LayerExtent& extent = m_.extents[layer];
        const uint32_t stride = m_.record.stride;
        const auto at_once = static_cast<uint32_t>(std::max<uint64_t>(1, kChunkBytes / stride));
        buffer_.resize(std::max<uint64_t>(kChunkBytes, stride));
        for (uint32_t place = 0; place < extent.neurons; place += at_once) {
            const uint32_t count = std::min(at_once, extent.neurons - place);
            const auto records = std::span(buffer_).first(size_t{count} * stride);
            RETURN_IF_ERROR(readDropping(neurons_, extent.offset + uint64_t{place} * stride,
                                         records, meter_, stop_, ignored_));
            for (uint32_t i = 0; i < count; ++i) {
                const auto record = records.subspan(size_t{i} * stride, stride);
                RETURN_IF_ERROR(to_.addRecord(part(record, m_.record.up),
                                              part(record, m_.record.gate),
                                              part(record, m_.record.down)));
            }
        }
        return to_.endLayer();
    }

    static std::span<const std::byte> part(std::span<const std::byte> record,
                                           const RecordPart& part) {
        return record.subspan(part.offset, part.bytes);
    }

    const Bundle& from_;
    const Manifest& m_;
    BundleWriter& to_;
    const StopFlag& stop_;
    Meter meter_;
    RunningChecksum ignored_;  // the engine compares checksums when it loads
    InputFile resident_, neurons_;
    std::vector<std::byte> buffer_;
};

std::optional<Dtype> dtypeOf(const RecordPart& part) {
    if (part.bytes == 0) return std::nullopt;
    return part.dtype;
}

}  // namespace

Status splitBundle(const std::string& from, const std::string& to, const ProgressSink& progress,
                   const StopFlag& stop) {
    ASSIGN_OR_RETURN(const Bundle bundle, Bundle::open(from));
    Manifest manifest = bundle.manifest();
    if (manifest.record.split) {
        return fail(ErrorCode::kInvalidArgument, from + " is split already");
    }
    const RecordDtypes dtypes{dtypeOf(manifest.record.up), dtypeOf(manifest.record.gate),
                              dtypeOf(manifest.record.down)};
    const RecordLayout layout = makeRecordLayout(dtypes, manifest.config.hidden, true);
    ASSIGN_OR_RETURN(const auto writer, BundleWriter::create(to, manifest.config, layout));
    RETURN_IF_ERROR(Splitter(bundle, *writer, progress, stop).run());
    std::vector<PredictorEntry> predictors;
    for (const PredictorEntry& entry : manifest.predictors) {
        PredictorEntry copy = entry;
        if (!entry.file.empty()) {
            ASSIGN_OR_RETURN(const auto bytes, bundle.predictorBytes(entry.kind));
            ASSIGN_OR_RETURN(copy, writePredictorFile(writer->partialFolder(), entry.kind, bytes));
            copy.layers = entry.layers;
        }
        predictors.push_back(std::move(copy));
    }
    manifest.predictors.clear();
    manifest.firing = {};
    ASSIGN_OR_RETURN(manifest, writer->seal(std::move(manifest)));
    manifest.predictors = std::move(predictors);
    RETURN_IF_ERROR(writer->replaceManifest(manifest));
    return writer->publish();
}

}  // namespace glowworm
