// SPDX-License-Identifier: Apache-2.0
// How far a model's words are from the exact model's: perplexity of held-out text, and the mean
// divergence KL(exact || measured) in nats a token; and the models that this is asked of.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/engine/model_session.h"

namespace glowworm::bench {

struct Quality {
    double nll = 0;  // nats a token
    double kl = 0;
    TokenStats totals;
};

// The exact model's words on one text, kept as probabilities: 4 bytes for each token and word.
class QualityReference {
  public:
    // The first tokens of tests/fixtures/heldout.txt, through the open model, all neurons computed.
    static Result<QualityReference> make(ModelSession& exact, size_t tokens_max);

    // The same text as decoding would read it: token by token with its active sets, or with all
    // neurons (`exact`).
    Result<Quality> measure(ModelSession& session, bool exact) const;

    [[nodiscard]] size_t tokens() const { return tokens_.size(); }
    [[nodiscard]] double nll() const { return nll_; }

  private:
    std::vector<TokenId> tokens_;
    std::vector<float> probabilities_;   // [tokens - 1, vocabulary]
    std::vector<double> neg_entropies_;  // [tokens - 1] sum of p ln p
    double nll_ = 0;
};

inline constexpr uint32_t kQualityContext = 1024;

// Opens a bundle for counts, not for times: the records come from a copy of the file in memory, so
// that no disk is waited for, and neighbours are not read together.
Result<std::unique_ptr<ModelSession>> openForCounts(const std::string& bundle,
                                                    const std::string& predictor);
// Adds the shadows of 2, 3 and 4 bits that a bundle lacks.
Status ensureShadows(const std::string& bundle);

}  // namespace glowworm::bench
