// SPDX-License-Identifier: Apache-2.0
// A text that a command was given by path.
#pragma once

#include <string>

#include "core/base/error.h"

namespace glowworm {

// The whole file; one that is empty or cannot be read is an error with its path.
Result<std::string> readTextFile(const std::string& path);

}  // namespace glowworm
