// SPDX-License-Identifier: Apache-2.0
#include "core/base/reserved_memory.h"

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include <sys/mman.h>

#include <gtest/gtest.h>

namespace glowworm {
namespace {

constexpr size_t kPage = 4096;

size_t residentPages(const ReservedMemory& memory) {
    std::vector<unsigned char> pages(memory.size() / kPage);
    EXPECT_EQ(mincore(memory.data(), memory.size(), pages.data()), 0);
    return static_cast<size_t>(std::ranges::count_if(pages, [](auto page) { return page & 1; }));
}

TEST(ReservedMemoryTest, CommitsByUseAndGivesBack) {
    auto memory = ReservedMemory::reserve(16 * kPage - 100);
    ASSERT_TRUE(memory.has_value());
    EXPECT_EQ(memory->size(), 16 * kPage);
    EXPECT_EQ(residentPages(*memory), 0U);
    std::memset(memory->data(), 7, memory->size());
    EXPECT_EQ(residentPages(*memory), 16U);
    memory->release(kPage + 1, 4 * kPage);  // pages 2, 3 and 4 lie wholly inside
    EXPECT_EQ(residentPages(*memory), 13U);
    EXPECT_EQ(memory->data()[2 * kPage], std::byte{0});
    EXPECT_EQ(memory->data()[2 * kPage - 1], std::byte{7});
    EXPECT_EQ(memory->data()[5 * kPage], std::byte{7});
    memory->release(0, 100);  // no whole page: nothing
    EXPECT_EQ(memory->data()[0], std::byte{7});
}

TEST(ReservedMemoryTest, MovesKeepTheAddress) {
    auto memory = ReservedMemory::reserve(kPage);
    ASSERT_TRUE(memory.has_value());
    std::byte* const data = memory->data();
    data[5] = std::byte{9};
    ReservedMemory other(std::move(*memory));
    EXPECT_EQ(other.data(), data);
    ReservedMemory third;
    third = std::move(other);
    EXPECT_EQ(third.data(), data);
    EXPECT_EQ(third.data()[5], std::byte{9});
}

TEST(ReservedMemoryTest, HugePagesBeginWhereTheyMustAndStayInside) {
    constexpr size_t kHuge = 2 << 20;
    auto memory = ReservedMemory::reserve(2 * kHuge + kPage, Pages::kHuge);
    ASSERT_TRUE(memory.has_value());
    EXPECT_EQ(memory->size(), 2 * kHuge + kPage);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(memory->data()) % kHuge, 0U);
    std::memset(memory->data(), 7, memory->size());
    EXPECT_EQ(residentPages(*memory), memory->size() / kPage);
    memory->release(0, memory->size());
    EXPECT_EQ(residentPages(*memory), 0U);
    EXPECT_EQ(memory->data()[memory->size() - 1], std::byte{0});
    const auto little = ReservedMemory::reserve(kPage, Pages::kHuge);
    ASSERT_TRUE(little.has_value());
    EXPECT_EQ(little->size(), kPage);
}

TEST(ReservedMemoryTest, NothingAndTooMuch) {
    const auto nothing = ReservedMemory::reserve(0);
    ASSERT_TRUE(nothing.has_value());
    EXPECT_EQ(nothing->size(), 0U);
    const auto all = ReservedMemory::reserve(size_t{1} << 60);
    ASSERT_FALSE(all.has_value());
    EXPECT_EQ(all.error().code, ErrorCode::kOutOfMemory);
}

TEST(ReservedMemoryTest, ReleaseOutsideIsOurMistake) {
    auto memory = ReservedMemory::reserve(kPage);
    ASSERT_TRUE(memory.has_value());
    EXPECT_DEATH(memory->release(kPage, 1), "CHECK");
    EXPECT_DEATH(memory->release(1, SIZE_MAX), "CHECK");
}

}  // namespace
}  // namespace glowworm
