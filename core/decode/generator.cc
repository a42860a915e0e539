// SPDX-License-Identifier: Apache-2.0
#include "core/decode/generator.h"

#include <algorithm>

#include "core/base/check.h"
#include "core/text/utf8_stream.h"

namespace glowworm {

namespace {

double millisecondsSince(const Clock& clock, std::chrono::nanoseconds begin) {
    return std::chrono::duration<double, std::milli>(clock.now() - begin).count();
}

}  // namespace

Generator::Generator(Transformer& transformer, NeuronStore& store, RecordStream& stream,
                     const Tokenizer& tokenizer, const Clock& clock, const Techniques& techniques)
    : transformer_(transformer),
      store_(store),
      stream_(stream),
      tokenizer_(tokenizer),
      clock_(clock),
      techniques_(techniques) {
    history_.reserve(transformer.kvCache().capacity());
}

void Generator::forget() {
    history_.clear();
    transformer_.kvCache().setRows(0);
}

// How much of the prompt the KV cache holds. The last token always runs again: its logits are
// wanted.
uint32_t Generator::reusable(std::span<const TokenId> prompt) const {
    const size_t most = std::min(history_.size(), prompt.size() - 1);
    const auto differ = std::mismatch(history_.begin(),
                                      history_.begin() + static_cast<ptrdiff_t>(most),
                                      prompt.begin());
    return static_cast<uint32_t>(differ.first - history_.begin());
}

std::span<const TokenId> Generator::recent(uint32_t count) const {
    const size_t n = std::min<size_t>(count, history_.size());
    return std::span(history_).last(n);
}

Result<Generation> Generator::generate(std::span<const TokenId> prompt,
                                       const GenerationOptions& options,
                                       const GenerationHooks& hooks, const StopFlag& stop) {
    const uint32_t context = transformer_.kvCache().capacity();
    if (prompt.empty()) return fail(ErrorCode::kInvalidArgument, "the prompt is empty");
    if (prompt.size() >= context) {
        return fail(ErrorCode::kInvalidArgument,
                    "the prompt has " + std::to_string(prompt.size()) +
                        " tokens, which does not fit into a context of " +
                        std::to_string(context) +
                        "; shorten it, start a new chat, or open the model with a longer context");
    }
    Generation result;
    result.prompt_tokens = static_cast<uint32_t>(prompt.size());
    const auto prefill_begin = clock_.now();
    Status status = prefill(prompt, options, hooks, result, stop);
    result.prefill_ms = millisecondsSince(clock_, prefill_begin);
    const auto decode_begin = clock_.now();
    if (status) status = decode(options, hooks, result, stop);
    result.decode_ms = millisecondsSince(clock_, decode_begin);
    if (!status) {
        if (status.error().code != ErrorCode::kCancelled) {
            return std::unexpected(status.error());
        }
        result.end = GenerationEnd::kStopped;
    }
    return result;
}

Status Generator::prefill(std::span<const TokenId> prompt, const GenerationOptions& options,
                          const GenerationHooks& hooks, Generation& result,
                          const StopFlag& stop) {
    KvCache& kv = transformer_.kvCache();
    const uint32_t kept = reusable(prompt);
    result.prompt_tokens_reused = kept;
    history_.resize(kept);
    kv.setRows(kept);
    const auto total = static_cast<uint32_t>(prompt.size());
    const uint32_t chunk = transformer_.chunkTokens();
    TokenStats stats;
    if (hooks.before_token) hooks.before_token();
    if (hooks.prefill) hooks.prefill(kept, total);
    RETURN_IF_ERROR(stream_.begin((total - kept + chunk - 1) / chunk));
    Status status;
    for (uint32_t done = kept; done < total && status;) {
        const uint32_t n = std::min(chunk, total - done);
        store_.beginToken();
        ForwardBatch batch;
        batch.tokens = prompt.subspan(done, n);
        batch.first_position = done;
        batch.mode = ForwardMode::kDenseChunk;
        batch.keep_tokens = done + n == total ? options.keep_tokens : 0;
        const std::function<void(uint32_t)> after_layer = [&](uint32_t layers) {
            const uint64_t part = uint64_t{n} * layers / transformer_.layerCount();
            if (part < n) hooks.prefill(done + static_cast<uint32_t>(part), total);
        };
        if (hooks.prefill) batch.after_layer = &after_layer;
        status = transformer_.forward(batch, stats, stop);
        if (!status) break;
        history_.insert(history_.end(), batch.tokens.begin(), batch.tokens.end());
        last_row_ = n - 1;
        done += n;
        if (hooks.prefill) hooks.prefill(done, total);
    }
    stream_.end();
    stream_.takeStats(stats);
    store_.takeStats(stats);
    result.prefill_read_bytes = stats.read_bytes;
    return status;
}

// Without a predictor every neuron of a bundled model must pass by, and the rows of a split one.
bool Generator::allNeurons() const {
    const RecordLayout& record = store_.table().layout();
    return !techniques_.predictor && !record.split && record.up.bytes != 0;
}

bool Generator::rowsStreamed() const {
    const RecordLayout& record = store_.table().layout();
    return !techniques_.predictor && record.split && record.up.bytes != 0;
}

Status Generator::step(TokenId token, bool exact, TokenStats& stats, const StopFlag& stop) {
    exact = exact || allNeurons();
    ForwardBatch batch;
    batch.tokens = std::span(&token, 1);
    batch.first_position = transformer_.kvCache().rows();
    // With room for every neuron nothing needs to stream by; the bits are the same.
    const NeuronCache& cache = store_.cache();
    const bool all_fit = cache.capacityBytes() == cache.bytesMax() && techniques_.window;
    const bool streamed = exact && !all_fit;
    batch.mode = streamed ? ForwardMode::kDenseChunk
                 : exact  ? ForwardMode::kExact
                          : ForwardMode::kSparse;
    store_.beginToken();
    const bool rows = rowsStreamed() && !exact;
    if (streamed || rows) RETURN_IF_ERROR(stream_.begin(1, rows));
    const Status status = transformer_.forward(batch, stats, stop);
    if (streamed || rows) {
        stream_.end();
        stream_.takeStats(stats);
    }
    store_.takeStats(stats);
    if (!status) return status;
    history_.push_back(token);
    last_row_ = 0;
    return {};
}

Status Generator::decode(const GenerationOptions& options, const GenerationHooks& hooks,
                         Generation& result, const StopFlag& stop) {
    Sampler sampler(tokenizer_.vocabulary(), options.sampling);
    Utf8Stream utf8;
    KvCache& kv = transformer_.kvCache();
    TokenStats stats;
    auto begin = clock_.now();
    while (true) {
        const std::span<float> logits = transformer_.logits(last_row_, stats);
        const TokenId token = sampler.sample(logits.first(tokenizer_.vocabulary()),
                                             recent(options.repeat_window));
        const bool ended = tokenizer_.endsAnswer(token) && !options.ignore_end;
        std::string text = ended ? std::string() : utf8.push(tokenizer_.decode(token, false));
        ++result.tokens;
        const bool full = kv.rows() + 1 >= kv.capacity();
        const bool enough = options.max_tokens != 0 && result.tokens >= options.max_tokens;
        if (ended || full || enough) text += utf8.flush();
        result.text += text;
        result.decode_read_bytes += stats.read_bytes;
        stats.time_ms = millisecondsSince(clock_, begin);
        begin = clock_.now();
        if (hooks.token) hooks.token(token, text, stats);
        if (ended) {
            result.end = GenerationEnd::kEndOfText;
            return {};
        }
        if (full || enough) {
            result.end = full ? GenerationEnd::kContextFull : GenerationEnd::kMaxTokens;
            return {};
        }
        if (stop.requested()) return fail(ErrorCode::kCancelled, "stopped");
        if (hooks.before_token) hooks.before_token();
        stats = TokenStats{};
        RETURN_IF_ERROR(step(token, options.exact, stats, stop));
    }
}

Status Generator::evaluate(std::span<const TokenId> tokens, bool exact,
                           const std::function<void(size_t, std::span<const float>)>& score,
                           TokenStats& stats, const StopFlag& stop) {
    forget();
    exact = exact || allNeurons();
    const bool rows = rowsStreamed() && !exact;
    // Sparse, token by token: windows and hit rates are then those of an answer.
    const uint32_t chunk = exact ? transformer_.chunkTokens() : 1;
    if (exact) {
        RETURN_IF_ERROR(stream_.begin((static_cast<uint32_t>(tokens.size()) + chunk - 1) / chunk));
    }
    Status status;
    for (size_t done = 0; done < tokens.size() && status;) {
        ForwardBatch batch;
        batch.tokens = tokens.subspan(done, std::min<size_t>(chunk, tokens.size() - done));
        batch.first_position = static_cast<uint32_t>(done);
        batch.mode = exact ? ForwardMode::kDenseChunk : ForwardMode::kSparse;
        store_.beginToken();
        if (rows) RETURN_IF_ERROR(stream_.begin(1, true));
        status = transformer_.forward(batch, stats, stop);
        if (rows) stream_.end();
        store_.takeStats(stats);
        if (!status) break;
        for (size_t i = 0; score && i < batch.tokens.size() && !stop.requested(); ++i) {
            score(done + i, transformer_.logits(i, stats));
        }
        done += batch.tokens.size();
        if (stop.requested()) status = fail(ErrorCode::kCancelled, "stopped");
    }
    if (exact) stream_.end();
    stream_.takeStats(stats);
    forget();
    return status;
}

}  // namespace glowworm
