// SPDX-License-Identifier: Apache-2.0
#include "core/bundle/bundle_writer.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <filesystem>
#include <utility>

#include "core/base/check.h"
#include "core/bundle/bundle_reader.h"
#include "core/bundle/record.h"
#include "core/bundle/tensor_list.h"

namespace glowworm {

namespace {

namespace fs = std::filesystem;

bool exists(const std::string& path) {
    std::error_code ignored;
    return fs::exists(fs::symlink_status(path, ignored));
}

// Opens and locks a partial folder; kInvalidArgument when another process holds it.
Result<FileDescriptor> lockFolder(const std::string& partial) {
    FileDescriptor fd(::open(partial.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd.valid()) return std::unexpected(systemError("open", partial, errno));
    if (::flock(fd.get(), LOCK_EX | LOCK_NB) == 0) return fd;
    return fail(
        ErrorCode::kInvalidArgument,
        partial + " is being written by another import; wait for it or choose another name");
}

Status clearFolder(const std::string& partial) {
    std::error_code error;
    for (const fs::directory_entry& entry : fs::directory_iterator(partial, error))
        fs::remove_all(entry.path(), error);
    if (error) return std::unexpected(systemError("clear", partial, error.value()));
    return {};
}

std::string_view textOf(std::span<const std::byte> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

float norm(std::span<const float> values) {
    double sum = 0;
    for (const float value : values) sum += static_cast<double>(value) * value;
    return static_cast<float>(std::sqrt(sum));
}

}  // namespace

BundleWriter::BundleWriter(std::string folder, ModelConfig config, RecordLayout record)
    : folder_(std::move(folder)),
      partial_(folder_ + ".partial"),
      config_(config),
      record_(record),
      column_(config.hidden),
      record_bytes_(record.stride),
      pieces_(recordPieces(record)) {}

BundleWriter::~BundleWriter() {
    if (!owns_partial_) return;
    std::error_code ignored;
    fs::remove_all(partial_, ignored);
}

Result<std::unique_ptr<BundleWriter>> BundleWriter::create(const std::string& folder,
                                                           const ModelConfig& config,
                                                           const RecordLayout& record) {
    RETURN_IF_ERROR(checkConfig(config, "the model's config"));
    if (exists(folder))
        return fail(ErrorCode::kInvalidArgument,
                    folder + " is already there; remove it or choose another name");
    std::unique_ptr<BundleWriter> writer(new BundleWriter(folder, config, record));
    RETURN_IF_ERROR(writer->openFiles());
    return writer;
}

Status BundleWriter::openFiles() {
    RETURN_IF_ERROR(makeFolders(partial_));
    ASSIGN_OR_RETURN(lock_, lockFolder(partial_));
    owns_partial_ = true;
    RETURN_IF_ERROR(clearFolder(partial_));
    ASSIGN_OR_RETURN(resident_file_, FileWriter::create(partial_ + "/" + kResidentFile));
    ASSIGN_OR_RETURN(neurons_file_, FileWriter::create(partial_ + "/" + kNeuronsFile));
    return {};
}

Status BundleWriter::beginTensor(const std::string& name, Dtype dtype,
                                 std::vector<uint64_t> shape) {
    CHECK(!open_tensor_ && resident_file_);
    CHECK(!shape.empty() && shape.size() <= 2);
    CHECK(shape.back() % blockElements(dtype) == 0);
    const uint64_t position = resident_file_->position();
    RETURN_IF_ERROR(resident_file_->padTo(kTensorAlignment));
    static constexpr std::byte kZeros[kTensorAlignment] = {};
    resident_checksum_.add(std::span(kZeros).first(resident_file_->position() - position));
    const uint64_t rows = shape.size() == 2 ? shape[0] : 1;
    const uint64_t bytes = rows * rowBytes(dtype, shape.back());
    open_tensor_ = TensorEntry{name, dtype, std::move(shape), resident_file_->position(), bytes};
    open_tensor_bytes_ = 0;
    return {};
}

Status BundleWriter::appendTensor(std::span<const std::byte> bytes) {
    CHECK(open_tensor_ && bytes.size() <= open_tensor_->bytes - open_tensor_bytes_);
    RETURN_IF_ERROR(resident_file_->write(bytes));
    resident_checksum_.add(bytes);
    open_tensor_bytes_ += bytes.size();
    return {};
}

Status BundleWriter::endTensor() {
    CHECK(open_tensor_ && open_tensor_bytes_ == open_tensor_->bytes);
    tensors_.push_back(*std::move(open_tensor_));
    open_tensor_.reset();
    return {};
}

Status BundleWriter::addTensor(const std::string& name, Dtype dtype, std::vector<uint64_t> shape,
                               std::span<const std::byte> bytes) {
    RETURN_IF_ERROR(beginTensor(name, dtype, std::move(shape)));
    RETURN_IF_ERROR(appendTensor(bytes));
    return endTensor();
}

Status BundleWriter::addVector(const std::string& name, std::span<const float> values) {
    return addTensor(name, Dtype::kF32, {values.size()}, std::as_bytes(values));
}

Status BundleWriter::addWords(const std::string& name, std::span<const uint32_t> words) {
    return addTensor(name, Dtype::kF32, {words.size()}, std::as_bytes(words));
}

Status BundleWriter::beginLayer(std::span<const uint32_t> order) {
    CHECK(!layer_open_ && neurons_file_ && extents_.size() < config_.layers);
    RETURN_IF_ERROR(neurons_file_->padTo(kFileAlignment));
    extents_.push_back({neurons_file_->position(), config_.ff_width, 0});
    order_.assign(order.begin(), order.end());
    logical_.clear();
    if (!order_.empty()) {
        CHECK(order_.size() == config_.ff_width);
        logical_.resize(config_.ff_width);
        for (uint32_t neuron = 0; neuron < config_.ff_width; ++neuron)
            logical_.at(order_[neuron]) = neuron;
    }
    layer_checksum_ = RunningChecksum();
    record_checksums_.assign(config_.ff_width, 0);
    down_norms_.assign(config_.ff_width, 0);
    records_ = 0;
    layer_open_ = true;
    return {};
}

Status BundleWriter::addRecord(std::span<const std::byte> up, std::span<const std::byte> gate,
                               std::span<const std::byte> down) {
    CHECK(layer_open_ && records_ < config_.ff_width);
    packRecord(record_, up, gate, down, record_bytes_);
    const uint32_t neuron = logical_.empty() ? records_ : logical_[records_];
    record_checksums_[neuron] = recordChecksum(record_, record_bytes_.data());
    if (record_.down.bytes > 0) {
        decodeRow(record_.down.dtype, down.data(), config_.hidden, column_.data());
        down_norms_[neuron] = norm(column_);
    }
    ++records_;
    const std::span<const RecordPiece> pieces = pieces_.all();
    const std::span<const std::byte> record = record_bytes_;
    for (size_t i = 1; i < pieces.size(); ++i) {
        const auto piece = record.subspan(pieces[i].offset, pieces[i].bytes);
        later_[i].insert(later_[i].end(), piece.begin(), piece.end());
    }
    return writeNeurons(record.first(pieces[0].bytes));
}

Status BundleWriter::writeNeurons(std::span<const std::byte> bytes) {
    layer_checksum_.add(bytes);
    return neurons_file_->write(bytes);
}

Status BundleWriter::endLayer() {
    CHECK(layer_open_ && !open_tensor_ && records_ == config_.ff_width);
    layer_open_ = false;
    for (std::vector<std::byte>& pieces : later_) {
        RETURN_IF_ERROR(writeNeurons(pieces));
        pieces.clear();
    }
    extents_.back().checksum = layer_checksum_.value();
    const uint32_t layer = static_cast<uint32_t>(extents_.size() - 1);
    if (!order_.empty()) RETURN_IF_ERROR(addWords(layerTensorName(layer, "order"), order_));
    RETURN_IF_ERROR(addWords(layerTensorName(layer, "record_checksums"), record_checksums_));
    if (record_.down.bytes == 0) return {};
    return addVector(layerTensorName(layer, "down_norm"), down_norms_);
}

Status BundleWriter::setTokenizer(const TokenizerData& data) {
    CHECK(!has_tokenizer_);
    const std::string text = tokenizerToJson(data);
    ASSIGN_OR_RETURN(FileWriter file, FileWriter::create(partial_ + "/" + kTokenizerFile));
    RETURN_IF_ERROR(file.write(text));
    RETURN_IF_ERROR(file.close());
    tokenizer_bytes_ = text.size();
    tokenizer_checksum_ = checksumOf(text);
    has_tokenizer_ = true;
    return {};
}

Result<Manifest> BundleWriter::seal(Manifest manifest) {
    CHECK(has_tokenizer_ && !open_tensor_ && !layer_open_ && resident_file_);
    CHECK(extents_.size() == config_.layers);
    const uint64_t position = resident_file_->position();
    RETURN_IF_ERROR(resident_file_->padTo(kFileAlignment));
    const std::vector<std::byte> zeros(resident_file_->position() - position);
    resident_checksum_.add(zeros);
    RETURN_IF_ERROR(neurons_file_->padTo(kFileAlignment));
    manifest.version = record_.split ? kBundleVersionSplit : 1;
    manifest.config = config_;
    manifest.record = record_;
    manifest.tensors = std::exchange(tensors_, {});
    manifest.extents = std::exchange(extents_, {});
    manifest.resident_bytes = resident_file_->position();
    manifest.resident_checksum = resident_checksum_.value();
    manifest.neurons_bytes = neurons_file_->position();
    manifest.tokenizer_bytes = tokenizer_bytes_;
    manifest.tokenizer_checksum = tokenizer_checksum_;
    manifest.hash = weightsHash(manifest);
    RETURN_IF_ERROR(resident_file_->close());
    RETURN_IF_ERROR(neurons_file_->close());
    RETURN_IF_ERROR(writeManifest(partial_, manifest));
    return manifest;
}

Status BundleWriter::replaceManifest(const Manifest& manifest) {
    return writeManifest(partial_, manifest);
}

Status BundleWriter::publish() {
    CHECK(owns_partial_);
    RETURN_IF_ERROR(syncFolder(partial_));
    RETURN_IF_ERROR(renameDurably(partial_, folder_));
    owns_partial_ = false;
    return {};
}

Result<PredictorEntry> writePredictorFile(const std::string& folder, const std::string& kind,
                                          std::span<const std::byte> bytes, FileNaming naming) {
    PredictorEntry entry;
    entry.kind = kind;
    entry.bytes = bytes.size();
    entry.checksum = checksumOf(bytes);
    entry.file = naming == FileNaming::kPlain ? predictorFileName(kind)
                                              : predictorFileName(kind, entry.checksum);
    RETURN_IF_ERROR(writeWholeFile(folder + "/" + entry.file, textOf(bytes)));
    return entry;
}

Result<FiringEntry> writeFiringCounts(const std::string& folder, const FiringCounts& counts,
                                      FileNaming naming) {
    const std::vector<std::byte> bytes = firingCountsToBytes(counts);
    FiringEntry entry;
    entry.bytes = bytes.size();
    entry.checksum = checksumOf(bytes);
    entry.file =
        naming == FileNaming::kPlain ? firingFileName() : firingFileName(entry.checksum);
    RETURN_IF_ERROR(writeWholeFile(folder + "/" + entry.file, textOf(bytes)));
    return entry;
}

void removeUnnamedFiles(const std::string& folder, const Manifest& manifest) {
    std::error_code error;
    std::vector<fs::path> unnamed;
    for (const fs::directory_entry& file : fs::directory_iterator(folder, error)) {
        const std::string name = file.path().filename().string();
        const bool ours = (name.starts_with("predictor-") || name.starts_with("firing")) &&
                          (name.ends_with(".bin") || name.ends_with(".bin.partial"));
        if (!ours || name == manifest.firing.file ||
            std::ranges::find(manifest.predictors, name, &PredictorEntry::file) !=
                manifest.predictors.end())
            continue;
        unnamed.push_back(file.path());
    }
    for (const fs::path& path : unnamed) fs::remove(path, error);
}

Status writeManifest(const std::string& folder, const Manifest& manifest) {
    const std::string path = folder + "/" + kManifestFile;
    RETURN_IF_ERROR(checkManifest(manifest, path));
    return writeWholeFile(path, manifestToJson(manifest));
}

}  // namespace glowworm
