// SPDX-License-Identifier: Apache-2.0
#include "core/import/gguf.h"

#include "core/import/gguf_config.h"
#include "core/import/import_plan.h"
#include "core/import/source.h"
#include "tests/fuzz/fuzz_target.h"

FUZZ_TARGET(fuzzGguf) {
    using namespace glowworm;
    const fuzz::MemoryFile file(bytes);
    const auto source = openSource(file.path());
    if (source) (void)planImport(*source, std::nullopt, StreamChoice::kAuto);
    const auto gguf = openGguf(file.path());
    if (gguf) (void)tokenizerOfGguf(*gguf);
}
