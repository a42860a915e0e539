// SPDX-License-Identifier: Apache-2.0
#include "core/io/disk_probe.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <random>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "core/io/file.h"
#include "core/io/pread_reader.h"
#include "core/io/read_load.h"
#include "core/io/uring_reader.h"

namespace glowworm {

namespace {

constexpr uint32_t kSizes[] = {4 << 10, 16 << 10, 64 << 10, 256 << 10, 1 << 20};
constexpr uint32_t kDepths[] = {1, 8, 32, 128};
constexpr uint32_t kDepthMax = 128;
constexpr uint64_t kMemoryBytesMax = 32 << 20;  // of the reads in flight
constexpr uint64_t kFileBytesMin = 16 << 20;
constexpr uint32_t kComparedBytes = 64 << 10;  // direct against buffered
constexpr uint32_t kComparedDepth = 32;
constexpr uint32_t kRecordBytes = 16 << 10;  // about a neuron record: what tuning is for

// A file of noise that goes with its owner.
class TemporaryFile {
  public:
    static Result<TemporaryFile> write(const std::string& folder, uint64_t bytes,
                                       const StopFlag& stop) {
        TemporaryFile file(folder + "/.glowworm-probe-" + std::to_string(::getpid()));
        ASSIGN_OR_RETURN(FileWriter writer, FileWriter::create(file.path_));
        std::vector<uint64_t> noise(1 << 17);
        std::mt19937_64 random(1);
        for (uint64_t& value : noise) value = random();
        for (uint64_t done = 0; done < bytes; done += noise.size() * sizeof(uint64_t)) {
            if (stop.requested()) return fail(ErrorCode::kCancelled, "stopped");
            noise[0] = done;
            RETURN_IF_ERROR(writer.write(std::as_bytes(std::span(noise))));
        }
        RETURN_IF_ERROR(writer.close());
        return file;
    }
    ~TemporaryFile() { remove(); }
    TemporaryFile(TemporaryFile&& other) noexcept : path_(std::exchange(other.path_, "")) {}
    TemporaryFile& operator=(TemporaryFile&&) = delete;

    [[nodiscard]] const std::string& path() const { return path_; }
    void remove() {
        if (!path_.empty()) ::unlink(path_.c_str());
    }

