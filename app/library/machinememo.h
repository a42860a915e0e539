// SPDX-License-Identifier: Apache-2.0
// What was measured on this machine, remembered as JSON in the cache folder, by disk and processor.
// Any thread. A memo that cannot be read is one that is not there: the machine is measured again.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "core/engine/machine_probe.h"

namespace glowworm {

// probeMachine() of core/engine, or a fake.
using ProbeFunction = std::function<Result<MachineProfile>(
    const DiskProbeOptions& disk, uint32_t threads, const ProgressSink& progress,
    const StopFlag& stop)>;

class MachineMemo {
  public:
    // file "": nothing is remembered.
    explicit MachineMemo(std::string file) : m_file(std::move(file)) {}
    // $XDG_CACHE_HOME/glowworm/machine.json, or ~/.cache/glowworm/machine.json.
    static std::string standardFile();

    // The profile for the disk that `path` lies on; nothing when this machine is not known.
    [[nodiscard]] std::optional<MachineProfile> recall(const std::string& path) const;
    // How to read from that disk: as measured, else the defaults.
    [[nodiscard]] ReadTuning tuningFor(const std::string& path) const;
    Status remember(const MachineProfile& profile) const;

  private:
    std::string m_file;
};

// For programs, and for the memo itself.
[[nodiscard]] std::string machineJson(const MachineProfile& profile);

}  // namespace glowworm
