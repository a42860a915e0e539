// SPDX-License-Identifier: Apache-2.0
// What this machine can do, measured in a few seconds, and what it will make of a model before that
// is loaded. The door for app/, which remembers the profile.
#pragma once

#include <cstdint>
#include <string>

#include "core/io/disk_probe.h"

namespace glowworm {

struct MachineProfile {
    DiskProfile disk;
    double memory_bytes_per_s = 0;  // all threads reading
    uint32_t threads = 0;
};

// threads 0: one per core. Errors are probeDisk's, and kCancelled: `stop` is looked at about every
// tenth of a second. Holds 256 MB while it measures the memory.
Result<MachineProfile> probeMachine(const DiskProbeOptions& disk, uint32_t threads,
                                    const ProgressSink& progress, const StopFlag& stop);

// A model's speed once its window has filled, told from its manifest: an estimate.
struct Forecast {
    uint64_t budget_bytes = 0;
    double hit_rate = 0;           // of the neurons that a token asks for
    uint64_t touched_bytes = 0;    // of weights in memory, per token
    uint64_t read_bytes = 0;       // from the disk, per token
    double memory_ms = 0, disk_ms = 0;  // per token
    double token_ms = 0;           // the two one after the other: nothing overlaps, at worst
    // The smallest budget that is at most a twentieth slower: more memory than this is of little
    // use, and a smaller cache leaves it to other programs.
    uint64_t budget_bytes_enough = 0;
};

// What of a model its speed follows from. Plain values: read once, a model is foretold at any
// budget without its files.
struct ForecastBasis {
    uint64_t budget_bytes_min = 0, budget_bytes_max = 0;
    uint64_t cache_bytes_max = 0;  // of the largest budget
    uint64_t touched_bytes = 0;    // per token, whatever fires: resident matrices, predictor
    uint64_t neurons_bytes = 0;    // of all records
    uint64_t record_bytes = 0;     // of one
    double active_share = 1;       // of the neurons, per token
    bool relu = false;
};

// From the manifest alone. threads 0: one per core.
Result<ForecastBasis> forecastBasis(const std::string& bundle, uint32_t context_tokens,
                                    uint32_t threads);

// budget_bytes 0: the whole model. A budget that is too small is told for the smallest that works.
[[nodiscard]] Forecast foretell(const ForecastBasis& model, uint64_t budget_bytes,
                                const MachineProfile& machine);
Result<Forecast> foretell(const std::string& bundle, uint64_t budget_bytes,
                          uint32_t context_tokens, const MachineProfile& machine);

// The share of asked-for neurons that lie in a cache of `cached_share` of all, when a token asks
// for `active_share`. Neurons that fired a moment ago fire again, and some are hotter than others.
// A power of the cached share is near what was measured: the square root without ReLU (design.md:
// 30 % hold 55-58 %, 50 % hold 74 %), the fourth root with it (LLM in a Flash: 24 % hold 76 %; the
// ReLU fixture: 53 % hold 89 %).
[[nodiscard]] double expectedHitRate(double cached_share, double active_share, bool relu);

}  // namespace glowworm
