// SPDX-License-Identifier: Apache-2.0
// `bench` is a program of its own, which lies beside this one; it takes this one's place.
#pragma once

#include <string>
#include <vector>

#include "core/base/error.h"

namespace glowworm {

// Returns only on failure.
Status runBench(const std::vector<std::string>& arguments, const std::string& programFolder);

}  // namespace glowworm
