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

constexpr int kTurns = 3;
constexpr double kSeconds = 2;

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

Result<double> fio(const std::string& path, uint32_t bytes, size_t depth) {
    const std::string command =
        "fio --name=read --readonly --filename=" + path +
        " --direct=1 --ioengine=io_uring --rw=randread --bs=" + std::to_string(bytes) +
        " --iodepth=" + std::to_string(depth) + " --runtime=" + number(kSeconds, 0) +
        " --time_based --norandommap --output-format=json 2>/dev/null";
    ASSIGN_OR_RETURN(const nlohmann::json report, runChild(command));
    return report["jobs"][0]["read"]["bw_bytes"].get<double>();
}

Result<double> ours(const std::string& path, uint32_t bytes, size_t depth, uint64_t seed) {
    ASSIGN_OR_RETURN(const auto reader, openUringReader(path, depth, {}));
    ReadLoad load;
    load.file_bytes = std::filesystem::file_size(path);
    load.bytes = bytes;
    load.depth = depth;
    load.seconds = kSeconds;
    load.seed = seed;
    StopFlag stop;
    return measureReads(*reader, load, steadyClock(), stop);
}

Status rows(const std::string& path, Table& table) {
    for (const uint32_t bytes : {4U << 10, 16U << 10, 64U << 10, 256U << 10, 1U << 20}) {
        const size_t depth = bytes >= 256U << 10 ? 32 : 128;
        double rival = 0, own = 0;
        for (int turn = 0; turn < kTurns; ++turn) {
            ASSIGN_OR_RETURN(const double theirs, fio(path, bytes, depth));
            ASSIGN_OR_RETURN(const double speed, ours(path, bytes, depth, 7U + turn));
            rival = std::max(rival, theirs);
            own = std::max(own, speed);
        }
        table.row({formatBytes(bytes), std::to_string(depth), number(rival / 1e9, 3),
                   number(own / 1e9, 3), percent(own / rival)});
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
    Table table("Our reader against fio: io_uring, past the page cache, random reads (best of " +
                    std::to_string(kTurns) + " turns of 2 s)",
                {"size", "in flight", "fio GB/s", "ours GB/s", "share"});
    const Status status = rows(path, table);
    if (!given) std::filesystem::remove(path);
    if (!status) return failed(status.error());
    table.print(has(args, "--json"));
    return 0;
}

}  // namespace glowworm::bench
