// SPDX-License-Identifier: Apache-2.0
// The models that tables are measured on, imported once into a scratch folder.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "core/base/error.h"
#include "core/engine/session.h"
#include "core/import/importer.h"

namespace glowworm::bench {

// Where bundles made for benchmarks lie: $GLOWWORM_BENCH_DIR, else ~/.cache/glowworm/bench.
std::string benchFolder();
// The starter's GGUF: $GLOWWORM_STARTER_GGUF, else where the set-up puts it.
Result<std::string> starterGguf();
// Imports `source` under `name` unless that has been done, and returns the bundle's folder.
// `shadow_bits` as in ImportOptions.
Result<std::string> importedModel(const std::string& source, const std::string& name,
                                  StreamChoice stream,
                                  std::optional<uint32_t> shadow_bits = std::nullopt);
// The same with all weights as `dtype` and without a predictor: plain quantisation.
Result<std::string> importedPlain(const std::string& source, const std::string& name,
                                  Dtype dtype);
// The trained ReLU fixture's folder, to be imported.
std::string reluFixture();

enum class StarterKind { kResidentRows, kWhole, kBoth };
using ModelTable = std::function<Status(const std::string& title, const std::string& bundle)>;
// Makes a table of the bundle that --model names; without one, of the ReLU fixture and then of the
// starter, imported with gate and up rows resident, with whole records, or both ways. Answers the
// exit code; an error is said on standard error.
int forEachModel(std::span<const std::string> args, StarterKind starter, const ModelTable& table);

std::string readText(const std::string& path);

struct Measured {
    TokenStats sum;       // over the tokens after the first `warm` ones
    uint64_t tokens = 0;
    GenerateSummary summary;
};

// Generates greedily from `prompt` and sums the figures of all tokens after the first `warm`.
Result<Measured> measure(Session& session, const std::string& prompt, uint32_t tokens,
                         uint32_t warm, bool exact,
                         uint32_t window_tokens = kWindowAuto);
Result<std::unique_ptr<Session>> openBundle(const std::string& bundle, uint64_t budget_bytes,
                                            uint32_t context_tokens);
// Says an error on standard error and answers exit code 1.
int failed(const Error& error);

}  // namespace glowworm::bench
