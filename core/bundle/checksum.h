// SPDX-License-Identifier: Apache-2.0
// XXH3-64, the checksum of everything in a bundle: all at once, or running over a stream. It finds
// damage, not malice.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace glowworm {

[[nodiscard]] uint64_t checksumOf(std::span<const std::byte> bytes);
[[nodiscard]] uint64_t checksumOf(std::string_view text);

class RunningChecksum {
  public:
    RunningChecksum();
    ~RunningChecksum();
    RunningChecksum(RunningChecksum&&) noexcept;
    RunningChecksum& operator=(RunningChecksum&&) noexcept;

    void add(std::span<const std::byte> bytes);
    [[nodiscard]] uint64_t value() const;  // of what was added so far

  private:
    struct State;
    std::unique_ptr<State> state_;
};

// How a manifest spells a checksum: 16 lower-case hexadecimal digits.
[[nodiscard]] std::string checksumText(uint64_t checksum);
[[nodiscard]] std::optional<uint64_t> checksumFromText(std::string_view text);

}  // namespace glowworm
