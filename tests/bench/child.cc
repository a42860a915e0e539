// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/child.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <vector>

#include <sys/mman.h>
#include <unistd.h>

#include "core/io/file.h"

namespace glowworm::bench {

using nlohmann::json;

Result<json> runChild(const std::string& command) {
    FILE* pipe = popen(command.c_str(), "r");
    if (pipe == nullptr) return fail(ErrorCode::kIo, "cannot run " + command);
    std::array<char, 4096> buffer{};
    std::string output;
    while (fgets(buffer.data(), buffer.size(), pipe) != nullptr) output += buffer.data();
    const int status = pclose(pipe);
    json report = json::parse(output, nullptr, false);
    if (status != 0 || report.is_discarded()) {
        return fail(ErrorCode::kIo, "this failed: " + command);
    }
    return report;
}

Result<json> runCapped(const std::string& command, uint64_t cap_bytes) {
    const std::string memcap = std::string(SOURCE_DIR) + "/packaging/memcap ";
    return runChild(memcap + std::to_string(cap_bytes) + " -- " + command);
}

std::string ownProgram() { return std::filesystem::read_symlink("/proc/self/exe"); }

std::string pythonCommand(const std::string& script) {
    const char* python = std::getenv("GLOWWORM_BENCH_PYTHON");
    return std::string(python != nullptr ? python : "python3") + " " + SOURCE_DIR +
           "/tests/bench/" + script;
}

void dropPageCache() {
    sync();
    std::ofstream("/proc/sys/vm/drop_caches") << "1";
}

uint64_t statusBytes(const std::string& key) {
    std::ifstream in("/proc/self/status");
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with(key)) return std::stoull(line.substr(key.size())) * 1024;
    }
    return 0;
}

uint64_t ioBytes(const std::string& key) {
    std::ifstream in("/proc/self/io");
    std::string name;
    uint64_t value = 0;
    while (in >> name >> value) {
        if (name == key) return value;
    }
    return 0;
}

uint64_t cachedBytes(const std::string& path) {
    const auto file = InputFile::open(path);
    if (!file || file->sizeBytes() == 0) return 0;
    const size_t bytes = file->sizeBytes(), page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
    void* data = mmap(nullptr, bytes, PROT_READ, MAP_SHARED, file->fd(), 0);
    if (data == MAP_FAILED) return 0;
    std::vector<unsigned char> pages((bytes + page - 1) / page);
    uint64_t cached = 0;
    if (mincore(data, bytes, pages.data()) == 0) {
        for (const unsigned char one : pages) cached += (one & 1U) * page;
    }
    munmap(data, bytes);
    return cached;
}

uint64_t bundleCached(const std::string& bundle) {
    uint64_t cached = 0;
    for (const auto& entry : std::filesystem::directory_iterator(bundle)) {
        cached += cachedBytes(entry.path());
    }
    return cached;
}

}  // namespace glowworm::bench
