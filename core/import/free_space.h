// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "core/base/error.h"

namespace glowworm {

// kNoSpace where the disk that `bundle_dir` will lie on has less than `bytes` free. Makes the
// folder around it.
Status checkSpace(const std::string& bundle_dir, uint64_t bytes);

}  // namespace glowworm
