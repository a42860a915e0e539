// SPDX-License-Identifier: Apache-2.0
// From logits to a token: repetition penalty, temperature, top-k, top-p, min-p, and a seeded draw;
// greedy at temperature 0. Order as in llama.cpp's default chain: penalty, top-k, top-p, min-p,
// temperature. Engine thread only; its scratch is sized once for the vocabulary.
#pragma once

#include <cstdint>
#include <random>
#include <span>
#include <vector>

#include "core/base/ids.h"

namespace glowworm {

struct SamplerOptions {
    float temperature = 0.7F;     // 0 or less: greedy, the lowest id among equals
    uint32_t top_k = 40;          // keep the k most likely; 0: all
    float top_p = 0.95F;          // keep the smallest set whose probability reaches p; 1: all
    float min_p = 0.0F;           // drop what is less likely than min_p times the most likely
    float repeat_penalty = 1.0F;  // CTRL (arXiv 1909.05858, section 4.1); 1: off
    uint64_t seed = 0;
};

class Sampler {
  public:
    Sampler(size_t vocabulary, const SamplerOptions& options);

    // `logits` [vocabulary] may be changed. `recent`: the tokens that the penalty looks at.
    // NaN counts as impossible; if nothing is possible the answer is token 0.
    TokenId sample(std::span<float> logits, std::span<const TokenId> recent);

  private:
    struct Candidate {
        float logit;
        int32_t id;
    };
    TokenId draw(size_t kept);
    size_t keepTopK(size_t count);
    size_t keepTopP(size_t kept);

    SamplerOptions options_;
    std::mt19937_64 random_;
    std::vector<Candidate> candidates_;  // [vocabulary]
};

}  // namespace glowworm
