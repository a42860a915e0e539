// SPDX-License-Identifier: Apache-2.0
// One reserved address range whose pages are committed by use and given back by `release`. The
// engine reserves once at start; a new budget commits or gives back pages of the same range, so
// pointers stay valid and nothing is allocated per token. Page aligned (so also for direct I/O).
//
// Memory that is used as a whole and that flash reads into is best made of huge pages: a read of
// 64 KiB into sixteen scattered pages of 4 KiB costs the disk's queue sixteen entries, into a huge
// page one. On virtio disks, whose queue has 256 of them, that is 1.2 x the speed at 16 KiB and
// 1.6 x from 64 KiB on (`bench io` measures both).
#pragma once

#include <cstddef>

#include "core/base/error.h"

namespace glowworm {

// kHuge: whole 2 MiB pages where the system has them, small ones elsewhere; one byte used makes
// 2 MiB resident, never beyond the range.
enum class Pages { kSmall, kHuge };

class ReservedMemory {
  public:
    ReservedMemory() = default;
    ~ReservedMemory();
    ReservedMemory(ReservedMemory&& other) noexcept;
    ReservedMemory& operator=(ReservedMemory&& other) noexcept;

    // Reserves `bytes` of address space (rounded up to a page); no page is resident yet. All bytes
    // read as zero. Fails with kOutOfMemory where the system refuses the address range.
    static Result<ReservedMemory> reserve(size_t bytes, Pages pages = Pages::kSmall);

    [[nodiscard]] std::byte* data() const { return data_; }
    [[nodiscard]] size_t size() const { return size_; }
    // Gives the whole pages inside [offset, offset + bytes) back to the system at once; they read
    // as zero afterwards.
    void release(size_t offset, size_t bytes);
    // Replaces the whole pages of [offset, offset + bytes), `offset` at a page, by new ones that
    // have the first `kept` bytes of the old: what a manager without a plan of its own does. Fails
    // with kOutOfMemory and leaves the old pages.
    Status renew(size_t offset, size_t bytes, size_t kept);

  private:
    std::byte* data_ = nullptr;
    size_t size_ = 0;
};

}  // namespace glowworm
