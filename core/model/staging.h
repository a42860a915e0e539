// SPDX-License-Identifier: Apache-2.0
// Where reads of several neurons land before each is copied into its slot. Cut into pieces of which
// a read takes as many side by side as it needs: most join two or three records, and the more of
// them fit, the more are under way at once. Engine thread; nothing is allocated after reserve().
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "core/base/error.h"
#include "core/base/reserved_memory.h"
#include "core/model/read_gap.h"

namespace glowworm {

class Staging {
  public:
    static constexpr uint32_t kPieceBytes = 32 << 10, kPieces = 64;
    static constexpr uint64_t kBytes = uint64_t{kPieceBytes} * kPieces;
    static_assert(kBytes >= kRunBytesMax, "the longest read fits when nothing else is here");

    // kOutOfMemory where the system refuses.
    static Result<Staging> reserve();

    // The number of the first piece of room for `bytes` (1..kRunBytesMax), the lowest there is;
    // nothing where there is none now.
    [[nodiscard]] std::optional<uint32_t> take(uint32_t bytes);
    // What take() answered for that many bytes.
    void give(uint32_t piece, uint32_t bytes);
    void giveAll() { taken_ = 0; }
    [[nodiscard]] std::byte* data(uint32_t piece) const {
        return memory_.data() + size_t{kPieceBytes} * piece;
    }

  private:
    ReservedMemory memory_;
    uint64_t taken_ = 0;  // one bit a piece
};

}  // namespace glowworm
