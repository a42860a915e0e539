// SPDX-License-Identifier: Apache-2.0
// Reading JSON that may be hostile: every access checks the type first, nothing throws. `where` and
// `path` only name the place in messages. For the .cc files of this folder.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"

namespace glowworm {

using Json = nlohmann::json;

Result<Json> parseJsonObject(std::string_view text, const std::string& path);

// The member, or null where `object` is none or lacks it. Lives as long as `object`.
[[nodiscard]] const Json& member(const Json& object, const char* name);
[[nodiscard]] std::string stringOr(const Json& object, const char* name,
                                   std::string_view otherwise);
[[nodiscard]] bool boolOr(const Json& object, const char* name, bool otherwise);
// An id of the vocabulary: nothing but whole numbers from -1 to 2^31 - 1 count.
[[nodiscard]] int32_t idOr(const Json& value, int32_t otherwise);
Result<std::vector<std::string>> stringArray(const Json& object, const char* name,
                                             const std::string& path);

}  // namespace glowworm
