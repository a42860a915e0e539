// SPDX-License-Identifier: Apache-2.0
#include "core/base/reserved_memory.h"

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>

#include <sys/mman.h>
#include <unistd.h>

#include "core/base/check.h"

namespace glowworm {

namespace {

constexpr size_t kHugeBytes = 2 << 20;

size_t pageBytes() {
    static const auto bytes = static_cast<size_t>(sysconf(_SC_PAGESIZE));
    return bytes;
}

}  // namespace

Result<ReservedMemory> ReservedMemory::reserve(size_t bytes, Pages pages) {
    const size_t page = pageBytes();
    const size_t size = (bytes + page - 1) / page * page;
    if (size == 0) return ReservedMemory();
    const bool huge = pages == Pages::kHuge && size >= kHugeBytes;
    // A huge page begins at a multiple of its size: what lies around the range goes again.
    const size_t mapped = huge ? size + kHugeBytes : size;
    void* data = mmap(nullptr, mapped, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (data == MAP_FAILED) {
        return std::unexpected(
            systemError("reserve", std::to_string(size) + " bytes of memory", errno));
    }
    ReservedMemory memory;
    memory.data_ = static_cast<std::byte*>(data);
    memory.size_ = size;
    if (huge) {
        const size_t head =
            (kHugeBytes - reinterpret_cast<uintptr_t>(data) % kHugeBytes) % kHugeBytes;
        if (head > 0) munmap(data, head);
        memory.data_ += head;
        if (head < kHugeBytes) munmap(memory.data_ + size, kHugeBytes - head);
        madvise(memory.data_, size, MADV_HUGEPAGE);
    }
    return memory;
}

ReservedMemory::~ReservedMemory() {
    if (data_ != nullptr) munmap(data_, size_);
}

ReservedMemory::ReservedMemory(ReservedMemory&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

ReservedMemory& ReservedMemory::operator=(ReservedMemory&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
}

void ReservedMemory::release(size_t offset, size_t bytes) {
    CHECK(offset <= size_ && bytes <= size_ - offset);
    const size_t page = pageBytes();
    const size_t begin = (offset + page - 1) / page * page;
    const size_t end = (offset + bytes) / page * page;
    if (begin < end) CHECK(madvise(data_ + begin, end - begin, MADV_DONTNEED) == 0);
}

Status ReservedMemory::renew(size_t offset, size_t bytes, size_t kept) {
    CHECK(offset % pageBytes() == 0 && bytes % pageBytes() == 0);
    CHECK(offset <= size_ && bytes <= size_ - offset && kept <= bytes);
    void* fresh = mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (fresh == MAP_FAILED) {
        return std::unexpected(
            systemError("allocate", std::to_string(bytes) + " bytes of memory", errno));
    }
    madvise(fresh, bytes, MADV_NOHUGEPAGE);
    std::memcpy(fresh, data_ + offset, kept);
    void* const place = data_ + offset;
    CHECK(mremap(fresh, bytes, bytes, MREMAP_MAYMOVE | MREMAP_FIXED, place) == place);
    return {};
}

}  // namespace glowworm
