// SPDX-License-Identifier: Apache-2.0
#include "core/import/gguf.h"

namespace glowworm {

std::optional<uint64_t> GgufMetadata::number(const std::string& key) const {
    const auto it = values_.find(key);
    if (it == values_.end()) return std::nullopt;
    if (const auto* u = std::get_if<uint64_t>(&it->second)) return *u;
    const auto* i = std::get_if<int64_t>(&it->second);
    return i != nullptr && *i >= 0 ? std::optional(static_cast<uint64_t>(*i)) : std::nullopt;
}

std::optional<double> GgufMetadata::real(const std::string& key) const {
    const auto it = values_.find(key);
    if (it == values_.end()) return std::nullopt;
    const auto* value = std::get_if<double>(&it->second);
    return value != nullptr ? std::optional(*value) : std::nullopt;
}

std::optional<bool> GgufMetadata::boolean(const std::string& key) const {
    const auto it = values_.find(key);
    if (it == values_.end()) return std::nullopt;
    const auto* value = std::get_if<bool>(&it->second);
    return value != nullptr ? std::optional(*value) : std::nullopt;
}

std::string GgufMetadata::text(const std::string& key) const {
    const auto it = values_.find(key);
    if (it == values_.end()) return {};
    const auto* value = std::get_if<std::string>(&it->second);
    return value != nullptr ? *value : std::string();
}

const GgufMetadata::Texts* GgufMetadata::texts(const std::string& key) const {
    const auto it = values_.find(key);
    return it == values_.end() ? nullptr : std::get_if<Texts>(&it->second);
}

const GgufMetadata::Reals* GgufMetadata::reals(const std::string& key) const {
    const auto it = values_.find(key);
    return it == values_.end() ? nullptr : std::get_if<Reals>(&it->second);
}

}  // namespace glowworm
