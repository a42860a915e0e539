// SPDX-License-Identifier: Apache-2.0
#include "app/library/machinememo.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <nlohmann/json.hpp>

namespace glowworm {

using nlohmann::json;

namespace {

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? std::string() : std::string(value);
}

// The processor's name: another one means another machine behind the same folder.
std::string processor() {
    std::ifstream file("/proc/cpuinfo");
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("model name")) return line.substr(line.find(':') + 1);
    }
    return "unknown";
}

json toJson(const MachineProfile& profile) {
    const DiskProfile& disk = profile.disk;
    json points = json::array();
    for (const DiskPoint& point : disk.points) {
        points.push_back({{"bytes", point.bytes},
                          {"depth", point.depth},
                          {"bytes_per_s", point.bytes_per_s}});
    }
    return {{"processor", processor()},
            {"threads", profile.threads},
            {"memory_bytes_per_s", profile.memory_bytes_per_s},
            {"device", disk.device},
            {"can_direct", disk.can_direct},
            {"buffered_bytes_per_s", disk.buffered_bytes_per_s},
            {"direct", disk.tuning.direct},
            {"depth", disk.tuning.depth},
            {"gap_bytes", disk.tuning.gap_bytes},
            {"points", points}};
}

// Throws json::exception for anything that toJson does not write.
MachineProfile fromJson(const json& entry) {
    MachineProfile profile;
    entry.at("threads").get_to(profile.threads);
    entry.at("memory_bytes_per_s").get_to(profile.memory_bytes_per_s);
    DiskProfile& disk = profile.disk;
    entry.at("device").get_to(disk.device);
    entry.at("can_direct").get_to(disk.can_direct);
    entry.at("buffered_bytes_per_s").get_to(disk.buffered_bytes_per_s);
    for (const json& point : entry.at("points")) {
        disk.points.push_back({point.at("bytes"), point.at("depth"), point.at("bytes_per_s")});
    }
    disk.tuning = chooseTuning(disk);
    return profile;
}

json readMemo(const std::string& file) {
    std::ifstream in(file);
    json memo = json::parse(in, nullptr, false);
    return memo.is_array() ? memo : json::array();
}

bool isFor(const json& entry, const std::string& device) {
    return entry.is_object() && entry.value("device", "") == device &&
           entry.value("processor", "") == processor();
}

}  // namespace

std::string MachineMemo::standardFile() {
    const std::string xdg = environment("XDG_CACHE_HOME");
    const std::string cache = xdg.starts_with('/') ? xdg : environment("HOME") + "/.cache";
    return cache + "/glowworm/machine.json";
}

std::optional<MachineProfile> MachineMemo::recall(const std::string& path) const {
    const auto device = deviceOf(path);
    if (!device) return std::nullopt;
    for (const json& entry : readMemo(m_file)) {
        if (!isFor(entry, *device)) continue;
        try {
            return fromJson(entry);
        } catch (const json::exception&) {
            return std::nullopt;
        }
    }
    return std::nullopt;
}

ReadTuning MachineMemo::tuningFor(const std::string& path) const {
    const auto machine = recall(path);
    return machine ? machine->disk.tuning : ReadTuning{};
}

Status MachineMemo::remember(const MachineProfile& profile) const {
    if (m_file.empty()) return {};
    json memo = json::array();
    for (json& entry : readMemo(m_file)) {
        if (!isFor(entry, profile.disk.device)) memo.push_back(std::move(entry));
    }
    memo.push_back(toJson(profile));
    std::error_code error;
    std::filesystem::create_directories(std::filesystem::path(m_file).parent_path(), error);
    const std::string partial = m_file + ".partial";
    std::ofstream out(partial);
    out << memo.dump(1) << '\n';
    out.close();
    if (out) std::filesystem::rename(partial, m_file, error);
    if (out && !error) return {};
    return fail(ErrorCode::kIo, "cannot write " + m_file + "; the machine is measured again");
}

std::string machineJson(const MachineProfile& profile) { return toJson(profile).dump(); }

}  // namespace glowworm
