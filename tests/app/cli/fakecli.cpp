// SPDX-License-Identifier: Apache-2.0
#include "tests/app/cli/fakecli.h"

#include <filesystem>
#include <fstream>

namespace glowworm {

namespace {

class FakeCliSession final : public Session {
  public:
    explicit FakeCliSession(FakeModel& model) : m_model(model) {
        m_info.name = "Fake model";
        m_info.budget_bytes_min = 1000;
    }

    [[nodiscard]] const ModelInfo& info() const override { return m_info; }
    [[nodiscard]] MemoryBreakdown memory() const override {
        return {.resident_weights = 500, .budget_bytes = m_model.budget};
    }

    [[nodiscard]] WorkingSetCurve curve() const override {
        return {.points = {{.budget_bytes = 1000, .predicted_ms = 4},
                           {.budget_bytes = 2000, .hit_rate = 1, .predicted_ms = 2}},
                .tokens = 2,
                .compute_ms = 2};
    }

    Result<GenerateSummary> generate(const GenerateRequest& request, const GenerateSink& sink,
                                     Controls& controls) override {
        m_model.requests.push_back(request);
        GenerateSummary summary;
        summary.prompt_tokens = 3;
        summary.seed = 7;
        sink.prefill(3, 3);
        for (const std::string& piece : m_model.answer) {
            if (controls.stop.requested()) {
                summary.finish = FinishReason::kStopped;
                break;
            }
            if (controls.budget_bytes != 0) m_model.budget = controls.budget_bytes;
            m_model.window = controls.window_tokens;
            ++summary.tokens;
            summary.text += piece;
            sink.token({TokenId(static_cast<int>(summary.tokens)), piece, figures()});
            if (!m_model.onToken) continue;
            if (const Status status = m_model.onToken(static_cast<int>(summary.tokens)); !status) {
                return std::unexpected(status.error());
            }
        }
        return summary;
    }

    Result<std::vector<std::vector<float>>> logits(std::span<const TokenId> tokens, bool exact,
                                                   Controls&) override {
        m_model.logitsTokens.assign(tokens.begin(), tokens.end());
        m_model.exact = exact;
        return std::vector<std::vector<float>>(tokens.size(), {0.5F, -1.25F, 1e-9F});
    }

    Result<PerplexityResult> perplexity(std::string_view text, bool exact, const ProgressSink&,
                                        Controls&) override {
        m_model.exact = exact;
        PerplexityResult result;
        result.perplexity = 2.5;
        result.nll_nats = 0.75;
        result.tokens = text.size();
        return result;
    }

    [[nodiscard]] std::vector<TokenId> tokenize(std::string_view text,
                                                bool special) const override {
        std::vector<TokenId> tokens;
        if (special) tokens.emplace_back(0);
        for (const char c : text) tokens.emplace_back(static_cast<unsigned char>(c));
        return tokens;
    }

    Status setBudget(uint64_t bytes) override {
        if (bytes < m_info.budget_bytes_min) return fail(ErrorCode::kBudget, "1000 B are needed");
        m_model.budget = bytes;
        return {};
    }
    void setWindow(uint32_t tokens) override { m_model.window = tokens; }
    Status keepWindow() const override { return {}; }
    void reset() override { ++m_model.resets; }

  private:
    [[nodiscard]] TokenStats figures() const {
        TokenStats stats;
        stats.time_ms = 10;
        stats.ffn_ms = 2.5;
        stats.hits = 9;
        stats.misses = 1;
        stats.read_bytes = 2048;
        stats.memory_bytes = 500;
        stats.budget_bytes = m_model.budget;
        return stats;
    }

