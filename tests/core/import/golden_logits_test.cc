// SPDX-License-Identifier: Apache-2.0
// Whole models against Hugging Face transformers: exact logits in F32 agree to 1e-3 of the largest
// logit, and greedy continuations are the same. tests/golden/README.md tells how they are made.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/engine/session.h"
#include "core/import/importer.h"
#include "tests/support/temp_dir.h"

namespace glowworm {
namespace {

using nlohmann::json;

constexpr float kTolerance = 1e-3F;  // of the largest logit

json readJson(const std::string& path) {
    std::ifstream file(path);
    return json::parse(file);
}

std::vector<TokenId> tokenIds(const json& list) {
    std::vector<TokenId> tokens;
    for (const json& id : list) tokens.push_back(TokenId(id.get<int32_t>()));
    return tokens;
}

std::unique_ptr<Session> importAndOpen(const TempDir& dir, const std::string& source) {
    ImportOptions options;
    options.source = source;
    options.bundle_dir = dir.file("bundle");
    options.name = "golden";
    options.dtype = Dtype::kF32;
    StopFlag stop;
    auto manifest = importModel(options, nullptr, stop);
    EXPECT_TRUE(manifest.has_value()) << manifest.error().message;
    if (!manifest) return nullptr;
    OpenOptions open;
    open.bundle = options.bundle_dir;
    open.context_tokens = 128;
    auto session = openSession(open, nullptr, stop);
    EXPECT_TRUE(session.has_value()) << session.error().message;
    return session ? std::move(*session) : nullptr;
}

float largest(const std::vector<float>& row) {
    float most = 0;
    for (const float value : row) most = std::max(most, std::abs(value));
    return most;
}

std::vector<int32_t> greedy(Session& session, const std::vector<TokenId>& prompt, size_t count) {
    GenerateRequest request;
    request.raw_tokens = prompt;
    request.sampling.temperature = 0;
    request.max_tokens = static_cast<uint32_t>(count);
    request.exact = true;
    request.ignore_end = true;
    std::vector<int32_t> tokens;
    GenerateSink sink;
    sink.token = [&](const TokenEvent& event) { tokens.push_back(event.id.value()); };
    Controls controls;
    const auto summary = session.generate(request, sink, controls);
    EXPECT_TRUE(summary.has_value()) << summary.error().message;
    return tokens;
}

class GoldenCheckpointTest : public testing::TestWithParam<const char*> {};

TEST_P(GoldenCheckpointTest, LogitsAreThoseOfTransformers) {
    const std::string folder = std::string(SOURCE_DIR) + "/tests/golden/" + GetParam();
    const bool gguf = std::string(GetParam()) == "gguf";
    const json golden = readJson(folder + "/golden.json");
    const TempDir dir;
    const auto session = importAndOpen(dir, gguf ? folder + "/tiny.gguf" : folder);
    ASSERT_NE(session, nullptr);
    const auto tokens = tokenIds(golden["tokens"]);
    Controls controls;
    const auto logits = session->logits(tokens, true, controls);
    ASSERT_TRUE(logits.has_value()) << logits.error().message;
    for (size_t i = 0; i < golden["positions"].size(); ++i) {
        const auto position = golden["positions"][i].get<size_t>();
        const auto& row = (*logits)[position];
        const auto expected = golden["logits"][i].get<std::vector<float>>();
        ASSERT_EQ(row.size(), expected.size());
        const float allowed = kTolerance * largest(expected);
        for (size_t v = 0; v < row.size(); ++v) {
            ASSERT_NEAR(row[v], expected[v], allowed) << "position " << position << ", token " << v;
        }
    }
    if (golden.contains("greedy")) {
        const auto expected = golden["greedy"].get<std::vector<int32_t>>();
        EXPECT_EQ(greedy(*session, tokens, expected.size()), expected);
    }
}

INSTANTIATE_TEST_SUITE_P(Checkpoints, GoldenCheckpointTest,
                         testing::Values("opt", "falcon", "falcon-new", "llama-relu", "llama-silu",
                                         "llama-bf16", "gguf"),
                         [](const auto& checkpoint) {
                             std::string name = checkpoint.param;
                             std::ranges::replace(name, '-', '_');
                             return name;
                         });

TEST(GoldenStarterTest, LogitsAreThoseOfTransformers) {
    const char* path = std::getenv("GLOWWORM_STARTER_GGUF");
    if (path == nullptr) GTEST_SKIP() << "GLOWWORM_STARTER_GGUF names no file";
    const json golden = readJson(std::string(SOURCE_DIR) + "/tests/golden/starter/logits.json");
    const TempDir dir;
    const auto session = importAndOpen(dir, path);
    ASSERT_NE(session, nullptr);
    for (const json& test : golden["cases"]) {
        const auto tokens = tokenIds(test["tokens"]);
        Controls controls;
        const auto logits = session->logits(tokens, true, controls);
        ASSERT_TRUE(logits.has_value()) << logits.error().message;
        for (const json& at : test["positions"]) {
            const auto& row = (*logits)[at["position"].get<size_t>()];
            const float allowed = kTolerance * std::abs(at["max"].get<float>());
            for (size_t i = 0; i < at["ids"].size(); ++i) {
                const auto id = at["ids"][i].get<size_t>();
                ASSERT_NEAR(row[id], at["logits"][i].get<float>(), allowed)
                    << test["name"] << ", position " << at["position"] << ", token " << id;
            }
        }
        const auto expected = test["greedy"].get<std::vector<int32_t>>();
        EXPECT_EQ(greedy(*session, tokens, expected.size()), expected) << test["name"];
    }
}

}  // namespace
}  // namespace glowworm
