// SPDX-License-Identifier: Apache-2.0
#include "app/engine/fakesession.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <thread>

#include "app/engine/fakescript.h"

namespace glowworm {

namespace {

constexpr double kSliceMs = 5;  // how often a delay looks at the stop flag
constexpr size_t kFailAfterTokens = 12;

// False when stopped before the delay was over.
bool wait(double ms, const StopFlag& stop) {
    while (ms > 0 && !stop.requested()) {
        const double slice = std::min(ms, kSliceMs);
        std::this_thread::sleep_for(std::chrono::duration<double, std::milli>(slice));
        ms -= slice;
    }
    return !stop.requested();
}

std::unexpected<Error> cancelled() { return fail(ErrorCode::kCancelled, "Stopped."); }

ModelInfo fakeInfo(const OpenOptions& options) {
    ModelInfo info;
    info.name = "Fake 3B";
    info.architecture = "llama";
    info.activation = "relu";
    info.dtype = "Q8_0";
    info.license = "Apache-2.0";
    info.predictor = "lowrank";
    info.bundle_bytes = FakeFigures::kWholeBytes;
    info.budget_bytes_min = FakeFigures::kLeastBytes;
    info.budget_bytes_max = FakeFigures::kWholeBytes;
    info.layers = 30;
    info.hidden = 2560;
    info.ff_width = 8192;
    info.vocabulary = 32000;
    info.context_tokens = options.context_tokens;
    info.context_max = 8192;
    info.active_share = FakeFigures::kActiveShare;
    info.synthetic = true;
    info.reader = "memory";
    info.simd_target = "none";
    info.threads = 1;
    return info;
}

class FakeSession : public Session {
  public:
    FakeSession(const OpenOptions& open, const FakeOptions& options)
        : m_options(options), m_info(fakeInfo(open)) {
        const uint64_t half = (FakeFigures::kLeastBytes + FakeFigures::kWholeBytes) / 2;
        m_figures.setBudget(open.budget_bytes == 0 ? half : open.budget_bytes);
        m_figures.setWindow(open.window_tokens);
    }

    const ModelInfo& info() const override { return m_info; }
    MemoryBreakdown memory() const override { return m_figures.memory(); }
    WorkingSetCurve curve() const override {
        WorkingSetCurve curve = m_figures.curve();
        curve.compute_ms *= m_scale;
        for (CurvePoint& point : curve.points) point.predicted_ms *= m_scale;
        return curve;
    }

    Result<GenerateSummary> generate(const GenerateRequest& request, const GenerateSink& sink,
                                     Controls& controls) override {
        const std::string prompt =
            request.messages.empty() ? request.raw_prompt : request.messages.back().text;
        GenerateSummary summary;
        for (const Message& message : request.messages)
            summary.prompt_tokens += static_cast<uint32_t>(message.text.size() / 4 + 4);
        summary.seed = request.sampling.seed == 0 ? 42 : request.sampling.seed;
        if (!prefill(summary.prompt_tokens, sink, controls.stop)) {
            summary.finish = FinishReason::kStopped;
            return summary;
        }
        if (summary.prompt_tokens >= m_info.context_tokens) {
            return fail(ErrorCode::kInvalidArgument,
                        "The conversation no longer fits the context of " +
                            std::to_string(m_info.context_tokens) +
                            " tokens. Start a new chat, or set a larger context in the settings.");
        }
        return decode(request, prompt, sink, controls, std::move(summary));
    }

    Result<std::vector<std::vector<float>>> logits(std::span<const TokenId>, bool,
                                                   Controls&) override {
        return fail(ErrorCode::kUnsupported, "The fake engine has no logits.");
    }
    Result<PerplexityResult> perplexity(std::string_view, bool, const ProgressSink&,
                                        Controls&) override {
        return fail(ErrorCode::kUnsupported, "The fake engine has no perplexity.");
    }
    std::vector<TokenId> tokenize(std::string_view text, bool) const override {
        return std::vector<TokenId>(fakeTokens(text).size());
    }

