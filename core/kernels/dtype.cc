// SPDX-License-Identifier: Apache-2.0
#include "core/kernels/dtype.h"

#include <array>

#include "core/base/check.h"
#include "core/kernels/blocks.h"

namespace glowworm {
namespace {

struct Layout {
    std::string_view name;
    size_t elements;
    size_t bytes;
};

// In the order of the enumeration.
constexpr std::array<Layout, 10> kLayouts = {{
    {"f32", 1, 4},
    {"f16", 1, 2},
    {"bf16", 1, 2},
    {"q8_0", kBlock, kQ8Bytes},
    {"q4_0", kBlock, kQ4_0Bytes},
    {"q4_1", kBlock, kQ4_1Bytes},
    {"q6_k", kSuperBlock, kQ6Bytes},
    {"s4", kBlock, kS4Bytes},
    {"s3", kBlock, kS3Bytes},
    {"s2", kBlock, kS2Bytes},
}};

const Layout& layoutOf(Dtype dtype) {
    CHECK(static_cast<size_t>(dtype) < kLayouts.size());
    return kLayouts[static_cast<size_t>(dtype)];
}

}  // namespace

std::string_view dtypeName(Dtype dtype) { return layoutOf(dtype).name; }

std::optional<Dtype> dtypeFromName(std::string_view name) {
    for (size_t i = 0; i < kLayouts.size(); ++i) {
        if (kLayouts[i].name == name) return static_cast<Dtype>(i);
    }
    return std::nullopt;
}

size_t blockElements(Dtype dtype) { return layoutOf(dtype).elements; }

size_t blockBytes(Dtype dtype) { return layoutOf(dtype).bytes; }

size_t rowBytes(Dtype dtype, size_t cols) {
    const Layout& layout = layoutOf(dtype);
    CHECK(cols % layout.elements == 0);
    return cols / layout.elements * layout.bytes;
}

}  // namespace glowworm
