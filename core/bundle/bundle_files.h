// SPDX-License-Identifier: Apache-2.0
// What reading and verifying a bundle share. Private to bundle/.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "core/base/controls.h"
#include "core/base/error.h"
#include "core/bundle/checksum.h"
#include "core/io/file.h"

namespace glowworm {

inline constexpr uint64_t kChunkBytes = uint64_t{4} << 20;  // between two looks at the stop flag

// "PATH WHAT; import the model again"
[[nodiscard]] Error damaged(const std::string& path, const std::string& what);

// Opens a file of the bundle that must have exactly `bytes` bytes.
Result<InputFile> openSized(const std::string& path, uint64_t bytes);

// Progress in bytes over several files.
struct Meter {
    const ProgressSink& sink;
    std::string_view stage;
    uint64_t total = 1;
    uint64_t done = 0;

    void add(uint64_t bytes);
};

// Fills `out` from `offset` on in chunks, adding them to `sum` and dropping them from the page
// cache.
Status readDropping(const InputFile& file, uint64_t offset, std::span<std::byte> out, Meter& meter,
                    const StopFlag& stop, RunningChecksum& sum);

}  // namespace glowworm
