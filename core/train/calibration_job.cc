// SPDX-License-Identifier: Apache-2.0
#include "core/train/calibration_job.h"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>
#include <filesystem>
#include <format>

#include "core/bundle/json_text.h"

namespace glowworm {

namespace {

namespace fs = std::filesystem;

constexpr const char* kJobFile = "job.json";
constexpr uint64_t kFileBytesMax = uint64_t{8} << 30;

Status clear(const std::string& folder) {
    std::error_code error;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
        fs::remove_all(entry.path(), error);
    }
    if (error) return std::unexpected(systemError("clear", folder, error.value()));
    return {};
}

}  // namespace

Result<CalibrationJob> CalibrationJob::open(const std::string& bundle,
                                            const nlohmann::json& description) {
    const std::string folder = fs::path(bundle).lexically_normal().string() + ".calibration";
    RETURN_IF_ERROR(makeFolders(folder));
    FileDescriptor lock(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!lock.valid()) return std::unexpected(systemError("open", folder, errno));
    if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
        return fail(ErrorCode::kInvalidArgument,
                    bundle + " is being calibrated by another program; wait for it");
    }
    CalibrationJob job(folder, std::move(lock));
    if (job.has(kJobFile)) {
        const auto present = job.readJson(kJobFile);
        job.resumed_ = present && *present == description;
    }
    if (!job.resumed_) {
        RETURN_IF_ERROR(clear(folder));
        RETURN_IF_ERROR(job.writeJson(kJobFile, description));
    }
    return job;
}

bool CalibrationJob::has(const std::string& name) const {
    std::error_code ignored;
    return fs::exists(path(name), ignored);
}

Status CalibrationJob::write(const std::string& name, std::span<const std::byte> bytes) const {
    return writeWholeFile(path(name),
                          {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

Status CalibrationJob::writeJson(const std::string& name, const nlohmann::json& value) const {
    return writeWholeFile(path(name), value.dump());
}

Result<std::vector<std::byte>> CalibrationJob::read(const std::string& name) const {
    ASSIGN_OR_RETURN(const InputFile file, InputFile::open(path(name)));
    std::vector<std::byte> bytes(file.sizeBytes());
    RETURN_IF_ERROR(file.read(0, bytes));
    return bytes;
}

Result<nlohmann::json> CalibrationJob::readJson(const std::string& name) const {
    ASSIGN_OR_RETURN(const std::string text, readWholeFile(path(name), kFileBytesMax));
    return parseJson(text, path(name));
}

void CalibrationJob::remove() {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
}

std::string numbered(const char* what, size_t number) {
    return std::format("{}-{:04}", what, number);
}

}  // namespace glowworm
