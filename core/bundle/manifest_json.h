// SPDX-License-Identifier: Apache-2.0
// The parts of a manifest as JSON, for manifest_write.cc, manifest_parse.cc and the weights' hash.
// Private to bundle/.
#pragma once

#include <nlohmann/json.hpp>

#include "core/bundle/manifest.h"

namespace glowworm::manifest_json {

inline constexpr const char* kFormatName = "glowworm-bundle";

nlohmann::json weightsJson(const Manifest& manifest);
// The checksum of the whole, `object` without its "checksum".
std::string textChecksum(const nlohmann::json& object);

}  // namespace glowworm::manifest_json
