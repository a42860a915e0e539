// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <format>

#include "app/cli/commands.h"
#include "app/cli/openmodel.h"
#include "app/cli/progressline.h"
#include "app/library/machinememo.h"
#include "core/base/bytes.h"

namespace glowworm {

namespace {

void printMachine(std::ostream& out, const MachineProfile& profile) {
    const DiskProfile& disk = profile.disk;
    const ReadTuning& tuning = disk.tuning;
    out << std::format("memory          {:.1f} GB/s with {} threads\n",
                       profile.memory_bytes_per_s / 1e9, profile.threads);
    out << "disk, GB/s      reads in flight\n";
    for (const DiskPoint& point : disk.points) {
        out << std::format("{:>10} x {:<4} {:.2f}\n", formatBytes(point.bytes), point.depth,
                           point.bytes_per_s / 1e9);
    }
    out << std::format("page cache      {:.2f} GB/s, cold\n", disk.buffered_bytes_per_s / 1e9);
    out << std::format("chosen          {}, {} reads in flight, gaps up to {} are read\n",
                       tuning.direct ? "past the page cache" : "through the page cache",
                       tuning.depth, formatBytes(tuning.gap_bytes));
}

std::string forecastJson(const Forecast& f) {
    return std::format(
        "{{\"budget_bytes\":{},\"budget_bytes_enough\":{},\"hit_rate\":{:.4f},"
        "\"touched_bytes\":{},\"read_bytes\":{},\"memory_ms\":{:.3f},\"disk_ms\":{:.3f},"
        "\"token_ms\":{:.3f}}}",
        f.budget_bytes, f.budget_bytes_enough, f.hit_rate, f.touched_bytes, f.read_bytes,
        f.memory_ms, f.disk_ms, f.token_ms);
}

void printForecast(std::ostream& out, const Forecast& f) {
    out << std::format("foretold        {:.0f} ms a token with {}: {:.0f} ms for memory ({}), "
                       "{:.0f} ms for the disk ({}, {:.0f} % hits)\n",
                       f.token_ms, formatBytes(f.budget_bytes), f.memory_ms,
                       formatBytes(f.touched_bytes), f.disk_ms, formatBytes(f.read_bytes),
                       100 * f.hit_rate);
    if (f.budget_bytes_enough < f.budget_bytes) {
        out << std::format("enough          {} would be as fast\n",
                           formatBytes(f.budget_bytes_enough));
    }
}

// Where the disk is measured: beside the models, or on the model itself where nothing may be
// written.
DiskProbeOptions placeOf(const DataPaths& paths, const std::string& bundle) {
    DiskProbeOptions place;
    std::error_code error;
    const auto folder = std::filesystem::path(bundle).parent_path().string();
    place.folder = bundle.empty() ? paths.models() : folder.empty() ? "." : folder;
    std::filesystem::create_directories(place.folder, error);
    if (!bundle.empty()) place.file = bundle + "/neurons.bin";
    return place;
}

}  // namespace

Status runProbe(const DataPaths& paths, const ProbeOptions& options,
                CliEnvironment& environment) {
    std::string bundle;
    if (!options.model.empty()) {
        ASSIGN_OR_RETURN(bundle, findBundle(paths, options.model, environment));
    }
    const MachineMemo memo(environment.machineFile);
    const DiskProbeOptions place = placeOf(paths, bundle);
    std::optional<MachineProfile> profile;
    if (!options.again) profile = memo.recall(bundle.empty() ? place.folder : bundle);
    if (!profile) {
        ProgressLine progress(environment);
        ASSIGN_OR_RETURN(profile, environment.probe(place, 0, progress.sink(),
                                                    environment.controls.stop));
        RETURN_IF_ERROR(memo.remember(*profile));
    }
    std::string forecast;
    if (!options.json) printMachine(environment.out, *profile);
    if (!bundle.empty()) {
        ASSIGN_OR_RETURN(const uint64_t budget,
                         options.budget.empty() ? Result<uint64_t>(0) : parseBytes(options.budget));
        ASSIGN_OR_RETURN(const Forecast told,
                         foretell(bundle, budget, options.context, *profile));
        forecast = ",\"forecast\":" + forecastJson(told);
        if (!options.json) printForecast(environment.out, told);
    }
    if (options.json) {
        environment.out << "{\"machine\":" << machineJson(*profile) << forecast << "}\n";
    }
    environment.out << std::flush;
    return {};
}

}  // namespace glowworm
