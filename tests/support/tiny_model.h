// SPDX-License-Identifier: Apache-2.0
// Small seeded random models of any architecture as bundles, for tests. The same options give the
// same weights in every dtype and layout. (Checkpoints to import are in tests/golden.)
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/bundle/manifest.h"
#include "core/bundle/tensor_list.h"
#include "core/text/tokenizer.h"

namespace glowworm {

struct TinyModelOptions {
    Architecture architecture = Architecture::kLlama;
    bool gated = true;  // Llama only; OPT and Falcon are not
    FfnActivation activation = FfnActivation::kSilu;
    Dtype dtype = Dtype::kF32;  // of all matrices
    uint32_t layers = 2, hidden = 64, ff_width = 96, heads = 4, kv_heads = 2;
    uint32_t vocabulary = 272;  // at least 260
    uint32_t context_max = 128;
    bool tied_head = false;
    bool rope_neighbours = false;
    bool resident_gate_up = false;  // only down in the record (StreamChoice::kAuto of few bits)
    bool split = false;             // without row-column bundling
    bool shuffled_order = false;    // physical neuron order differs from the logical one
    uint64_t seed = 1;
};

[[nodiscard]] ModelConfig tinyConfig(const TinyModelOptions& options);
// The values of a tensor of names.md (also layers.L.up/gate/down, [ff_width, hidden], down by
// column): matrices about N(0, 1/cols), norm weights near 1, biases small.
[[nodiscard]] std::vector<float> tinyValues(const TinyModelOptions& options,
                                            const std::string& name, size_t rows, size_t cols);
// `values` [rows, cols] as stored in `dtype`.
[[nodiscard]] std::vector<std::byte> encodeMatrix(Dtype dtype, const std::vector<float>& values,
                                                  size_t cols);
// SentencePiece-style: <unk>, <s>, </s>, 256 bytes, then words, `vocabulary` pieces in all.
[[nodiscard]] TokenizerData tinyTokenizer(uint32_t vocabulary);

// Writes a whole bundle to `folder`, which must not exist. No predictors: the engine runs exact.
Result<Manifest> writeTinyBundle(const std::string& folder, const TinyModelOptions& options);

}  // namespace glowworm
