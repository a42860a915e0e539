// SPDX-License-Identifier: Apache-2.0
// bench io: our reader against fio on the same file, at the same size and depth, in turns.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <random>

#include "core/base/bytes.h"
#include "core/io/file.h"
#include "core/io/read_load.h"
#include "core/io/uring_reader.h"
#include "tests/bench/child.h"
#include "tests/bench/models.h"
#include "tests/bench/options.h"
#include "tests/bench/table.h"
#include "tests/bench/tables.h"

namespace glowworm::bench {

namespace {

constexpr uint32_t kTurns = 11;  // odd: a median of turns is a turn
constexpr double kSeconds = 0.6;
constexpr double kBar = 0.9;

// One turn of everybody, in the same half minute: the disk may be another a minute later.
struct Turn {
    double fio = 0, own = 0, small = 0;  // bytes per second; small: our buffers in small pages
};

Status writeNoise(const std::string& path, uint64_t bytes) {
    ASSIGN_OR_RETURN(FileWriter file, FileWriter::create(path));
    std::mt19937_64 random(1);
    std::vector<uint64_t> noise(1 << 17);
    for (uint64_t done = 0; done < bytes; done += noise.size() * sizeof(uint64_t)) {
        for (uint64_t& value : noise) value = random();
        RETURN_IF_ERROR(file.write(std::as_bytes(std::span(noise))));
    }
    return file.close();
}

// Each turn its own seed: whoever reads the same places again may meet them in a cache of the host.
Result<double> fio(const std::string& path, uint32_t bytes, size_t depth, uint32_t seed) {
    const std::string command =
        "fio --name=read --readonly --filename=" + path +
        " --direct=1 --ioengine=io_uring --rw=randread --bs=" + std::to_string(bytes) +
        " --iodepth=" + std::to_string(depth) + " --runtime=" + number(kSeconds * 1e3, 0) +
        "ms --time_based --norandommap --randseed=" + std::to_string(seed) +
        " --output-format=json 2>/dev/null";
    ASSIGN_OR_RETURN(const nlohmann::json report, runChild(command));
    return report["jobs"][0]["read"]["bw_bytes"].get<double>();
}

Result<double> ours(const std::string& path, uint32_t bytes, size_t depth, uint32_t seed,
                    Pages pages) {
    ASSIGN_OR_RETURN(const auto reader, openUringReader(path, depth, {}));
    ReadLoad load;
    load.file_bytes = std::filesystem::file_size(path);
    load.bytes = bytes;
    load.depth = depth;
    load.seconds = kSeconds;
    load.seed = seed;
    load.pages = pages;
    StopFlag stop;
    return measureReads(*reader, load, steadyClock(), stop);
}

// Who comes first changes from turn to turn.
Result<Turn> turn(const std::string& path, uint32_t bytes, size_t depth, uint32_t index) {
    Turn made;
    for (uint32_t i = 0; i < 3; ++i) {
        const uint32_t seed = 1 + 3 * index + i;
        switch ((index + i) % 3) {
        case 0: {
            ASSIGN_OR_RETURN(made.fio, fio(path, bytes, depth, seed));
            break;
        }
        case 1: {
            ASSIGN_OR_RETURN(made.own, ours(path, bytes, depth, seed, Pages::kHuge));
            break;
        }
        default: {
            ASSIGN_OR_RETURN(made.small, ours(path, bytes, depth, seed, Pages::kSmall));
        }
        }
    }
    return made;
}

template <typename Value>
double median(const std::vector<Turn>& turns, Value&& value) {
    std::vector<double> values;
    for (const Turn& one : turns) values.push_back(value(one));
    std::ranges::nth_element(values, values.begin() + static_cast<ptrdiff_t>(values.size() / 2));
    return values[values.size() / 2];
}

Status rows(const std::string& path, Table& table) {
    for (const uint32_t bytes : {4U << 10, 16U << 10, 64U << 10, 256U << 10, 1U << 20}) {
        const size_t depth = bytes >= 256U << 10 ? 32 : 128;
        std::vector<Turn> turns;
        for (uint32_t i = 0; i < kTurns; ++i) {
            ASSIGN_OR_RETURN(const Turn one, turn(path, bytes, depth, i));
            turns.push_back(one);
        }
        const double share = median(turns, [](const Turn& t) { return t.own / t.fio; });
        table.row({formatBytes(bytes), std::to_string(depth),
                   number(median(turns, [](const Turn& t) { return t.fio; }) / 1e9, 3),
                   number(median(turns, [](const Turn& t) { return t.own; }) / 1e9, 3),
                   number(median(turns, [](const Turn& t) { return t.small; }) / 1e9, 3),
                   percent(share),
                   percent(median(turns, [](const Turn& t) { return t.small / t.fio; })),
                   share >= kBar ? "yes" : "no"});
    }
    return {};
}

}  // namespace

int benchIo(std::span<const std::string> args) {
    const auto given = option(args, "--file");
    const std::string path = given ? *given : benchFolder() + "/io.bin";
    if (!given) {
        Status status = makeFolders(benchFolder());
        if (status) status = writeNoise(path, uint64_t{2} << 30);
        if (!status) return failed(status.error());
    }
    Table table("Our reader against fio: io_uring, past the page cache, random reads (medians of " +
                    std::to_string(kTurns) + " turns)",
                {"size", "in flight", "fio GB/s", "ours GB/s", "ours in small pages", "share",
                 "share, small pages", "90 %"});
    table.note("turns of 0.6 s, one after the other, other places each; share: the median of the "
               "turns' ratios. fio's buffers are in small pages, ours in huge ones, as the "
               "engine's are: a read into scattered pages takes many entries of the disk's queue");
    const Status status = rows(path, table);
    if (!given) std::filesystem::remove(path);
    if (!status) return failed(status.error());
    table.print(has(args, "--json"));
    return 0;
}

}  // namespace glowworm::bench
