// SPDX-License-Identifier: Apache-2.0
#include "core/io/read_load.h"

#include <algorithm>
#include <random>
#include <vector>

#include "core/base/check.h"

namespace glowworm {

namespace {

class Load {
  public:
    Load(FlashReader& reader, const ReadLoad& load, std::byte* memory)
        : reader_(reader), load_(load), random_(load.seed), requests_(load.depth),
          completions_(load.depth) {
        for (size_t i = 0; i < load.depth; ++i) {
            requests_[i].bytes = load.bytes;
            requests_[i].destination = memory + i * load.bytes;
            requests_[i].tag = i;
        }
    }

    // Starts the reads with these tags again, each somewhere else.
    Status start(std::span<const ReadCompletion> ended) {
        again_.clear();
        for (const ReadCompletion& one : ended) {
            if (!one.ok) return std::unexpected(reader_.error());
            ReadRequest& request = requests_[one.tag];
            request.offset = random_() % (load_.file_bytes / load_.bytes) * load_.bytes;
            again_.push_back(request);
        }
        ASSIGN_OR_RETURN(const size_t taken, reader_.submit(again_));
        CHECK(taken == again_.size());
        return {};
    }

    Status startAll() {
        for (size_t i = 0; i < completions_.size(); ++i) completions_[i] = {i, true};
        return start(completions_);
    }

    Result<std::span<const ReadCompletion>> wait(const StopFlag& stop) {
        ASSIGN_OR_RETURN(const size_t count, reader_.wait(1, completions_, stop));
        return std::span(completions_).first(count);
    }

  private:
    FlashReader& reader_;
    const ReadLoad& load_;
    std::mt19937_64 random_;
    std::vector<ReadRequest> requests_, again_;
    std::vector<ReadCompletion> completions_;
};

}  // namespace

Result<double> measureReads(FlashReader& reader, const ReadLoad& load, const Clock& clock,
                            const StopFlag& stop) {
    CHECK(load.depth >= 1 && load.depth <= reader.depth() && reader.inFlight() == 0);
    CHECK(load.bytes > 0 && load.file_bytes >= load.bytes);
    ASSIGN_OR_RETURN(const ReservedMemory memory,
                     ReservedMemory::reserve(load.depth * load.bytes, load.pages));
    // Pages that are touched for the first time are the system's work, not the disk's.
    std::fill_n(memory.data(), memory.size(), std::byte{1});
    Load running(reader, load, memory.data());
    const auto begin = clock.now();
    double seconds = 0;
    uint64_t bytes = 0;
    Status status = running.startAll();
    while (status && seconds < load.seconds) {
        const auto ended = running.wait(stop);
        if (ended) bytes += ended->size() * load.bytes;
        status = ended ? running.start(*ended) : Status(std::unexpected(ended.error()));
        if (stop.requested()) status = fail(ErrorCode::kCancelled, "stopped");
        seconds = std::chrono::duration<double>(clock.now() - begin).count();
    }
    reader.drain();
    RETURN_IF_ERROR(status);
    return static_cast<double>(bytes) / seconds;
}

}  // namespace glowworm
