// SPDX-License-Identifier: Apache-2.0
// JSON from a file that nobody vouches for. For bundle/ and import/.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "core/base/error.h"

namespace glowworm {

// Parses, refusing what is nested more than 64 deep (copying and printing recurse). kInvalidFile
// with `path` and the byte at fault.
Result<nlohmann::json> parseJson(std::string_view text, const std::string& path);

}  // namespace glowworm