    FakeModel& m_model;
    ModelInfo m_info;
};

}  // namespace

std::optional<std::string> ListedLines::take(std::deque<std::string>& lines) {
    if (lines.empty()) return std::nullopt;
    std::string line = lines.front();
    lines.pop_front();
    return line;
}

std::string ListedLines::readAll() {
    std::string all;
    for (const std::string& line : std::exchange(m_lines, {})) all += line + "\n";
    return all;
}

FakeCli::FakeCli() : m_environment{.in = lines, .out = m_out, .err = m_err, .controls = controls} {
    m_environment.openSession = [this](const OpenOptions& options, const ProgressSink&,
                                       const StopFlag&) -> Result<std::unique_ptr<Session>> {
        model.opened.push_back(options);
        return std::make_unique<FakeCliSession>(model);
    };
    m_environment.import = [this](const ImportOptions& options, const ProgressSink& progress,
                                  const StopFlag& stop) { return import(options, progress, stop); };
    m_environment.inspect = [](const std::string& bundle, uint32_t context) -> Result<ModelInfo> {
        if (bundle.contains("broken")) return fail(ErrorCode::kInvalidFile, bundle + " is broken");
        ModelInfo info;
        info.name = "Title";
        info.architecture = "llama";
        info.bundle_bytes = 4096;
        info.budget_bytes_min = context;
        info.active_share = 0.25;
        return info;
    };
    m_environment.synthesize = [this](const std::string& folder, const SyntheticShape& shape,
                                      const SyntheticOptions& options, const ProgressSink&,
                                      const StopFlag&) -> Result<Manifest> {
        model.synthesized.push_back({folder, shape, options});
        Manifest manifest;
        manifest.name = "synthetic " + shape.name;
        manifest.neurons_bytes = 3 << 20;
        return manifest;
    };
    m_environment.exportArchive = [](const std::string& bundle, const std::string& file,
                                     IfThere if_there, const ProgressSink&,
                                     const StopFlag&) -> Status {
        if (if_there == IfThere::kRefuse && std::filesystem::exists(file))
            return fail(ErrorCode::kInvalidArgument, file + " is there already");
        std::ofstream(file) << bundle;
        return {};
    };
    m_environment.importArchive = [](const std::string& archive, const std::string& folder,
                                     const ProgressSink&, const StopFlag&) -> Status {
        if (!std::filesystem::exists(archive)) return fail(ErrorCode::kNotFound, archive + "?");
        std::filesystem::create_directories(folder);
        std::ofstream(folder + "/manifest.json") << "{}";
        return {};
    };
    m_environment.machineFile = m_dir.file("cache/machine.json");
    m_environment.probe = [this](const DiskProbeOptions& disk, uint32_t, const ProgressSink&,
                                 const StopFlag&) -> Result<MachineProfile> {
        model.probed.push_back(disk);
        MachineProfile profile;
        profile.threads = 2;
        profile.memory_bytes_per_s = 2e10;
        profile.disk.device = deviceOf(dataDir()).value();
        profile.disk.points = {{16 << 10, 8, 5e8}, {16 << 10, 32, 8e8}, {64 << 10, 32, 1e9}};
        profile.disk.tuning = chooseTuning(profile.disk);
        return profile;
    };
    m_environment.verify = [](const std::string& bundle, const ProgressSink&,
                              const StopFlag&) -> Status {
        if (bundle.contains("broken")) return fail(ErrorCode::kInvalidFile, bundle + " is broken");
        return {};
    };
}

Result<Manifest> FakeCli::import(const ImportOptions& options, const ProgressSink& progress,
                                 const StopFlag&) {
    model.imports.push_back(options);
    progress({"reading layer 1 of 2", 0.5});
    if (!model.importStatus) return std::unexpected(model.importStatus.error());
    std::filesystem::create_directories(options.bundle_dir);
    std::ofstream(options.bundle_dir + "/manifest.json") << "{}";
    return Manifest{};
}

int FakeCli::run(std::vector<std::string> arguments) {
    m_out.str("");
    m_err.str("");
    arguments.insert(arguments.begin(), {"--data-dir", dataDir()});
    return runCommandLine(std::move(arguments), m_environment);
}

void FakeCli::installBundle(const std::string& name) const {
    const std::filesystem::path folder = m_dir.path() / "models" / name;
    std::filesystem::create_directories(folder);
    std::ofstream(folder / "manifest.json") << "{}";
}

}  // namespace glowworm
