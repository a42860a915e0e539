// SPDX-License-Identifier: Apache-2.0
#include "app/library/bundlearchive.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <vector>

#include <KCompressionDevice>

#include <fcntl.h>
#include <unistd.h>

#include "app/library/plainfile.h"
#include "app/library/tarheader.h"
#include "core/base/bytes.h"
#include "core/engine/bundle_transfer.h"

namespace glowworm {

namespace fs = std::filesystem;

namespace {

constexpr uint64_t kBufferBytes = uint64_t{1} << 20;
constexpr double kReceivedAt = 0.6;  // the rest of an import is reading back and checking

const TarBlock kZeros{};

// Writes the compressed file; tells what went wrong beneath.
class ArchiveWriter {
  public:
    explicit ArchiveWriter(const std::string& path)
        : m_path(path), m_file(path), m_zstd(&m_file, false, KCompressionDevice::Zstd) {}

    Status open() {
        RETURN_IF_ERROR(m_file.openFor(PlainFile::Use::kCreate));
        return m_zstd.open(QIODevice::WriteOnly) ? Status() : fault();
    }
    Status write(const char* data, uint64_t bytes) {
        const auto wrote = m_zstd.write(data, static_cast<qint64>(bytes));
        return wrote == static_cast<qint64>(bytes) ? Status() : fault();
    }
    Status close() {
        m_zstd.close();
        if (m_zstd.error() != QFileDevice::NoError) return fault();
        return m_file.sync();
    }

  private:
    [[nodiscard]] Status fault() const {
        if (!m_file.fault()) return m_file.fault();
        return fail(ErrorCode::kIo, m_path + " cannot be compressed");
    }

    std::string m_path;
    PlainFile m_file;
    KCompressionDevice m_zstd;
};

class ArchiveReader {
  public:
    explicit ArchiveReader(const std::string& path)
        : m_path(path), m_file(path), m_zstd(&m_file, false, KCompressionDevice::Zstd) {}

    Status open() {
        RETURN_IF_ERROR(m_file.openFor(PlainFile::Use::kRead));
        if (m_zstd.open(QIODevice::ReadOnly)) return {};
        return fail(ErrorCode::kIo, m_path + " cannot be read");
    }
    // Fills `out`. Nothing was unpacked yet: what fails is not zstd at all.
    Status read(std::span<char> out) {
        for (size_t done = 0; done < out.size();) {
            const auto room = static_cast<qint64>(out.size() - done);
            qint64 got = m_zstd.read(out.data() + done, room);
            // What cannot be unpacked is told by the call after it.
            if (got == 0) got = m_zstd.read(out.data() + done, room);
            if (!m_file.fault()) return m_file.fault();
            if (got < 0)
                return fail(ErrorCode::kInvalidFile,
                            m_path + (m_position == 0
                                          ? " is not an archive of a model (it is not "
                                            "compressed with zstd)"
                                          : " is damaged: it cannot be unpacked; copy it again"));
            if (got == 0)
                return fail(ErrorCode::kInvalidFile,
                            m_path + " ends too early: it is incomplete; copy it again");
            done += static_cast<size_t>(got);
            m_position += static_cast<uint64_t>(got);
        }
        return {};
    }

  private:
    std::string m_path;
    PlainFile m_file;
    KCompressionDevice m_zstd;
    uint64_t m_position = 0;
};

class Meter {
  public:
    Meter(const ProgressSink& sink, std::string_view stage, double span)
        : m_sink(sink), m_stage(stage), m_span(span) {}
    void add(uint64_t bytes, uint64_t total) {
        m_done += bytes;
        if (!m_sink) return;
        const double whole = static_cast<double>(std::max<uint64_t>(1, total));
        m_sink({m_stage, m_span * std::min(1.0, static_cast<double>(m_done) / whole)});
    }