    Status setBudget(uint64_t bytes) override {
        if (bytes < FakeFigures::kLeastBytes) {
            return fail(ErrorCode::kBudget, "The smallest budget that works is " +
                                                std::to_string(FakeFigures::kLeastBytes) +
                                                " bytes.");
        }
        m_figures.setBudget(bytes);
        return {};
    }
    void setWindow(uint32_t tokens) override { m_figures.setWindow(tokens); }
    Status keepWindow() const override { return {}; }
    void reset() override {}

  private:
    bool prefill(uint32_t total, const GenerateSink& sink, const StopFlag& stop) const {
        constexpr uint32_t kChunk = 8;
        for (uint32_t done = 0; done < total; done += kChunk) {
            if (sink.prefill) sink.prefill(done, total);
            const double ms = 1000.0 * kChunk / m_options.prefillTokensPerSecond;
            if (!wait(ms * m_options.delayScale, stop)) return false;
        }
        if (sink.prefill) sink.prefill(total, total);
        return true;
    }

    Result<GenerateSummary> decode(const GenerateRequest& request, const std::string& prompt,
                                   const GenerateSink& sink, Controls& controls,
                                   GenerateSummary summary) {
        const std::string answer = fakeAnswer(prompt);
        const std::vector<std::string_view> tokens = fakeTokens(answer);
        const bool fails = prompt.find("fail") != std::string::npos;
        for (const std::string_view text : tokens) {
            if (request.max_tokens != 0 && summary.tokens >= request.max_tokens) {
                summary.finish = FinishReason::kMaxTokens;
                break;
            }
            if (fails && summary.tokens >= kFailAfterTokens) {
                return fail(ErrorCode::kIo, "The disk stopped answering while layer 3 was read. "
                                            "Check that it is still connected and try again.");
            }
            const TokenStats stats = nextStats(controls);
            if (!wait(stats.time_ms * m_options.delayScale, controls.stop)) {
                summary.finish = FinishReason::kStopped;
                break;
            }
            summary.text += text;
            ++summary.tokens;
            summary.decode_ms += stats.time_ms;
            summary.decode_read_bytes += stats.read_bytes;
            if (sink.token)
                sink.token({TokenId(static_cast<int32_t>(summary.tokens)), text, stats});
        }
        return summary;
    }

    TokenStats nextStats(const Controls& controls) {
        if (const uint64_t bytes = controls.budget_bytes; bytes != 0) m_figures.setBudget(bytes);
        m_figures.setWindow(controls.window_tokens);
        TokenStats stats = m_figures.nextToken();
        if (m_options.tokensPerSecond <= 0) return stats;
        m_scale = 1000.0 / m_options.tokensPerSecond / stats.time_ms;
        for (double* part :
             {&stats.time_ms, &stats.attention_ms, &stats.predictor_ms, &stats.ffn_ms,
              &stats.flash_wait_ms, &stats.manager_ms, &stats.output_ms})
            *part *= m_scale;
        return stats;
    }

    FakeOptions m_options;
    ModelInfo m_info;
    FakeFigures m_figures;
    double m_scale = 1;  // of the figures' times, where a speed is wanted
};

}  // namespace

SessionFactory fakeSessions(const FakeOptions& options) {
    return [options](const OpenOptions& open, const ProgressSink& progress,
                     const StopFlag& stop) -> Result<std::unique_ptr<Session>> {
        constexpr int kSteps = 30;
        for (int step = 0; step < kSteps; ++step) {
            const std::string stage = "reading layer " + std::to_string(step + 1) + " of 30";
            if (progress) progress({stage, static_cast<double>(step) / kSteps});
            if (!wait(options.loadMs / kSteps * options.delayScale, stop)) return cancelled();
        }
        if (options.failToOpen || open.bundle.find("broken") != std::string::npos) {
            return fail(ErrorCode::kInvalidFile,
                        open.bundle + "/neurons.bin is 12 bytes shorter than its manifest says. "
                                      "Import the model again.");
        }
        return std::make_unique<FakeSession>(open, options);
    };
}

}  // namespace glowworm
