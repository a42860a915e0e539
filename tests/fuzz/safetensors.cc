// SPDX-License-Identifier: Apache-2.0
#include "core/import/safetensors.h"

#include "core/base/check.h"
#include "tests/fuzz/fuzz_target.h"

FUZZ_TARGET(fuzzSafetensors) {
    using namespace glowworm;
    const fuzz::MemoryFile file(bytes);
    TensorStore store;
    if (!addSafetensors(file.path(), store)) return;
    for (const auto& [name, tensor] : store.tensors)
        CHECK(tensor.offset <= bytes.size() && tensor.bytes <= bytes.size() - tensor.offset);
}
