// SPDX-License-Identifier: Apache-2.0
// The only run-time door for app/: one open model and one conversation's KV cache. Abstract so that
// the window can run on a fake. All calls on one thread (the engine thread), which they block;
// another thread reaches a running call only through its Controls.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/base/controls.h"
#include "core/base/error.h"
#include "core/base/ids.h"
#include "core/base/stats.h"
#include "core/engine/working_set_curve.h"
#include "core/io/read_tuning.h"
#include "core/model/techniques.h"

namespace glowworm {

enum class ReaderChoice { kAuto, kUring, kPread, kMemory };

struct OpenOptions {
    std::string bundle;             // the bundle's folder
    uint64_t budget_bytes = 0;      // 0: everything resident that fits (the whole model)
    uint32_t context_tokens = 2048; // the KV cache is sized for this when the model is opened
    uint32_t threads = 0;           // 0: one per core
    uint32_t window_tokens = kWindowAuto;
    ReaderChoice reader = ReaderChoice::kAuto;
    std::string predictor;          // kind; empty: the bundle's first; "shadow": of any bits
    bool warm = true;               // fill the neuron cache before the first token (warm_start.h)
    std::string window_folder;      // where keepWindow() writes and open looks; empty: nowhere
    ReadTuning reading;             // what the machine probe chose for this disk
    Techniques techniques;          // all on, unless something is to be measured
};

// What an open model is; fixed until it is closed.
struct ModelInfo {
    std::string name, architecture, activation, dtype, license, chat_template, predictor;
    uint64_t bundle_bytes = 0;      // on disk
    uint64_t budget_bytes_min = 0;  // for this context; one byte less is refused
    uint64_t budget_bytes_max = 0;  // more than this is never used
    uint32_t layers = 0, hidden = 0, ff_width = 0, vocabulary = 0;
    uint32_t context_tokens = 0, context_max = 0;
    double active_share = 0;        // calibrated mean over layers
    bool synthetic = false;
    std::string reader;             // "uring", "pread", "memory"
    bool direct_io = false;
    std::string simd_target;
    uint32_t threads = 0;
};

struct Message {
    enum class Role { kSystem, kUser, kAssistant } role = Role::kUser;
    std::string text;
};

struct SamplingOptions {
    float temperature = 0.7F;     // 0: greedy
    uint32_t top_k = 40;          // 0: off
    float top_p = 0.95F;          // 1: off
    float min_p = 0.0F;           // 0: off
    float repeat_penalty = 1.0F;  // 1: off; over the last repeat_window tokens
    uint32_t repeat_window = 64;
    uint64_t seed = 0;            // 0: a new one for each answer (reported in the summary)
};

struct GenerateRequest {
    std::vector<Message> messages;  // through the chat template; empty: `raw_prompt` as it is
    std::string raw_prompt;
    std::vector<TokenId> raw_tokens;  // instead of raw_prompt, when not empty
    SamplingOptions sampling;
    uint32_t max_tokens = 0;        // 0: until the model ends or the context is full
    bool exact = false;             // every neuron is computed
    bool ignore_end = false;        // benchmarks: go on past end-of-text
};

struct TokenEvent {
    TokenId id;
    std::string_view text;          // valid UTF-8, may be empty inside a character
    const TokenStats& stats;
};

// Called on the engine thread, between tokens or layers of a prompt; must return quickly.
struct GenerateSink {
    std::function<void(uint32_t done_tokens, uint32_t total_tokens)> prefill;
    std::function<void(const TokenEvent&)> token;
};

enum class FinishReason { kEndOfText, kMaxTokens, kContextFull, kStopped };

struct GenerateSummary {
    FinishReason finish = FinishReason::kEndOfText;
    uint32_t prompt_tokens = 0;
    uint32_t prompt_tokens_reused = 0;  // already in the KV cache
    uint32_t tokens = 0;
    double prefill_ms = 0, decode_ms = 0;
    uint64_t prefill_read_bytes = 0, decode_read_bytes = 0;
    uint64_t seed = 0;
    std::string text;                   // the whole answer
};

struct PerplexityResult {
    double perplexity = 0, nll_nats = 0;
    uint64_t tokens = 0;
    TokenStats totals;                  // summed over all positions
};

class Session {
  public:
    virtual ~Session() = default;

    [[nodiscard]] virtual const ModelInfo& info() const = 0;
    [[nodiscard]] virtual MemoryBreakdown memory() const = 0;
    // What each budget would bring, from the tokens generated so far; may be called from the sink's
    // `token`. Takes about a millisecond: for a few times a second, not for each token.
    [[nodiscard]] virtual WorkingSetCurve curve() const = 0;

    // Blocks until the answer ends. After an error or a stop the session is usable; what was
    // generated stays in the KV cache and is reused when the next prompt begins with it.
    virtual Result<GenerateSummary> generate(const GenerateRequest& request,
                                             const GenerateSink& sink, Controls& controls) = 0;

    // logits[position][vocabulary] for every position of `tokens`; the KV cache is forgotten.
    virtual Result<std::vector<std::vector<float>>> logits(std::span<const TokenId> tokens,
                                                           bool exact, Controls& controls) = 0;
    // Disjoint windows of min(1024, context) tokens, the first position of each not scored.
    virtual Result<PerplexityResult> perplexity(std::string_view text, bool exact,
                                                const ProgressSink& progress,
                                                Controls& controls) = 0;
    [[nodiscard]] virtual std::vector<TokenId> tokenize(std::string_view text,
                                                        bool special) const = 0;
    // Between calls. kBudget with the smallest that works; the old budget then stays.
    virtual Status setBudget(uint64_t bytes) = 0;
    virtual void setWindow(uint32_t tokens) = 0;
    // Remembers in OpenOptions::window_folder which neurons lie in the cache, for the next open.
    virtual Status keepWindow() const = 0;
    virtual void reset() = 0;  // forgets the conversation (KV cache), keeps the neuron cache
};

// Opens a bundle. Checks the manifest and the checksums of what becomes resident.
Result<std::unique_ptr<Session>> openSession(const OpenOptions& options,
                                             const ProgressSink& progress, const StopFlag& stop);

// The same facts without loading: reads the manifest only.
Result<ModelInfo> inspectBundle(const std::string& bundle, uint32_t context_tokens);
// Reads every byte of a bundle and compares checksums.
Status verifyBundle(const std::string& bundle, const ProgressSink& progress, const StopFlag& stop);

}  // namespace glowworm
