// SPDX-License-Identifier: Apache-2.0
// Runs that need a process of their own: cold, under a cap, or of another program.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "core/base/error.h"

namespace glowworm::bench {

// Above budget and program: what a run may hold.
inline constexpr uint64_t kAllowedBytes = uint64_t{8} << 20;

// Runs a command and parses its standard output, one JSON object.
Result<nlohmann::json> runChild(const std::string& command);
// The same under packaging/memcap: memory and page cache together at most `cap_bytes`.
Result<nlohmann::json> runCapped(const std::string& command, uint64_t cap_bytes);
// This program, for a child of it.
std::string ownProgram();
// tests/bench/SCRIPT by the Python that has llama-cpp-python ($GLOWWORM_BENCH_PYTHON).
std::string pythonCommand(const std::string& script);

// Clean pages leave the cache, so that a run starts cold and a cap pays for what it reads.
void dropPageCache();
// Of this process: a line of /proc/self/status ("VmRSS:"), in bytes; a value of /proc/self/io.
uint64_t statusBytes(const std::string& key);
uint64_t ioBytes(const std::string& key);
// How much of a file lies in the page cache.
uint64_t cachedBytes(const std::string& path);
// The same of all files of a bundle.
uint64_t bundleCached(const std::string& bundle);

}  // namespace glowworm::bench
