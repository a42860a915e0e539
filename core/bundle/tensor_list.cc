// SPDX-License-Identifier: Apache-2.0
#include "core/bundle/tensor_list.h"

#include <utility>

namespace glowworm {

namespace {

// Collects specs under one prefix.
class List {
  public:
    List(std::vector<TensorSpec>& specs, std::string prefix)
        : specs_(specs), prefix_(std::move(prefix)) {}

    void matrix(const char* name, uint64_t rows, uint64_t cols) {
        specs_.push_back({prefix_ + name, TensorRole::kMatrix, {rows, cols}, true});
    }
    void vector(const std::string& name, uint64_t size) {
        specs_.push_back({prefix_ + name, TensorRole::kVector, {size}, true});
    }
    void words(const char* name, uint64_t size, bool required) {
        specs_.push_back({prefix_ + name, TensorRole::kWords, {size}, required});
    }
    void norm(const std::string& name, const ModelConfig& config) {
        vector(name + ".weight", config.hidden);
        if (config.norm == NormKind::kLayerNorm) vector(name + ".bias", config.hidden);
    }

  private:
    std::vector<TensorSpec>& specs_;
    std::string prefix_;
};

void addLayer(const ModelConfig& c, const RecordLayout& record, List list) {
    const uint64_t q_width = uint64_t{c.heads} * c.head_dim;
    const uint64_t kv_width = uint64_t{c.kv_heads} * c.head_dim;
    list.norm("attention_norm", c);
    if (c.two_norms) list.norm("ffn_norm", c);
    list.matrix("q", q_width, c.hidden);
    list.matrix("k", kv_width, c.hidden);
    list.matrix("v", kv_width, c.hidden);
    list.matrix("o", c.hidden, q_width);
    if (c.attention_bias) {
        list.vector("q.bias", q_width);
        list.vector("k.bias", kv_width);
        list.vector("v.bias", kv_width);
        list.vector("o.bias", c.hidden);
    }
    if (record.up.bytes == 0) list.matrix("up", c.ff_width, c.hidden);
    if (c.gated && record.gate.bytes == 0) list.matrix("gate", c.ff_width, c.hidden);
    if (record.down.bytes == 0) list.matrix("down", c.ff_width, c.hidden);
    if (c.ffn_bias) {
        list.vector("up.bias", c.ff_width);
        list.vector("down.bias", c.hidden);
    }
    list.vector("down_norm", c.ff_width);
    list.words("record_checksums", c.ff_width, true);
    list.words("order", c.ff_width, false);
}

}  // namespace

std::string layerTensorName(uint32_t layer, std::string_view part) {
    std::string name = "layers." + std::to_string(layer) + ".";
    name += part;
    return name;
}

std::vector<TensorSpec> expectedTensors(const ModelConfig& c, const RecordLayout& record) {
    std::vector<TensorSpec> specs;
    List top(specs, "");
    top.matrix("embedding", c.vocabulary, c.hidden);
    if (c.positions == PositionKind::kLearned)
        top.matrix("positions", uint64_t{c.context_max} + c.position_offset, c.hidden);
    if (c.final_norm) top.norm("final_norm", c);
    if (!c.tied_head) top.matrix("head", c.vocabulary, c.hidden);
    for (uint32_t layer = 0; layer < c.layers; ++layer)
        addLayer(c, record, List(specs, layerTensorName(layer, "")));
    return specs;
}

}  // namespace glowworm
