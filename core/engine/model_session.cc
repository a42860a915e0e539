// SPDX-License-Identifier: Apache-2.0
#include "core/engine/model_session.h"

#include <algorithm>
#include <random>

#include "core/base/check.h"
#include "core/engine/warm_start.h"

namespace glowworm {

namespace {

// Prompt tokens whose neurons a fresh answer starts with when the window is automatic.
constexpr uint32_t kKeepTokensAuto = 8;

FinishReason finishReason(GenerationEnd end) {
    switch (end) {
        case GenerationEnd::kEndOfText: return FinishReason::kEndOfText;
        case GenerationEnd::kMaxTokens: return FinishReason::kMaxTokens;
        case GenerationEnd::kContextFull: return FinishReason::kContextFull;
        case GenerationEnd::kStopped: return FinishReason::kStopped;
    }
    return FinishReason::kStopped;
}

ChatRole chatRole(Message::Role role) {
    switch (role) {
        case Message::Role::kSystem: return ChatRole::kSystem;
        case Message::Role::kUser: return ChatRole::kUser;
        case Message::Role::kAssistant: return ChatRole::kAssistant;
    }
    return ChatRole::kUser;
}

std::vector<float> contributionThresholds(const Manifest& manifest, const std::string& kind) {
    std::vector<float> thresholds;
    for (const PredictorEntry& entry : manifest.predictors) {
        if (entry.kind != kind) continue;
        for (const LayerCalibration& layer : entry.layers) {
            thresholds.push_back(layer.contribution_threshold);
        }
    }
    return thresholds;
}

}  // namespace

ModelSession::ModelSession(OpenedModel opened, const OpenOptions& options, uint64_t budget_bytes,
                           const Clock& clock)
    : clock_(clock),
      model_(std::move(opened)),
      pool_(model_.info.threads),
      backend_(makeCpuBackend(pool_)),
      activations_(model_.bundle.manifest().config, model_.kv_cache.capacity(), pool_.threads()),
      contribution_thresholds_(
          contributionThresholds(model_.bundle.manifest(), model_.info.predictor)),
      curve_maker_(model_.cache, model_.table, model_.plan, model_.info.layers,
                   model_.info.ff_width, model_.reader->gapBytes()),
      techniques_(options.techniques),
      budget_bytes_(budget_bytes),
      window_tokens_(options.window_tokens),
      window_folder_(options.window_folder) {}

Status ModelSession::start() {
    const ModelConfig& config = model_.bundle.manifest().config;
    ASSIGN_OR_RETURN(store_, NeuronStore::create(model_.cache, *model_.reader, model_.table,
                                                 config.ff_width, clock_, techniques_,
                                                 &pool_));
    FlashReader& stream_reader = model_.row_reader ? *model_.row_reader : *model_.reader;
    ASSIGN_OR_RETURN(auto stream,
                     RecordStream::create(model_.cache, stream_reader, model_.table,
                                          config.layers, config.ff_width, clock_,
                                          streamBuffers(techniques_)));
    stream_.emplace(std::move(stream));
    feed_forward_ = std::make_unique<FeedForward>(
        FeedForwardParts{config, model_.bundle.manifest().record, model_.weights, *backend_,
                         *store_, *stream_, model_.predictor.get(), contribution_thresholds_,
                         clock_, &curve_maker_, techniques_},
        activations_.chunk);
    if (model_.resident_reader) {
        ASSIGN_OR_RETURN(weight_stream_, WeightStream::create(model_.weights,
                                                              *model_.resident_reader, clock_));
    }
    transformer_ = std::make_unique<Transformer>(config, model_.weights, *backend_,
                                                 model_.kv_cache, *feed_forward_, activations_,
                                                 clock_, weight_stream_.get());
    generator_ = std::make_unique<Generator>(*transformer_, *store_, *stream_, *model_.tokenizer,
                                             clock_, techniques_);
    setWindow(window_tokens_);
    return setBudget(budget_bytes_);
}

MemoryBreakdown ModelSession::memory() const {
    return model_.plan.breakdown(budget_bytes_, model_.cache.usedBytes(),
                                 model_.cache.capacityBytes());
}

WorkingSetCurve ModelSession::curve() const { return curve_maker_.curve(window_tokens_); }

Status ModelSession::setBudget(uint64_t bytes) {
    ASSIGN_OR_RETURN(const uint64_t cache_bytes, model_.plan.cacheBytes(bytes));
    budget_bytes_ = bytes;
    model_.cache.setCapacity(cache_bytes);
    return {};
}

void ModelSession::setWindow(uint32_t tokens) {
    window_tokens_ = tokens;
    model_.cache.setWindow(tokens);
}

Status ModelSession::warm(const ProgressSink& progress, const StopFlag& stop) {
    WarmNeurons neurons;
    if (!window_folder_.empty()) neurons = readWindow(window_folder_, model_.bundle.manifest());
    if (neurons.empty()) neurons = hottestNeurons(model_.bundle);
    if (neurons.empty()) return {};
    const Status status = warmCache(*store_, neurons, progress, stop);
    // A record that cannot be read is told when an answer needs it.
    return !status && status.error().code == ErrorCode::kCancelled ? status : Status();
}

Status ModelSession::keepWindow() const {
    if (window_folder_.empty()) return {};
    return writeWindow(window_folder_, model_.bundle.manifest(),
                       heldNeurons(model_.cache, config().layers));
}

void ModelSession::reset() { generator_->forget(); }

std::vector<TokenId> ModelSession::tokenize(std::string_view text, bool special) const {
    return model_.tokenizer->encode(text, special);
}

// A running answer takes a budget that is too small as the smallest that works: the person drags a
// slider and the answer must not die of it.
void ModelSession::applyControls(const Controls& controls) {
    const uint64_t asked = controls.budget_bytes.load(std::memory_order_relaxed);
    if (asked != 0) {
        const uint64_t budget = std::max(asked, model_.plan.budgetBytesMin());
        if (budget != budget_bytes_) CHECK(setBudget(budget).has_value());
    }
    const uint32_t window = controls.window_tokens.load(std::memory_order_relaxed);
    if (window != window_tokens_) setWindow(window);
}

void ModelSession::fillMemory(TokenStats& stats) const {
    stats.memory_bytes = memory().usedBytes();
    stats.budget_bytes = budget_bytes_;
    stats.window_tokens_asked = window_tokens_;
}

Result<std::vector<TokenId>> ModelSession::promptTokens(const GenerateRequest& request) const {
    if (!request.raw_tokens.empty()) {
        RETURN_IF_ERROR(checkTokens(request.raw_tokens));
        return request.raw_tokens;
    }
    if (request.messages.empty()) return model_.tokenizer->encode(request.raw_prompt, true);
    const auto kind = chatTemplateFromName(model_.info.chat_template);
    if (!kind) {
        return fail(ErrorCode::kUnsupported,
                    "the chat template of " + model_.info.name +
                        " is none that we know (ChatML, Llama 2, Llama 3, Mistral, plain); "
                        "generate with --raw and write the whole prompt yourself");
    }
    std::vector<ChatMessage> messages;
    for (const Message& message : request.messages) {
        messages.push_back({chatRole(message.role), message.text});
    }
    const std::string system =
        defaultSystemPrompt(model_.bundle.manifest().chat_template_source);
    if (!system.empty() && messages.front().role != ChatRole::kSystem) {
        messages.insert(messages.begin(), {ChatRole::kSystem, system});
    }
    return model_.tokenizer->encodeTemplate(renderChat(*kind, messages, true));
}

Status ModelSession::checkTokens(std::span<const TokenId> tokens) const {
    for (const TokenId token : tokens) {
        if (token.value() < 0 || static_cast<uint32_t>(token.value()) >= model_.info.vocabulary) {
            return fail(ErrorCode::kInvalidArgument,
                        "token " + std::to_string(token.value()) +
                            " is not in the model's vocabulary of " +
                            std::to_string(model_.info.vocabulary));
        }
    }
    return {};
}

Result<GenerateSummary> ModelSession::generate(const GenerateRequest& request,
                                               const GenerateSink& sink, Controls& controls) {
    ASSIGN_OR_RETURN(const auto prompt, promptTokens(request));
    const SamplingOptions& s = request.sampling;
    const uint64_t seed = s.seed != 0 ? s.seed : std::random_device{}() | 1U;
    GenerationOptions options;
    options.sampling = {s.temperature, s.top_k, s.top_p, s.min_p, s.repeat_penalty, seed};
    options.repeat_window = s.repeat_window;
    options.max_tokens = request.max_tokens;
    options.exact = request.exact;
    options.ignore_end = request.ignore_end;
    options.keep_tokens = window_tokens_ == kWindowAuto ? kKeepTokensAuto : window_tokens_;
    if (!techniques_.window) options.keep_tokens = 0;
    GenerationHooks hooks;
    hooks.prefill = sink.prefill;
    hooks.before_token = [&] { applyControls(controls); };
    hooks.token = [&](TokenId id, std::string_view text, TokenStats& stats) {
        fillMemory(stats);
        curve_maker_.token(stats);
        if (sink.token) sink.token(TokenEvent{id, text, stats});
    };
    ASSIGN_OR_RETURN(Generation done, generator_->generate(prompt, options, hooks, controls.stop));
    GenerateSummary summary;
    summary.finish = finishReason(done.end);
    summary.prompt_tokens = done.prompt_tokens;
    summary.prompt_tokens_reused = done.prompt_tokens_reused;
    summary.tokens = done.tokens;
    summary.prefill_ms = done.prefill_ms;
    summary.decode_ms = done.decode_ms;
    summary.prefill_read_bytes = done.prefill_read_bytes;
    summary.decode_read_bytes = done.decode_read_bytes;
    summary.seed = seed;
    summary.text = std::move(done.text);
    return summary;
}

Status ModelSession::readThrough(std::span<const TokenId> tokens, const ProgressSink& progress,
                                 const StopFlag& stop) {
    const size_t window = model_.kv_cache.capacity();
    TokenStats stats;
    for (size_t first = 0; first < tokens.size(); first += window) {
        const auto part = tokens.subspan(first, std::min(window, tokens.size() - first));
        RETURN_IF_ERROR(generator_->evaluate(part, true, nullptr, stats, stop));
        const double done = static_cast<double>(first + part.size());
        if (progress) progress({"reading the text", done / static_cast<double>(tokens.size())});
    }
    return {};
}

Result<std::vector<std::vector<float>>> ModelSession::logits(std::span<const TokenId> tokens,
                                                             bool exact, Controls& controls) {
    RETURN_IF_ERROR(checkTokens(tokens));
    if (tokens.size() > model_.kv_cache.capacity()) {
        return fail(ErrorCode::kInvalidArgument,
                    std::to_string(tokens.size()) + " tokens do not fit into a context of " +
                        std::to_string(model_.kv_cache.capacity()));
    }
    applyControls(controls);
    std::vector<std::vector<float>> rows;
    TokenStats stats;
    RETURN_IF_ERROR(generator_->evaluate(
        tokens, exact,
        [&](size_t, std::span<const float> row) { rows.emplace_back(row.begin(), row.end()); },
        stats, controls.stop));
    return rows;
}

}  // namespace glowworm