  private:
    const ProgressSink& m_sink;
    std::string_view m_stage;
    double m_span;
    uint64_t m_done = 0;
};

std::string parentOf(const std::string& file) {
    const std::string parent = fs::path(file).parent_path().string();
    return parent.empty() ? "." : parent;
}

Status checkTarget(const std::string& file, uint64_t bytes, IfThere if_there) {
    std::error_code error;
    const fs::file_status there = fs::symlink_status(file, error);
    if (fs::is_directory(there))
        return fail(ErrorCode::kInvalidArgument, file + " is a folder; choose a file's name");
    if (fs::exists(there) && if_there == IfThere::kRefuse)
        return fail(ErrorCode::kInvalidArgument,
                    file + " is already there; choose another name or remove it");
    const fs::space_info space = fs::space(parentOf(file), error);
    if (error) return std::unexpected(systemError("write into", parentOf(file), error.value()));
    if (space.available >= bytes) return {};
    return fail(ErrorCode::kNoSpace, "the archive may need " + formatBytes(bytes) + " in " +
                                         parentOf(file) + ", which has " +
                                         formatBytes(space.available) +
                                         " free; make room or choose another folder");
}

Status writeArchive(const std::string& bundle, const std::vector<BundleFile>& files,
                    uint64_t total, const std::string& path, const ProgressSink& progress,
                    const StopFlag& stop) {
    ArchiveWriter archive(path);
    RETURN_IF_ERROR(archive.open());
    Meter meter(progress, "writing the archive", 1);
    for (const BundleFile& file : files) {
        const TarBlock header = writeTarHeader({file.name, file.bytes});
        RETURN_IF_ERROR(archive.write(header.data(), header.size()));
        const auto take = [&](std::span<const std::byte> chunk) -> Status {
            RETURN_IF_ERROR(
                archive.write(reinterpret_cast<const char*>(chunk.data()), chunk.size()));
            meter.add(chunk.size(), total);
            return {};
        };
        RETURN_IF_ERROR(readBundleFile(bundle, file, take, stop));
        if (const uint64_t padding = tarPadding(file.bytes); padding > 0)
            RETURN_IF_ERROR(archive.write(kZeros.data(), padding));
    }
    for (int i = 0; i < 2; ++i) RETURN_IF_ERROR(archive.write(kZeros.data(), kZeros.size()));
    return archive.close();
}

// `partial` has been synced; so is its new name.
Status giveName(const std::string& partial, const std::string& file) {
    if (std::rename(partial.c_str(), file.c_str()) != 0)
        return std::unexpected(systemError("write", file, errno));
    const int folder = ::open(parentOf(file).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) return {};  // a folder that may be written but not read
    ::fsync(folder);
    ::close(folder);
    return {};
}

Status receiveFile(ArchiveReader& archive, const TarFile& file, BundleReceiver& receiver,
                   std::span<char> buffer, Meter& meter, const StopFlag& stop) {
    RETURN_IF_ERROR(receiver.begin(file.name, file.bytes));
    for (uint64_t done = 0; done < file.bytes;) {
        if (stop.requested()) return fail(ErrorCode::kCancelled, "the import was stopped");
        const auto chunk = buffer.first(std::min<uint64_t>(buffer.size(), file.bytes - done));
        RETURN_IF_ERROR(archive.read(chunk));
        RETURN_IF_ERROR(receiver.append(std::as_bytes(chunk)));
        done += chunk.size();
        if (receiver.bytesExpected()) meter.add(chunk.size(), *receiver.bytesExpected());
    }
    RETURN_IF_ERROR(archive.read(buffer.first(tarPadding(file.bytes))));
    return receiver.end();
}

Status receiveAll(const std::string& path, BundleReceiver& receiver, const ProgressSink& progress,
                  const StopFlag& stop) {
    ArchiveReader archive(path);
    RETURN_IF_ERROR(archive.open());
    Meter meter(progress, "unpacking the archive", kReceivedAt);
    std::vector<char> buffer(kBufferBytes);
    while (true) {
        TarBlock block;
        RETURN_IF_ERROR(archive.read(block));
        Result<std::optional<TarFile>> file = readTarHeader(block);
        if (!file) return fail(file.error().code, path + ' ' + file.error().message);
        if (!*file) return {};  // what may follow the end is never unpacked
        RETURN_IF_ERROR(receiveFile(archive, **file, receiver, buffer, meter, stop));
    }
}

}  // namespace

Status exportBundle(const std::string& bundle, const std::string& file, IfThere if_there,
                    const ProgressSink& progress, const StopFlag& stop) {
    ASSIGN_OR_RETURN(const std::vector<BundleFile> files, bundleFiles(bundle));
    uint64_t total = 0;
    for (const BundleFile& part : files) total += part.bytes;
    RETURN_IF_ERROR(checkTarget(file, total, if_there));
    const std::string partial = file + ".partial";
    Status status = writeArchive(bundle, files, total, partial, progress, stop);
    if (status) status = giveName(partial, file);
    std::error_code ignored;
    if (!status) fs::remove(partial, ignored);
    return status;
}

Status importBundle(const std::string& archive, const std::string& folder,
                    const ProgressSink& progress, const StopFlag& stop) {
    ASSIGN_OR_RETURN(const std::unique_ptr<BundleReceiver> receiver,
                     BundleReceiver::create(folder, archive));
    RETURN_IF_ERROR(receiveAll(archive, *receiver, progress, stop));
    const auto checking = [&](const Progress& part) {
        if (progress)
            progress({"checking every byte", kReceivedAt + (1 - kReceivedAt) * part.fraction});
    };
    return receiver->install(checking, stop);
}

}  // namespace glowworm
