// SPDX-License-Identifier: Apache-2.0
#include "core/import/hf_config.h"

#include "core/base/check.h"
#include "tests/fuzz/fuzz_target.h"

FUZZ_TARGET(fuzzHfConfig) {
    using namespace glowworm;
    const auto config = configFromHuggingFace(bytes, "fuzz");
    CHECK(!config || checkConfig(*config, "fuzz"));
}
