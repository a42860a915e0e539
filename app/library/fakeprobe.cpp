// SPDX-License-Identifier: Apache-2.0
#include "app/library/fakeprobe.h"

#include <chrono>
#include <thread>

namespace glowworm {

namespace {

MachineProfile imagined(const std::string& device) {
    MachineProfile machine;
    machine.memory_bytes_per_s = 21.4e9;
    machine.threads = 8;
    machine.disk.device = device;
    machine.disk.buffered_bytes_per_s = 0.7e9;
    const DiskPoint points[] = {{4 << 10, 32, 0.31e9},   {16 << 10, 32, 0.78e9},
                                {64 << 10, 32, 0.98e9},  {256 << 10, 32, 1.06e9},
                                {1 << 20, 32, 1.08e9}};
    machine.disk.points.assign(std::begin(points), std::end(points));
    machine.disk.tuning = chooseTuning(machine.disk);
    return machine;
}

}  // namespace

ProbeFunction fakeProbe(int milliseconds) {
    return [milliseconds](const DiskProbeOptions& disk, uint32_t, const ProgressSink& progress,
                          const StopFlag& stop) -> Result<MachineProfile> {
        constexpr int kSliceMs = 5;
        for (int spent = 0; spent < milliseconds; spent += kSliceMs) {
            if (stop.requested()) return fail(ErrorCode::kCancelled, "stopped");
            if (progress) progress({"measuring the disk", 1.0 * spent / milliseconds});
            std::this_thread::sleep_for(std::chrono::milliseconds(kSliceMs));
        }
        ASSIGN_OR_RETURN(const std::string device, deviceOf(disk.folder));
        return imagined(device);
    };
}

}  // namespace glowworm
