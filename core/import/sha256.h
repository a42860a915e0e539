// SPDX-License-Identifier: Apache-2.0
// SHA-256 (FIPS 180-4), so that a bundle names exactly the file that it came from.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace glowworm {

class Sha256 {
  public:
    void add(std::span<const std::byte> bytes);
    // 64 lower-case hexadecimal digits. Nothing may be added afterwards.
    [[nodiscard]] std::string finish();

  private:
    void block(const std::byte* bytes);

    std::array<uint32_t, 8> state_{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                   0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    std::array<std::byte, 64> rest_{};
    size_t rest_bytes_ = 0;
    uint64_t total_bytes_ = 0;
};

}  // namespace glowworm
