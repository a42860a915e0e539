// SPDX-License-Identifier: Apache-2.0
// The real Session: owns every part of an open model and wires them together once. Members are in
// the order in which they borrow from one another. Engine thread only.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/thread_pool.h"
#include "core/bundle/bundle_reader.h"
#include "core/cache/neuron_cache.h"
#include "core/decode/generator.h"
#include "core/engine/curve_maker.h"
#include "core/engine/memory_needs.h"
#include "core/engine/session.h"
#include "core/io/flash_reader.h"
#include "core/model/activations.h"
#include "core/model/backend.h"
#include "core/model/feed_forward.h"
#include "core/model/kv_cache.h"
#include "core/model/neuron_store.h"
#include "core/model/record_stream.h"
#include "core/model/transformer.h"
#include "core/model/weights.h"
#include "core/sparsity/predictor.h"
#include "core/text/chat_template.h"

namespace glowworm {

// What open() has made before the parts that borrow from it exist.
struct OpenedModel {
    Bundle bundle;
    Weights weights;
    NeuronTable table;
    std::unique_ptr<Predictor> predictor;
    std::shared_ptr<const Tokenizer> tokenizer;
    std::unique_ptr<FlashReader> reader;
    std::unique_ptr<FlashReader> row_reader;  // rows that stream by without a predictor; or null
    std::unique_ptr<FlashReader> resident_reader;  // without selective persistence; or null
    NeuronCache cache;
    KvCache kv_cache;
    MemoryPlan plan;
    ModelInfo info;
};

class ModelSession final : public Session {
  public:
    ModelSession(OpenedModel opened, const OpenOptions& options, uint64_t budget_bytes,
                 const Clock& clock);
    // Two-step because the stream's staging memory may be refused by the system.
    Status start();
    // Fills the cache (warm_start.h). Only a stop is an error.
    Status warm(const ProgressSink& progress, const StopFlag& stop);

    [[nodiscard]] const ModelInfo& info() const override { return model_.info; }
    [[nodiscard]] MemoryBreakdown memory() const override;
    [[nodiscard]] WorkingSetCurve curve() const override;
    Result<GenerateSummary> generate(const GenerateRequest& request, const GenerateSink& sink,
                                     Controls& controls) override;
    Result<std::vector<std::vector<float>>> logits(std::span<const TokenId> tokens, bool exact,
                                                   Controls& controls) override;
    Result<PerplexityResult> perplexity(std::string_view text, bool exact,
                                        const ProgressSink& progress,
                                        Controls& controls) override;
    [[nodiscard]] std::vector<TokenId> tokenize(std::string_view text,
                                                bool special) const override;
    Status setBudget(uint64_t bytes) override;
    void setWindow(uint32_t tokens) override;
    void reset() override;
    Status keepWindow() const override;

    // For calibration (core/train): the open parts, and an observer of dense passes.
    [[nodiscard]] OpenedModel& model() { return model_; }
    [[nodiscard]] const ModelConfig& config() const { return model_.bundle.manifest().config; }
    [[nodiscard]] Backend& backend() { return *backend_; }
    void setObserver(ActivationObserver* observer) { feed_forward_->setObserver(observer); }
    // For recording traces: hears the active sets of sparse tokens. Outlives the generation.
    void setListener(ActiveSetListener* listener) { curve_maker_.forwardTo(listener); }
    // Runs the tokens as decoding would (`exact`: with all neurons); `score(i, logits)` sees the
    // logits after each. For measurements; the conversation is forgotten.
    Status evaluate(std::span<const TokenId> tokens, bool exact,
                    const std::function<void(size_t, std::span<const float>)>& score,
                    TokenStats& stats, const StopFlag& stop) {
        return generator_->evaluate(tokens, exact, score, stats, stop);
    }
    // Runs the tokens with all neurons, a context at a time, for what an observer sees of them.
    Status readThrough(std::span<const TokenId> tokens, const ProgressSink& progress,
                       const StopFlag& stop);

  private:
    Result<std::vector<TokenId>> promptTokens(const GenerateRequest& request) const;
    void applyControls(const Controls& controls);
    void fillMemory(TokenStats& stats) const;
    Status checkTokens(std::span<const TokenId> tokens) const;

    const Clock& clock_;
    OpenedModel model_;
    ThreadPool pool_;
    std::unique_ptr<Backend> backend_;
    Activations activations_;
    std::unique_ptr<NeuronStore> store_;
    std::optional<RecordStream> stream_;
    std::vector<float> contribution_thresholds_;  // [layers]
    CurveMaker curve_maker_;
    std::unique_ptr<FeedForward> feed_forward_;
    std::unique_ptr<WeightStream> weight_stream_;  // null: all resident weights stay
    std::unique_ptr<Transformer> transformer_;
    std::unique_ptr<Generator> generator_;
    const Techniques techniques_;
    uint64_t budget_bytes_ = 0;
    uint32_t window_tokens_ = kWindowAuto;
    std::string window_folder_;
};

}  // namespace glowworm
