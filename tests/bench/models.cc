// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/models.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/bench/options.h"

namespace glowworm::bench {

namespace {

std::string environment(const char* name, const std::string& otherwise) {
    const char* value = std::getenv(name);
    return value != nullptr && *value != '\0' ? value : otherwise;
}

void add(TokenStats& sum, const TokenStats& one) {
    sum.time_ms += one.time_ms;
    sum.attention_ms += one.attention_ms;
    sum.predictor_ms += one.predictor_ms;
    sum.ffn_ms += one.ffn_ms;
    sum.flash_wait_ms += one.flash_wait_ms;
    sum.manager_ms += one.manager_ms;
    sum.reading_ms += one.reading_ms;
    sum.output_ms += one.output_ms;
    sum.read_bytes += one.read_bytes;
    sum.reads += one.reads;
    sum.hits += one.hits;
    sum.misses += one.misses;
    sum.prefetch_bytes += one.prefetch_bytes;
    sum.prefetch_useful_bytes += one.prefetch_useful_bytes;
    sum.misses_ahead += one.misses_ahead;
    sum.active_neurons += one.active_neurons;
    sum.fired_neurons += one.fired_neurons;
    sum.total_neurons += one.total_neurons;
    sum.memory_bytes = std::max(sum.memory_bytes, one.memory_bytes);
    sum.window_tokens = one.window_tokens;
}

Result<std::string> importedOnce(const std::string& source, const std::string& name,
                                 ImportOptions options) {
    options.source = source;
    options.bundle_dir = benchFolder() + "/" + name;
    options.name = name;
    if (std::filesystem::exists(options.bundle_dir)) return options.bundle_dir;
    StopFlag stop;
    std::fprintf(stderr, "importing %s\n", name.c_str());
    ASSIGN_OR_RETURN(const Manifest manifest, importModel(options, nullptr, stop));
    return options.bundle_dir;
}

Status usualModels(StarterKind starter, const ModelTable& table) {
    ASSIGN_OR_RETURN(const std::string relu,
                     importedModel(reluFixture(), "relu-llama", StreamChoice::kAuto));
    RETURN_IF_ERROR(table("ReLU fixture", relu));
    ASSIGN_OR_RETURN(const std::string gguf, starterGguf());
    if (starter != StarterKind::kWhole) {
        ASSIGN_OR_RETURN(const std::string bundle,
                         importedModel(gguf, "starter", StreamChoice::kAuto));
        RETURN_IF_ERROR(table("starter", bundle));
    }
    if (starter == StarterKind::kResidentRows) return {};
    ASSIGN_OR_RETURN(const std::string whole,
                     importedModel(gguf, "starter-whole", StreamChoice::kWhole));
    return table("starter, whole records streamed", whole);
}

}  // namespace

std::string benchFolder() {
    const std::string cache =
        environment("XDG_CACHE_HOME", environment("HOME", "/tmp") + "/.cache");
    return environment("GLOWWORM_BENCH_DIR", cache + "/glowworm/bench");
}

Result<std::string> starterGguf() {
    const std::string data =
        environment("XDG_DATA_HOME", environment("HOME", "/tmp") + "/.local/share");
    const std::string path =
        environment("GLOWWORM_STARTER_GGUF",
                    data + "/glowworm/starter/SmolLM2-135M-Instruct.Q4_1.gguf");
    if (std::filesystem::exists(path)) return path;
    return fail(ErrorCode::kNotFound, "there is no " + path +
                                          "; run packaging/run once with a network, or set "
                                          "GLOWWORM_STARTER_GGUF");
}

Result<std::string> importedModel(const std::string& source, const std::string& name,
                                  StreamChoice stream,
                                  std::optional<uint32_t> shadow_bits) {
    ImportOptions options;
    options.stream = stream;
    options.shadow_bits = shadow_bits;
    options.calibration_text = readText(std::string(SOURCE_DIR) + "/resources/calibration.txt");
    return importedOnce(source, name, std::move(options));
}

Result<std::string> importedPlain(const std::string& source, const std::string& name,
                                  Dtype dtype) {
    ImportOptions options;
    options.dtype = dtype;
    options.stream = StreamChoice::kWhole;
    return importedOnce(source, name, std::move(options));
}

std::string reluFixture() { return std::string(SOURCE_DIR) + "/tests/fixtures/relu-llama"; }

int forEachModel(std::span<const std::string> args, StarterKind starter, const ModelTable& table) {
    const auto named = option(args, "--model");
    const Status status = named ? table(*named, *named) : usualModels(starter, table);
    return status ? 0 : failed(status.error());
}

std::string readText(const std::string& path) {
    std::ifstream file(path);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

Result<Measured> measure(Session& session, const std::string& prompt, uint32_t tokens,
                         uint32_t warm, bool exact, uint32_t window_tokens) {
    GenerateRequest request;
    request.raw_prompt = prompt;
    request.sampling.temperature = 0;
    request.sampling.repeat_penalty = 1.3F;
    request.max_tokens = tokens;
    request.ignore_end = true;
    request.exact = exact;
    Measured measured;
    uint64_t seen = 0;
    GenerateSink sink;
    sink.token = [&](const TokenEvent& event) {
        if (seen++ < warm) return;
        add(measured.sum, event.stats);
        ++measured.tokens;
    };
    Controls controls;
    controls.window_tokens = window_tokens;
    ASSIGN_OR_RETURN(measured.summary, session.generate(request, sink, controls));
    return measured;
}

Result<std::unique_ptr<Session>> openBundle(const std::string& bundle, uint64_t budget_bytes,
                                            uint32_t context_tokens) {
    OpenOptions options;
    options.bundle = bundle;
    options.budget_bytes = budget_bytes;
    options.context_tokens = context_tokens;
    StopFlag stop;
    return openSession(options, nullptr, stop);
}

int failed(const Error& error) {
    std::fprintf(stderr, "%s\n", error.message.c_str());
    return 1;
}

}  // namespace glowworm::bench