  private:
    explicit TemporaryFile(std::string path) : path_(std::move(path)) {}
    std::string path_;
};

// The two readers that are compared, open on the same file.
struct Readers {
    std::unique_ptr<FlashReader> direct, buffered;
    uint64_t file_bytes = 0;
    std::string device;
};

Result<Readers> openReaders(const std::string& path) {
    Readers readers;
    auto uring = openUringReader(path, kDepthMax, {});
    if (uring) {
        readers.direct = *std::move(uring);
    } else {
        ASSIGN_OR_RETURN(readers.direct, openPreadReader(path, kDepthMax, {}));
    }
    ASSIGN_OR_RETURN(readers.buffered, openPreadReader(path, kDepthMax, {.direct = false}));
    ASSIGN_OR_RETURN(const InputFile file, InputFile::open(path));
    file.dropCache(0, 0);
    readers.file_bytes = file.sizeBytes();
    ASSIGN_OR_RETURN(readers.device, deviceOf(path));
    if (readers.file_bytes >= kFileBytesMin) return readers;
    return fail(ErrorCode::kInvalidArgument, path + " is too small to measure a disk with");
}

Result<Readers> prepare(const DiskProbeOptions& options, const StopFlag& stop) {
    if (options.folder.empty()) return openReaders(options.file);
    const auto free = freeBytes(options.folder);
    // Somebody else may need the rest of a disk that is nearly full.
    const uint64_t bytes = std::min(options.bytes, free ? *free / 4 : 0);
    Error error{ErrorCode::kNoSpace, "there is no room in " + options.folder};
    if (bytes >= kFileBytesMin) {
        auto written = TemporaryFile::write(options.folder, bytes, stop);
        if (written) {
            auto readers = openReaders(written->path());
            written->remove();  // before the reads begin: nothing is left if the process dies
            return readers;
        }
        error = written.error();
        if (error.code == ErrorCode::kCancelled) return std::unexpected(error);
    }
    if (!options.file.empty()) return openReaders(options.file);
    return fail(error.code,
                error.message + "; the disk can be measured on a model that lies on it");
}

std::vector<DiskPoint> plannedPoints(uint64_t file_bytes) {
    std::vector<DiskPoint> points;
    for (const uint32_t bytes : kSizes) {
        for (const uint32_t depth : kDepths) {
            if (uint64_t{bytes} * depth <= std::min(kMemoryBytesMax, file_bytes / 2)) {
                points.push_back({bytes, depth, 0});
            }
        }
    }
    return points;
}

double speedAt(const std::vector<DiskPoint>& points, uint32_t bytes, uint32_t depth) {
    double speed = 0;  // of the deepest point that is not deeper
    for (const DiskPoint& point : points) {
        if (point.bytes == bytes && point.depth <= depth) speed = point.bytes_per_s;
    }
    return speed;
}

}  // namespace

double DiskProfile::bytesPerSecond(uint64_t read_bytes) const {
    double below = 0, below_size = 0;
    for (const uint32_t size : kSizes) {
        const double speed = speedAt(points, size, tuning.depth);
        if (speed <= 0) continue;
        const auto wanted = static_cast<double>(read_bytes);
        if (wanted <= size) {
            if (below <= 0) return speed * std::min(1.0, wanted / size);
            const double place = std::log(wanted / below_size) / std::log(size / below_size);
            return below + (speed - below) * place;
        }
        below = speed;
        below_size = size;
    }
    return below;
}

Result<std::string> deviceOf(const std::string& path) {
    struct stat info {};
    if (::stat(path.c_str(), &info) != 0) {
        return std::unexpected(systemError("look at", path, errno));
    }
    return std::to_string(major(info.st_dev)) + ":" + std::to_string(minor(info.st_dev));
}

ReadTuning chooseTuning(const DiskProfile& profile) {
    ReadTuning tuning;
    const double best = speedAt(profile.points, kRecordBytes, kDepthMax);
    if (best <= 0) return tuning;
    for (const uint32_t depth : kDepths) {
        tuning.depth = depth;
        if (speedAt(profile.points, kRecordBytes, depth) >= 0.9 * best) break;
    }
    double stream = 0;
    for (const DiskPoint& point : profile.points) stream = std::max(stream, point.bytes_per_s);
    const double speed = speedAt(profile.points, kRecordBytes, tuning.depth);
    // What a read costs beside its bytes, told in bytes: t = bytes / stream + cost.
    const double cost_bytes = kRecordBytes * (stream / speed - 1);
    constexpr double kPage = 4096, kGapMax = 256 << 10;
    tuning.gap_bytes =
        static_cast<uint32_t>(std::clamp(std::floor(cost_bytes / kPage) * kPage, 0.0, kGapMax));
    double direct = 0;
    for (const DiskPoint& point : profile.points) {
        if (point.bytes == kComparedBytes) direct = std::max(direct, point.bytes_per_s);
    }
    // Clearly faster: a busy machine alone makes a difference of a third, and what the page cache
    // keeps is memory that nobody budgeted.
    tuning.direct = profile.can_direct && 2 * direct >= profile.buffered_bytes_per_s;
    return tuning;
}

Result<DiskProfile> probeDisk(const DiskProbeOptions& options, const ProgressSink& progress,
                              const StopFlag& stop) {
    if (progress) progress({"measuring the disk", 0});
    ASSIGN_OR_RETURN(const Readers readers, prepare(options, stop));
    DiskProfile profile;
    profile.device = readers.device;
    profile.can_direct = readers.direct->directIo();
    profile.points = plannedPoints(readers.file_bytes);
    const double seconds = options.seconds / static_cast<double>(profile.points.size() + 1);
    ReadLoad load{.file_bytes = readers.file_bytes, .seconds = seconds};
    load.bytes = kComparedBytes;
    load.depth = kComparedDepth;
    ASSIGN_OR_RETURN(profile.buffered_bytes_per_s,
                     measureReads(*readers.buffered, load, steadyClock(), stop));
    for (size_t i = 0; i < profile.points.size(); ++i) {
        DiskPoint& point = profile.points[i];
        const double done = static_cast<double>(i + 1) / static_cast<double>(profile.points.size());
        if (progress) progress({"measuring the disk", done});
        load.bytes = point.bytes;
        load.depth = point.depth;
        load.seed = i + 2;
        ASSIGN_OR_RETURN(point.bytes_per_s,
                         measureReads(*readers.direct, load, steadyClock(), stop));
    }
    profile.tuning = chooseTuning(profile);
    return profile;
}

}  // namespace glowworm
