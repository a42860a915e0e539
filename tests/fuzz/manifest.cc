// SPDX-License-Identifier: Apache-2.0
#include "core/bundle/manifest.h"

#include "core/base/check.h"
#include "core/bundle/json_text.h"
#include "core/bundle/manifest_json.h"
#include "tests/fuzz/fuzz_target.h"

// The checksum is made right, so that the fuzzer gets past it; what is accepted must be stable.
FUZZ_TARGET(fuzzManifest) {
    using namespace glowworm;
    std::string text(bytes);
    if (auto object = parseJson(text, "fuzz"); object && object->is_object()) {
        (*object)["checksum"] = manifest_json::textChecksum(*object);
        text = object->dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    }
    const auto manifest = manifestFromJson(text, "fuzz");
    if (!manifest) return;
    const auto again = manifestFromJson(manifestToJson(*manifest), "fuzz");
    CHECK(again && manifestToJson(*again) == manifestToJson(*manifest));
}
