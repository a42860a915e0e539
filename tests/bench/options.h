// SPDX-License-Identifier: Apache-2.0
// The few options that tables take: --name VALUE, and switches.
#pragma once

#include <optional>
#include <span>
#include <string>

namespace glowworm::bench {

// The value after `name`, or nothing.
inline std::optional<std::string> option(std::span<const std::string> args,
                                         const std::string& name) {
    for (size_t i = 0; i + 1 < args.size(); ++i) {
        if (args[i] == name) return args[i + 1];
    }
    return std::nullopt;
}

// The same as a number; `otherwise` where it is not given.
inline uint32_t countOption(std::span<const std::string> args, const std::string& name,
                            uint32_t otherwise) {
    const auto value = option(args, name);
    return value ? static_cast<uint32_t>(std::stoul(*value)) : otherwise;
}

inline bool has(std::span<const std::string> args, const std::string& name) {
    for (const std::string& arg : args) {
        if (arg == name) return true;
    }
    return false;
}

}  // namespace glowworm::bench
