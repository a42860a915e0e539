// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/rates.h"

#include <algorithm>
#include <chrono>
#include <numeric>
#include <random>
#include <span>
#include <thread>
#include <vector>

#include "core/base/reserved_memory.h"
#include "core/io/flash_reader.h"
#include "core/io/file.h"

namespace glowworm::bench {

namespace {

double secondsSince(std::chrono::steady_clock::time_point begin) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

}  // namespace

Result<double> diskRate(const std::string& path, const DiskLoad& load) {
    ASSIGN_OR_RETURN(const auto reader, openFlashReader(path, ReaderKind::kAuto, load.depth));
    ASSIGN_OR_RETURN(const InputFile file, InputFile::open(path));
    const uint64_t places = file.sizeBytes() / load.bytes;
    if (places == 0) return fail(ErrorCode::kInvalidArgument, path + " is too small to measure");
    const uint64_t room = (load.bytes + 4095ULL) / 4096 * 4096;
    ASSIGN_OR_RETURN(const auto memory,
                     ReservedMemory::reserve(load.depth * room, Pages::kHuge));
    std::vector<ReadCompletion> done(load.depth);
    std::vector<uint64_t> free(load.depth);
    std::iota(free.begin(), free.end(), 0U);
    std::mt19937_64 random(1);
    const uint64_t wanted = std::max<uint64_t>(1, load.total / load.bytes);
    uint64_t submitted = 0, completed = 0;
    const auto begin = std::chrono::steady_clock::now();
    while (completed < wanted) {
        while (submitted < wanted && !free.empty()) {
            const uint64_t place = load.random ? random() % places : submitted % places;
            const ReadRequest request{place * load.bytes, load.bytes,
                                      memory.data() + free.back() * room, free.back()};
            ASSIGN_OR_RETURN(const size_t taken, reader->submit({&request, 1}));
            if (taken == 0) break;
            free.pop_back();
            ++submitted;
        }
        ASSIGN_OR_RETURN(const size_t count, reader->wait(1, done, StopFlag()));
        for (size_t i = 0; i < count; ++i) {
            if (!done[i].ok) return std::unexpected(reader->error());
            free.push_back(done[i].tag);
        }
        completed += count;
    }
    return static_cast<double>(completed) * load.bytes / secondsSince(begin);
}

double memoryRate(size_t threads) {
    constexpr size_t kWords = size_t{64} << 20;  // 512 MiB
    constexpr int kPasses = 4;
    const auto memory = ReservedMemory::reserve(kWords * sizeof(uint64_t), Pages::kHuge);
    if (!memory) return 0;
    const std::span block(reinterpret_cast<uint64_t*>(memory->data()), kWords);
    std::iota(block.begin(), block.end(), 0U);
    std::vector<uint64_t> sums(threads);
    double best = 0;
    for (int pass = 0; pass < kPasses; ++pass) {
        const auto begin = std::chrono::steady_clock::now();
        {
            std::vector<std::jthread> workers;
            for (size_t t = 0; t < threads; ++t) {
                workers.emplace_back([&, t] {
                    const size_t first = kWords * t / threads, last = kWords * (t + 1) / threads;
                    sums[t] += std::accumulate(block.begin() + static_cast<ptrdiff_t>(first),
                                               block.begin() + static_cast<ptrdiff_t>(last),
                                               uint64_t{0});
                });
            }
        }
        best = std::max(best, kWords * sizeof(uint64_t) / secondsSince(begin));
    }
    // The sums must be made: without a use the loop would vanish.
    return std::accumulate(sums.begin(), sums.end(), uint64_t{0}) == 1 ? 0 : best;
}

}  // namespace glowworm::bench
