// SPDX-License-Identifier: Apache-2.0
#include "core/bundle/bundle_files.h"

#include <algorithm>

namespace glowworm {

Error damaged(const std::string& path, const std::string& what) {
    return {ErrorCode::kInvalidFile, path + " " + what + "; import the model again"};
}

Result<InputFile> openSized(const std::string& path, uint64_t bytes) {
    ASSIGN_OR_RETURN(InputFile file, InputFile::open(path));
    if (file.sizeBytes() != bytes)
        return std::unexpected(damaged(path, "has " + std::to_string(file.sizeBytes()) +
                                                 " bytes instead of " + std::to_string(bytes) +
                                                 " (truncated or another model's)"));
    return file;
}

void Meter::add(uint64_t bytes) {
    done += bytes;
    if (sink) sink({stage, static_cast<double>(done) / static_cast<double>(total)});
}

Status readDropping(const InputFile& file, uint64_t offset, std::span<std::byte> out, Meter& meter,
                    const StopFlag& stop, RunningChecksum& sum) {
    for (uint64_t done = 0; done < out.size();) {
        if (stop.requested()) return fail(ErrorCode::kCancelled, "stopped");
        const uint64_t bytes = std::min<uint64_t>(kChunkBytes, out.size() - done);
        const std::span<std::byte> chunk = out.subspan(done, bytes);
        RETURN_IF_ERROR(file.read(offset + done, chunk));
        file.dropCache(offset + done, bytes);
        sum.add(chunk);
        done += bytes;
        meter.add(bytes);
    }
    return {};
}

}  // namespace glowworm
