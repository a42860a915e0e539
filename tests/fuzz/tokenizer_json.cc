// SPDX-License-Identifier: Apache-2.0
#include "core/text/huggingface_tokenizer.h"
#include "core/text/tokenizer.h"
#include "tests/fuzz/fuzz_target.h"

// Both forms of tokenizer.json: theirs and ours. What is accepted must encode anything.
FUZZ_TARGET(fuzzTokenizerJson) {
    using namespace glowworm;
    for (const auto& data :
         {tokenizerFromHuggingFace(bytes, "", "", "fuzz"), tokenizerFromJson(bytes, "fuzz")}) {
        if (!data) continue;
        const auto tokenizer = Tokenizer::create(*data);
        if (tokenizer) (void)(*tokenizer)->decodeAll((*tokenizer)->encode("a b\xFF 1é", true));
    }
}
