// SPDX-License-Identifier: Apache-2.0
#include "core/bundle/bundle_reader.h"

#include <algorithm>
#include <utility>

#include "core/base/check.h"
#include "core/bundle/bundle_files.h"
#include "core/bundle/checksum.h"

namespace glowworm {

namespace {

constexpr uint64_t kManifestBytesMax = uint64_t{64} << 20;
constexpr uint64_t kTokenizerBytesMax = uint64_t{256} << 20;

// All of a small file that the manifest describes.
Result<std::vector<std::byte>> readChecked(const std::string& path, uint64_t bytes,
                                           uint64_t checksum) {
    ASSIGN_OR_RETURN(const InputFile file, openSized(path, bytes));
    std::vector<std::byte> read(bytes);
    RETURN_IF_ERROR(file.read(0, read));
    if (checksumOf(read) != checksum)
        return std::unexpected(damaged(path, "is damaged: its checksum does not match"));
    return read;
}

}  // namespace

std::string predictorFileName(const std::string& kind, std::optional<uint64_t> checksum) {
    return "predictor-" + kind + (checksum ? "-" + checksumText(*checksum) : "") + ".bin";
}

std::string firingFileName(std::optional<uint64_t> checksum) {
    return "firing" + (checksum ? "-" + checksumText(*checksum) : "") + ".bin";
}

Bundle::Bundle(std::string folder, std::shared_ptr<const Manifest> manifest)
    : folder_(std::move(folder)), manifest_(std::move(manifest)) {}

Result<Bundle> Bundle::open(const std::string& folder) {
    const std::string path = folder + "/" + kManifestFile;
    ASSIGN_OR_RETURN(const std::string text, readWholeFile(path, kManifestBytesMax));
    ASSIGN_OR_RETURN(Manifest parsed, manifestFromJson(text, path));
    Bundle bundle(folder, std::make_shared<const Manifest>(std::move(parsed)));
    const Manifest& m = bundle.manifest();
    RETURN_IF_ERROR(openSized(folder + "/" + kResidentFile, m.resident_bytes));
    RETURN_IF_ERROR(openSized(bundle.neuronsPath(), m.neurons_bytes));
    RETURN_IF_ERROR(openSized(folder + "/" + kTokenizerFile, m.tokenizer_bytes));
    for (const PredictorEntry& p : m.predictors)
        if (!p.file.empty()) RETURN_IF_ERROR(openSized(folder + "/" + p.file, p.bytes));
    if (!m.firing.file.empty())
        RETURN_IF_ERROR(openSized(folder + "/" + m.firing.file, m.firing.bytes));
    return bundle;
}

std::string Bundle::neuronsPath() const { return folder_ + "/" + kNeuronsFile; }

uint64_t Bundle::diskBytes() const {
    uint64_t bytes =
        manifest_->resident_bytes + manifest_->neurons_bytes + manifest_->tokenizer_bytes +
        manifest_->firing.bytes;
    for (const PredictorEntry& p : manifest_->predictors) bytes += p.bytes;
    return bytes;
}

Result<ResidentTensors> Bundle::loadResident(const ReservedMemory& memory, size_t offset,
                                             const ProgressSink& progress,
                                             const StopFlag& stop) const {
    CHECK(offset % kTensorAlignment == 0);
    CHECK(offset <= memory.size() && manifest_->resident_bytes <= memory.size() - offset);
    const std::string path = folder_ + "/" + kResidentFile;
    ASSIGN_OR_RETURN(const InputFile file, openSized(path, manifest_->resident_bytes));
    std::byte* base = memory.data() + offset;
    Meter meter{progress, "reading the resident weights", manifest_->resident_bytes};
    RunningChecksum sum;
    RETURN_IF_ERROR(readDropping(file, 0, {base, manifest_->resident_bytes}, meter, stop, sum));
    if (sum.value() != manifest_->resident_checksum)
        return std::unexpected(damaged(path, "is damaged: its checksum does not match"));
    return ResidentTensors(manifest_, base);
}

Result<NeuronTable> Bundle::neuronTable(const ResidentTensors& resident) const {
    return NeuronTable::create(manifest_, resident);
}

Result<TokenizerData> Bundle::tokenizer() const {
    const std::string path = folder_ + "/" + kTokenizerFile;
    ASSIGN_OR_RETURN(const std::string text, readWholeFile(path, kTokenizerBytesMax));
    if (text.size() != manifest_->tokenizer_bytes ||
        checksumOf(text) != manifest_->tokenizer_checksum)
        return std::unexpected(damaged(path, "is damaged: its checksum does not match"));
    ASSIGN_OR_RETURN(TokenizerData data, tokenizerFromJson(text, path));
    if (data.pieces.size() > manifest_->config.vocabulary)
        return std::unexpected(damaged(path, "has more pieces than the model has embeddings"));
    return data;
}

Result<std::vector<std::byte>> Bundle::predictorBytes(const std::string& kind) const {
    const auto entry = std::ranges::find(manifest_->predictors, kind, &PredictorEntry::kind);
    if (entry == manifest_->predictors.end())
        return fail(ErrorCode::kNotFound,
                    folder_ + " has no predictor of the kind \"" + kind + "\"");
    if (entry->file.empty()) return std::vector<std::byte>();
    return readChecked(folder_ + "/" + entry->file, entry->bytes, entry->checksum);
}

Result<FiringCounts> Bundle::firingCounts() const {
    const FiringEntry& entry = manifest_->firing;
    if (entry.file.empty())
        return fail(ErrorCode::kNotFound, folder_ + " does not say how often its neurons fire");
    const std::string path = folder_ + "/" + entry.file;
    ASSIGN_OR_RETURN(const auto bytes, readChecked(path, entry.bytes, entry.checksum));
    return firingCountsFromBytes(bytes, manifest_->config, path);
}

}  // namespace glowworm
