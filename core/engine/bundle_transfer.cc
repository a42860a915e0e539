// SPDX-License-Identifier: Apache-2.0
#include "core/engine/bundle_transfer.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "core/base/bytes.h"
#include "core/base/check.h"
#include "core/bundle/bundle_reader.h"
#include "core/io/file.h"

namespace glowworm {

namespace fs = std::filesystem;

namespace {

constexpr uint64_t kManifestBytesMax = uint64_t{64} << 20;
constexpr uint64_t kChunkBytesMax = uint64_t{1} << 20;
constexpr size_t kNameShownMax = 60;

// All files but the manifest itself.
std::vector<BundleFile> filesOf(const Manifest& manifest) {
    std::vector<BundleFile> files{{kResidentFile, manifest.resident_bytes},
                                  {kNeuronsFile, manifest.neurons_bytes},
                                  {kTokenizerFile, manifest.tokenizer_bytes}};
    for (const PredictorEntry& predictor : manifest.predictors)
        if (!predictor.file.empty()) files.push_back({predictor.file, predictor.bytes});
    if (!manifest.firing.file.empty())
        files.push_back({manifest.firing.file, manifest.firing.bytes});
    return files;
}

// A name from an archive may be anything: what is shown of it is short and printable.
std::string shown(std::string_view name) {
    std::string text(name.substr(0, kNameShownMax));
    std::ranges::replace_if(
        text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }, '?');
    return '"' + text + (name.size() > kNameShownMax ? "..." : "") + '"';
}

std::string parentOf(const std::string& folder) {
    const std::string parent = fs::path(folder).parent_path().string();
    return parent.empty() ? "." : parent;
}

}  // namespace

Result<std::vector<BundleFile>> bundleFiles(const std::string& bundle) {
    ASSIGN_OR_RETURN(const Bundle opened, Bundle::open(bundle));
    ASSIGN_OR_RETURN(const InputFile manifest, InputFile::open(bundle + "/" + kManifestFile));
    std::vector<BundleFile> files{{kManifestFile, manifest.sizeBytes()}};
    std::ranges::move(filesOf(opened.manifest()), std::back_inserter(files));
    return files;
}

Status readBundleFile(const std::string& bundle, const BundleFile& file,
                      const std::function<Status(std::span<const std::byte>)>& take,
                      const StopFlag& stop) {
    const std::string path = bundle + "/" + file.name;
    ASSIGN_OR_RETURN(const InputFile input, InputFile::open(path));
    if (input.sizeBytes() != file.bytes)
        return fail(ErrorCode::kInvalidFile,
                    path + " has changed its size; verify the model, or import it again");
    std::vector<std::byte> buffer(std::min(kChunkBytesMax, file.bytes));
    for (uint64_t done = 0; done < file.bytes;) {
        if (stop.requested()) return fail(ErrorCode::kCancelled, "stopped");
        const auto chunk = std::span(buffer).first(std::min(kChunkBytesMax, file.bytes - done));
        RETURN_IF_ERROR(input.read(done, chunk));
        input.dropCache(done, chunk.size());
        RETURN_IF_ERROR(take(chunk));
        done += chunk.size();
    }
    return {};
}

BundleReceiver::BundleReceiver(std::string folder, std::string origin)
    : folder_(std::move(folder)), partial_(folder_ + ".partial"), origin_(std::move(origin)) {}

BundleReceiver::~BundleReceiver() {
    writer_.reset();
    std::error_code ignored;
    if (owns_partial_) fs::remove_all(partial_, ignored);
}

Result<std::unique_ptr<BundleReceiver>> BundleReceiver::create(const std::string& folder,
                                                               const std::string& origin) {
    std::unique_ptr<BundleReceiver> receiver(new BundleReceiver(folder, origin));
    std::error_code error;
    if (fs::exists(fs::symlink_status(folder, error)))
        return fail(ErrorCode::kInvalidArgument,
                    folder + " is already there; choose another name or remove it");
    fs::remove_all(receiver->partial_, error);
    if (error) return std::unexpected(systemError("clear", receiver->partial_, error.value()));
    receiver->owns_partial_ = true;
    RETURN_IF_ERROR(makeFolders(receiver->partial_));
    return receiver;
}

