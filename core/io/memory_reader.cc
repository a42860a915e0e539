// SPDX-License-Identifier: Apache-2.0
#include "core/io/memory_reader.h"

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "core/base/reserved_memory.h"
#include "core/io/file.h"
#include "core/io/read_step.h"

namespace glowworm {

namespace {

class MemoryReader final : public FlashReader {
  public:
    MemoryReader(std::span<const std::byte> bytes, std::string path, size_t depth,
                 ReservedMemory owned)
        : bytes_(bytes), path_(std::move(path)), owned_(std::move(owned)), queue_(depth) {}

    [[nodiscard]] size_t alignmentBytes() const override { return kReadAlignment; }
    [[nodiscard]] size_t depth() const override { return queue_.size(); }
    [[nodiscard]] size_t inFlight() const override { return count_; }
    Result<size_t> submit(std::span<const ReadRequest> requests) override;
    Result<size_t> wait(size_t min_count, std::span<ReadCompletion> out,
                        const StopFlag& stop) override;
    void drain() override { count_ = 0; }
    [[nodiscard]] Error error() const override { return error_; }
    [[nodiscard]] ReaderStats stats() const override { return stats_; }
    [[nodiscard]] const char* name() const override { return "memory"; }
    [[nodiscard]] bool directIo() const override { return false; }
    [[nodiscard]] uint64_t bufferBytes() const override { return owned_.size(); }

  private:
    bool copy(const ReadRequest& request);

    std::span<const std::byte> bytes_;
    std::string path_;
    ReservedMemory owned_;
    std::vector<ReadRequest> queue_;
    size_t first_ = 0, count_ = 0;
    Error error_{ErrorCode::kIo, ""};
    ReaderStats stats_;
};

Result<size_t> MemoryReader::submit(std::span<const ReadRequest> requests) {
    const size_t count = std::min(requests.size(), queue_.size() - count_);
    for (const ReadRequest& request : requests.first(count)) {
        checkRequest(request);
        queue_[(first_ + count_++) % queue_.size()] = request;
    }
    return count;
}

bool MemoryReader::copy(const ReadRequest& request) {
    if (request.offset > bytes_.size() || request.bytes > bytes_.size() - request.offset) {
        error_ = truncatedError(request, path_, bytes_.size());
        return false;
    }
    std::memcpy(request.destination, bytes_.data() + request.offset, request.bytes);
    stats_.bytes += request.bytes;
    ++stats_.reads;
    return true;
}

// Everything is there at once, so neither the least count nor the stop flag can make it wait.
Result<size_t> MemoryReader::wait(size_t /*min_count*/, std::span<ReadCompletion> out,
                                  const StopFlag& /*stop*/) {
    const size_t count = std::min(out.size(), count_);
    for (ReadCompletion& completion : out.first(count)) {
        const ReadRequest request = queue_[first_];
        first_ = (first_ + 1) % queue_.size();
        --count_;
        completion = {request.tag, copy(request)};
    }
    return count;
}

}  // namespace

Result<std::unique_ptr<FlashReader>> openMemoryReader(const std::string& path, size_t depth) {
    ASSIGN_OR_RETURN(const InputFile file, InputFile::open(path));
    ASSIGN_OR_RETURN(ReservedMemory memory, ReservedMemory::reserve(file.sizeBytes()));
    const std::span<std::byte> bytes(memory.data(), file.sizeBytes());
    RETURN_IF_ERROR(file.read(0, bytes));
    return std::make_unique<MemoryReader>(bytes, path, depth, std::move(memory));
}

std::unique_ptr<FlashReader> memoryReader(std::span<const std::byte> bytes, std::string name,
                                          size_t depth) {
    return std::make_unique<MemoryReader>(bytes, std::move(name), depth, ReservedMemory());
}

}  // namespace glowworm
