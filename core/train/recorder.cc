// SPDX-License-Identifier: Apache-2.0
#include "core/train/recorder.h"

#include <algorithm>

#include "core/base/check.h"

namespace glowworm {

InputRecorder::InputRecorder(const ModelConfig& config, uint32_t tokens_max)
    : hidden_(config.hidden),
      tokens_max_(tokens_max),
      tokens_(config.layers),
      values_(bytesNeeded(config, tokens_max)) {}

uint64_t InputRecorder::bytesNeeded(const ModelConfig& config, uint32_t tokens_max) {
    return uint64_t{config.layers} * tokens_max * rowBytes(Dtype::kF16, config.hidden);
}

void InputRecorder::input(LayerId layer, const float* x, size_t tokens) {
    uint32_t& count = tokens_[layer.value()];
    const size_t row = rowBytes(Dtype::kF16, hidden_);
    for (size_t t = 0; t < tokens && count < tokens_max_; ++t, ++count) {
        const size_t at = (size_t{layer.value()} * tokens_max_ + count) * row;
        encodeRow(Dtype::kF16, x + t * hidden_, hidden_, values_.data() + at);
    }
}

uint32_t InputRecorder::tokens() const { return *std::ranges::min_element(tokens_); }

void InputRecorder::decode(LayerId layer, std::vector<float>& out) const {
    const size_t row = rowBytes(Dtype::kF16, hidden_);
    out.resize(size_t{tokens()} * hidden_);
    for (size_t t = 0; t < tokens(); ++t) {
        const size_t at = (size_t{layer.value()} * tokens_max_ + t) * row;
        decodeRow(Dtype::kF16, values_.data() + at, hidden_, out.data() + t * hidden_);
    }
}

void ActivationKeeper::activations(LayerId, std::span<const NeuronId> neurons,
                                   const float* values, size_t tokens) {
    CHECK((first_ + tokens) * width_ <= values_.size());
    for (size_t t = 0; t < tokens; ++t) {
        float* row = values_.data() + (first_ + t) * width_;
        for (size_t i = 0; i < neurons.size(); ++i) {
            row[neurons[i].value()] = values[t * neurons.size() + i];
        }
    }
}

}  // namespace glowworm
