// SPDX-License-Identifier: Apache-2.0
// The spellings of a config's kinds in manifest.json, both ways; people see the same words.
#pragma once

#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "core/base/check.h"
#include "core/bundle/manifest.h"

namespace glowworm {

template <typename Kind, size_t N>
using KindNames = std::array<std::pair<Kind, std::string_view>, N>;

inline constexpr KindNames<Architecture, 3> kArchitectureNames{{
    {Architecture::kOpt, "opt"},
    {Architecture::kFalcon, "falcon"},
    {Architecture::kLlama, "llama"},
}};
inline constexpr KindNames<NormKind, 2> kNormNames{{
    {NormKind::kLayerNorm, "layer"},
    {NormKind::kRmsNorm, "rms"},
}};
inline constexpr KindNames<PositionKind, 3> kPositionNames{{
    {PositionKind::kLearned, "learned"},
    {PositionKind::kRopeHalves, "rope-halves"},
    {PositionKind::kRopeNeighbours, "rope-neighbours"},
}};
inline constexpr KindNames<FfnActivation, 3> kActivationNames{{
    {FfnActivation::kRelu, "relu"},
    {FfnActivation::kSilu, "silu"},
    {FfnActivation::kGelu, "gelu"},
}};

template <typename Kind, size_t N>
std::string_view nameIn(const KindNames<Kind, N>& names, Kind kind) {
    for (const auto& [value, name] : names)
        if (value == kind) return name;
    CHECK(false && "a kind without a name");
    return {};
}

template <typename Kind, size_t N>
std::optional<Kind> kindIn(const KindNames<Kind, N>& names, std::string_view name) {
    for (const auto& [value, spelling] : names)
        if (spelling == name) return value;
    return std::nullopt;
}

}  // namespace glowworm
