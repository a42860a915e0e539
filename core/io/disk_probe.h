// SPDX-License-Identifier: Apache-2.0
// How fast a disk reads, measured in a few seconds: random reads of several sizes with several in
// flight, past the page cache and through it. From that curve follows how it is best read. Any
// thread; blocks it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/controls.h"
#include "core/base/error.h"
#include "core/io/read_tuning.h"

namespace glowworm {

struct DiskPoint {
    uint32_t bytes = 0;  // of each read
    uint32_t depth = 0;  // in flight
    double bytes_per_s = 0;
};

struct DiskProfile {
    std::string device;             // "major:minor" of the file system
    std::vector<DiskPoint> points;  // past the page cache where that works; by size, then depth
    bool can_direct = true;
    double buffered_bytes_per_s = 0;  // through the page cache, cold, kComparedBytes a read
    ReadTuning tuning;

    // With tuning.depth in flight, for reads of any size (between the points: interpolated).
    [[nodiscard]] double bytesPerSecond(uint64_t read_bytes) const;
};

struct DiskProbeOptions {
    std::string folder;  // where the models lie: a temporary file is written there and removed
    std::string file;    // read this instead where no file can be written, or always if no folder
    uint64_t bytes = uint64_t{256} << 20;  // of the temporary file, at most
    double seconds = 2;                    // of reading
};

// "major:minor" of the file system that `path` lies on.
Result<std::string> deviceOf(const std::string& path);

// A folder that cannot be written to, or whose disk is nearly full, needs options.file; without one
// the error says so. The temporary file is gone on every way out, also when the process is killed
// while it reads.
Result<DiskProfile> probeDisk(const DiskProbeOptions& options, const ProgressSink& progress,
                              const StopFlag& stop);

// The choice for a measured curve: the fewest reads in flight that reach nine tenths of the best,
// the gap at which one read more costs as much as the bytes between, and the page cache where it is
// clearly faster (QLC disks without memory of their own, some network file systems).
[[nodiscard]] ReadTuning chooseTuning(const DiskProfile& profile);

}  // namespace glowworm
