// SPDX-License-Identifier: Apache-2.0
#include "core/import/synthetic_shapes.h"

namespace glowworm {

namespace {

struct Size {
    const char* name;
    uint32_t layers, hidden, ff_width, heads, kv_heads, vocabulary, context;
};

constexpr Size kOpt[] = {
    {"1.3b", 24, 2048, 8192, 32, 32, 50272, 2048},
    {"2.7b", 32, 2560, 10240, 32, 32, 50272, 2048},
    {"6.7b", 32, 4096, 16384, 32, 32, 50272, 2048},
    {"13b", 40, 5120, 20480, 40, 40, 50272, 2048},
    {"30b", 48, 7168, 28672, 56, 56, 50272, 2048},
};
constexpr Size kFalcon[] = {{"7b", 32, 4544, 18176, 71, 1, 65024, 2048}};
constexpr Size kLlama[] = {
    {"1b", 22, 2048, 5632, 32, 4, 32000, 2048},
    {"3b", 26, 3200, 8640, 32, 32, 32000, 2048},
    {"7b", 32, 4096, 11008, 32, 32, 32000, 4096},
    {"13b", 40, 5120, 13824, 40, 40, 32000, 4096},
    {"30b", 60, 6656, 17920, 52, 52, 32000, 2048},
};

ModelConfig sized(const Size& size) {
    ModelConfig c;
    c.layers = size.layers;
    c.hidden = size.hidden;
    c.ff_width = size.ff_width;
    c.heads = size.heads;
    c.kv_heads = size.kv_heads;
    c.head_dim = size.hidden / size.heads;
    c.vocabulary = size.vocabulary;
    c.context_max = size.context;
    return c;
}

// OPT-6.7B: 3.3 % fire (LLM in a Flash, table 6); the window of five tokens holds 24 %, and 2.4 %
// are new for each token (section 3.1).
SyntheticShape opt(const Size& size) {
    SyntheticShape shape{std::string("opt-") + size.name, sized(size), 0.967F, 0.80F, 0.5F};
    ModelConfig& c = shape.config;
    c.architecture = Architecture::kOpt;
    c.activation = FfnActivation::kRelu;
    c.norm = NormKind::kLayerNorm;
    c.positions = PositionKind::kLearned;
    c.position_offset = 2;
    c.gated = false;
    c.attention_bias = c.ffn_bias = c.tied_head = true;
    return shape;
}

// Falcon-7B with ReLU: 5 % fire; in its tenth layer 3 % for one token, 15 % in five, 42 % in thirty
// (LLM in a Flash, figure 4).
SyntheticShape falcon(const Size& size) {
    SyntheticShape shape{std::string("falcon-") + size.name, sized(size), 0.95F, 0.6F, 0.8F};
    ModelConfig& c = shape.config;
    c.architecture = Architecture::kFalcon;
    c.activation = FfnActivation::kRelu;
    c.norm = NormKind::kLayerNorm;
    c.parallel_attention = true;
    c.two_norms = c.gated = false;
    return shape;
}

// ProSparse's Llama 2 7B: 89.3 % zeros (arXiv 2402.13516). With SiLU nothing is zero: a tenth of
// the neurons is read in full (design.md, models without ReLU).
SyntheticShape llama(const Size& size, bool relu) {
    SyntheticShape shape{std::string(relu ? "relu-llama-" : "silu-llama-") + size.name,
                         sized(size), relu ? 0.893F : 0.9F, 0.80F, 0.5F,
                         relu ? 0.095F : 0.19F};
    shape.config.activation = relu ? FfnActivation::kRelu : FfnActivation::kSilu;
    return shape;
}

std::vector<SyntheticShape> allShapes() {
    std::vector<SyntheticShape> shapes;
    for (const Size& size : kOpt) shapes.push_back(opt(size));
    for (const Size& size : kFalcon) shapes.push_back(falcon(size));
    for (const Size& size : kLlama) shapes.push_back(llama(size, true));
    for (const Size& size : kLlama) shapes.push_back(llama(size, false));
    return shapes;
}

}  // namespace

std::vector<std::string> syntheticShapeNames() {
    std::vector<std::string> names;
    for (const SyntheticShape& shape : allShapes()) names.push_back(shape.name);
    return names;
}

Result<SyntheticShape> syntheticShape(std::string_view name) {
    std::string known;
    for (SyntheticShape& shape : allShapes()) {
        if (shape.name == name) return std::move(shape);
        known += (known.empty() ? "" : ", ") + shape.name;
    }
    return fail(ErrorCode::kInvalidArgument,
                "there is no shape \"" + std::string(name) + "\"; there are " + known);
}

}  // namespace glowworm
