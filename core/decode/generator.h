// SPDX-License-Identifier: Apache-2.0
// From a prompt to an answer, token by token: what the KV cache holds of the prompt already is
// kept, the rest is prefilled exactly (each layer streamed once a chunk), then one sparse forward
// pass a token. Remembers which tokens the KV cache stands for. Engine thread only.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.h"
#include "core/base/controls.h"
#include "core/base/error.h"
#include "core/base/stats.h"
#include "core/decode/sampler.h"
#include "core/model/neuron_store.h"
#include "core/model/record_stream.h"
#include "core/model/transformer.h"
#include "core/text/tokenizer.h"

namespace glowworm {

struct GenerationOptions {
    SamplerOptions sampling;
    uint32_t repeat_window = 64;
    uint32_t max_tokens = 0;   // 0: until the model ends or the context is full
    bool exact = false;        // every neuron is computed for each token
    bool ignore_end = false;   // go on past the model's own end
    uint32_t keep_tokens = 8;  // prompt tokens whose neurons stay in the window
};

// Called between tokens, on the engine thread.
struct GenerationHooks {
    // Tokens of the prompt that are read: at its beginning, then after each layer of a chunk, a
    // layer's share counted as so many tokens.
    std::function<void(uint32_t done, uint32_t total)> prefill;
    // Before each forward pass: the place where a new budget or window takes effect.
    std::function<void()> before_token;
    // Fills in what the generator cannot know (memory) and hands the token on.
    std::function<void(TokenId, std::string_view text, TokenStats&)> token;
};

enum class GenerationEnd { kEndOfText, kMaxTokens, kContextFull, kStopped };

struct Generation {
    GenerationEnd end = GenerationEnd::kEndOfText;
    uint32_t prompt_tokens = 0, prompt_tokens_reused = 0, tokens = 0;
    double prefill_ms = 0, decode_ms = 0;
    uint64_t prefill_read_bytes = 0, decode_read_bytes = 0;
    std::string text;
};

class Generator {
  public:
    Generator(Transformer& transformer, NeuronStore& store, RecordStream& stream,
              const Tokenizer& tokenizer, const Clock& clock, const Techniques& techniques = {});

    // kInvalidArgument for an empty prompt, or one that leaves no room in the context. A stop is
    // not an error: the Generation says kStopped and has what was generated.
    Result<Generation> generate(std::span<const TokenId> prompt, const GenerationOptions& options,
                                const GenerationHooks& hooks, const StopFlag& stop);

    // Runs tokens from an empty KV cache and shows the logits after each: score(i, logits); without
    // `score` none are computed. The conversation is forgotten, also after an error or a stop.
    Status evaluate(std::span<const TokenId> tokens, bool exact,
                    const std::function<void(size_t, std::span<const float>)>& score,
                    TokenStats& stats, const StopFlag& stop);

    void forget();  // the conversation

  private:
    Status prefill(std::span<const TokenId> prompt, const GenerationOptions& options,
                   const GenerationHooks& hooks, Generation& result, const StopFlag& stop);
    Status decode(const GenerationOptions& options, const GenerationHooks& hooks,
                  Generation& result, const StopFlag& stop);
    [[nodiscard]] bool allNeurons() const;
    [[nodiscard]] bool rowsStreamed() const;
    Status step(TokenId token, bool exact, TokenStats& stats, const StopFlag& stop);
    [[nodiscard]] uint32_t reusable(std::span<const TokenId> prompt) const;
    [[nodiscard]] std::span<const TokenId> recent(uint32_t count) const;

    Transformer& transformer_;
    NeuronStore& store_;
    RecordStream& stream_;
    const Tokenizer& tokenizer_;
    const Clock& clock_;
    const Techniques techniques_;
    std::vector<TokenId> history_;  // one per row of the KV cache; capacity: the context
    size_t last_row_ = 0;           // of the latest forward pass: where the logits come from
};

}  // namespace glowworm
