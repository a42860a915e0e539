// SPDX-License-Identifier: Apache-2.0
#include "core/kernels/levels.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/base/check.h"
#include "core/kernels/blocks.h"

namespace glowworm {

namespace {

// By 2 |value| / scale rounded down, since the middle between two levels is a whole or half number:
// the code of the nearest level among the upper half's. Levels are symmetric. The last entry stands
// for all above.
using NearestTable = std::array<uint8_t, 2 * kLevelMost + 1>;

constexpr NearestTable nearestTable(Dtype dtype) {
    const auto levels = levelsOf(dtype);
    const size_t half = codesOf(dtype) / 2;
    NearestTable table{};
    for (size_t i = 0; i < table.size(); ++i) {
        size_t code = half;
        while (code + 1 < 2 * half &&
               i >= static_cast<size_t>(levels[code] + levels[code + 1])) {
            ++code;
        }
        table[i] = static_cast<uint8_t>(code);
    }
    return table;
}

constexpr NearestTable kNearest4 = nearestTable(Dtype::kS4);
constexpr NearestTable kNearest3 = nearestTable(Dtype::kS3);
constexpr NearestTable kNearest2 = nearestTable(Dtype::kS2);

const NearestTable& nearestOf(Dtype dtype) {
    return dtype == Dtype::kS2 ? kNearest2 : dtype == Dtype::kS3 ? kNearest3 : kNearest4;
}

uint8_t nearest(const NearestTable& table, size_t codes, float inverse, float value) {
    const float steps = std::abs(value) * inverse * 2;
    const bool inside = steps < 2 * kLevelMost;  // what is no number is not
    const uint8_t code = inside ? table[static_cast<size_t>(steps)] : table.back();
    return value < 0 ? static_cast<uint8_t>(codes - 1 - code) : code;
}

// The first code whose scale is at least `scale`.
size_t codeAtLeast(float scale) {
    const auto* at = std::ranges::lower_bound(kScaleOf, scale);
    return std::min<size_t>(static_cast<size_t>(at - kScaleOf.begin()), kScaleOf.size() - 1);
}

}  // namespace

uint8_t chooseScale(Dtype dtype, const float* values, const float* weights) {
    // From a scale at which nothing is clipped, and a little more, down to where much is.
    constexpr size_t kAbove = 3, kTried = 16;
    float largest = 0;
    for (size_t j = 0; j < kBlock; ++j) largest = std::max(largest, std::abs(values[j]));
    if (!(largest > 0) || !std::isfinite(largest)) return 0;
    const auto levels = levelsOf(dtype);
    const NearestTable& table = nearestOf(dtype);
    const size_t codes = codesOf(dtype);
    const size_t most = codeAtLeast(largest / kLevelMost) + kAbove;
    size_t best = 0;
    float least = std::numeric_limits<float>::max();
    for (size_t code = most > kTried ? most - kTried : 1; code <= std::min<size_t>(most, 255);
         ++code) {
        const float scale = kScaleOf[code];
        const float inverse = 1 / scale;
        float sum = 0;
        for (size_t j = 0; j < kBlock; ++j) {
            const uint8_t q = nearest(table, codes, inverse, values[j]);
            const float error = values[j] - scale * static_cast<float>(levels[q]);
            sum += error * error * (weights == nullptr ? 1.0F : weights[j]);
        }
        if (sum < least) {
            least = sum;
            best = code;
        }
    }
    return static_cast<uint8_t>(best);
}

uint8_t nearestCode(Dtype dtype, float scale, float value) {
    const float inverse = scale > 0 ? 1 / scale : 0;
    return nearest(nearestOf(dtype), codesOf(dtype), inverse, value);
}

void packBlock(Dtype dtype, uint8_t scale_code, const uint8_t* codes, std::byte* block) {
    CHECK(isShadow(dtype));
    block[0] = std::byte{scale_code};
    std::byte* out = block + kSCodes;
    if (dtype == Dtype::kS4) {
        for (size_t j = 0; j < 16; ++j) {
            out[j] = static_cast<std::byte>(codes[j] | codes[j + 16] << 4);
        }
        return;
    }
    for (size_t j = 0; j < 8; ++j) {
        unsigned byte = 0;
        for (size_t k = 0; k < 4; ++k) byte |= (codes[j + 8 * k] & 3U) << (2 * k);
        out[j] = static_cast<std::byte>(byte);
    }
    if (dtype != Dtype::kS3) return;
    for (size_t j = 0; j < 4; ++j) {
        unsigned byte = 0;
        for (size_t k = 0; k < 8; ++k) byte |= static_cast<unsigned>(codes[4 * k + j] >> 2) << k;
        block[kS3High + j] = static_cast<std::byte>(byte);
    }
}

}  // namespace glowworm