std::unexpected<Error> BundleReceiver::refuse(const std::string& what) const {
    return fail(ErrorCode::kInvalidFile, origin_ + " " + what + "; nothing was installed");
}

Status BundleReceiver::checkDeclared(const std::string& name, uint64_t bytes) const {
    if (std::ranges::find(received_, name) != received_.end())
        return refuse("has the file " + shown(name) + " twice");
    if (received_.empty()) {
        if (name != kManifestFile)
            return refuse("begins with the file " + shown(name) +
                          " instead of manifest.json: it is not an archive of a model");
        if (bytes > kManifestBytesMax)
            return refuse("has a manifest of an impossible size (" + formatBytes(bytes) + ")");
        return {};
    }
    const auto file = std::ranges::find(expected_, name, &BundleFile::name);
    if (file == expected_.end())
        return refuse("has a file " + shown(name) + ", which does not belong to the model");
    if (file->bytes != bytes)
        return refuse("has " + std::to_string(bytes) + " bytes of " + name +
                      ", its manifest says " + std::to_string(file->bytes));
    return {};
}

Status BundleReceiver::begin(std::string_view name, uint64_t bytes) {
    CHECK(!writer_);
    open_file_ = {std::string(name), bytes};
    RETURN_IF_ERROR(checkDeclared(open_file_.name, bytes));
    ASSIGN_OR_RETURN(FileWriter writer, FileWriter::create(partial_ + "/" + open_file_.name));
    writer_ = std::make_unique<FileWriter>(std::move(writer));
    return {};
}

Status BundleReceiver::append(std::span<const std::byte> bytes) {
    CHECK(writer_ && bytes.size() <= open_file_.bytes - writer_->position());
    return writer_->write(bytes);
}

Status BundleReceiver::end() {
    CHECK(writer_ && writer_->position() == open_file_.bytes);
    RETURN_IF_ERROR(writer_->close());
    writer_.reset();
    received_.push_back(open_file_.name);
    return received_.size() == 1 ? readManifest() : Status();
}

Status BundleReceiver::readManifest() {
    ASSIGN_OR_RETURN(const std::string text,
                     readWholeFile(partial_ + "/" + kManifestFile, kManifestBytesMax));
    ASSIGN_OR_RETURN(const Manifest manifest,
                     manifestFromJson(text, "manifest.json of " + origin_));
    expected_ = filesOf(manifest);
    uint64_t bytes = 0;
    for (const BundleFile& file : expected_) bytes += file.bytes;
    ASSIGN_OR_RETURN(const uint64_t free, freeBytes(partial_));
    if (free < bytes)
        return fail(ErrorCode::kNoSpace, "the model in " + origin_ + " needs " +
                                             formatBytes(bytes) + " in " + parentOf(folder_) +
                                             ", which has " + formatBytes(free) +
                                             " free; make room or choose another data folder");
    bytes_expected_ = bytes + text.size();
    return {};
}

Status BundleReceiver::install(const ProgressSink& progress, const StopFlag& stop) {
    CHECK(!writer_);
    if (received_.empty()) return refuse("is empty");
    for (const BundleFile& file : expected_)
        if (std::ranges::find(received_, file.name) == received_.end())
            return refuse("lacks the file " + file.name + ": it is incomplete");
    const auto verify = [&]() -> Status {
        ASSIGN_OR_RETURN(const Bundle bundle, Bundle::open(partial_));
        return bundle.verify(progress, stop);
    };
    if (Status status = verify(); !status) {
        // The partial folder is about to go: what is wrong lies in the archive.
        std::string& message = status.error().message;
        const size_t at = message.find(partial_ + "/");
        if (at != std::string::npos) message.replace(at, partial_.size() + 1, origin_ + ": ");
        return status;
    }
    RETURN_IF_ERROR(renameDurably(partial_, folder_));
    owns_partial_ = false;
    return {};
}

}  // namespace glowworm
