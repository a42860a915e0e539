// SPDX-License-Identifier: Apache-2.0
// Planted statistics, seen through the real engine on shapes small enough for a test.
#include "core/import/synthetic_model.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "core/engine/session.h"
#include "core/io/file.h"
#include "tests/support/temp_dir.h"

namespace glowworm {
namespace {

using testing::HasSubstr;

SyntheticShape small(const std::string& name) {
    SyntheticShape shape = syntheticShape(name).value();
    ModelConfig& c = shape.config;
    c.layers = 2;
    c.hidden = 512;
    c.ff_width = 1024;
    c.heads = 8;
    c.kv_heads = c.architecture == Architecture::kFalcon ? 1 : 8;
    c.head_dim = 64;
    c.vocabulary = 1000;
    c.context_max = 128;
    return shape;
}

class Synthetic : public testing::Test {
  protected:
    Manifest write(const SyntheticShape& shape, const std::string& name, Dtype dtype,
                   size_t threads = 2, uint32_t shadow_bits = 0) {
        const SyntheticOptions options{dtype, threads, 1, shadow_bits};
        StopFlag stop;
        const auto manifest = writeSynthetic(dir.file(name), shape, options, nullptr, stop);
        EXPECT_TRUE(manifest) << manifest.error().message;
        return *manifest;
    }
    // Greedy tokens with all figures added up.
    TokenStats run(const std::string& name, bool exact) {
        OpenOptions options;
        options.bundle = dir.file(name);
        options.context_tokens = 128;
        StopFlag stop;
        const auto session = openSession(options, nullptr, stop);
        EXPECT_TRUE(session) << session.error().message;
        GenerateRequest request;
        request.raw_prompt = "ba";
        request.sampling.temperature = 0;
        request.max_tokens = 60;
        request.ignore_end = true;
        request.exact = exact;
        TokenStats sum;
        GenerateSink sink;
        sink.token = [&](const TokenEvent& event) {
            sum.active_neurons += event.stats.active_neurons;
            sum.fired_neurons += event.stats.fired_neurons;
            sum.total_neurons += event.stats.total_neurons;
            ids.push_back(event.id);
        };
        Controls controls;
        EXPECT_TRUE((*session)->generate(request, sink, controls));
        return sum;
    }
    static double share(uint64_t part, const TokenStats& sum) {
        return static_cast<double>(part) / static_cast<double>(sum.total_neurons);
    }
    TempDir dir;
    std::vector<TokenId> ids;
};

TEST_F(Synthetic, FiresAsPlantedAndIsForeseen) {
    for (const char* name : {"opt-1.3b", "falcon-7b", "relu-llama-1b"}) {
        const SyntheticShape shape = small(name);
        const Manifest manifest = write(shape, name, Dtype::kF16);
        const TokenStats exact = run(name, true), sparse = run(name, false);
        const double planted = 1 - static_cast<double>(shape.zero_share);
        EXPECT_NEAR(share(exact.fired_neurons, exact) / planted, 1, 0.35) << name;
        // 95 % of what fires is found among far fewer than all.
        EXPECT_GT(share(sparse.fired_neurons, sparse), 0.85 * share(exact.fired_neurons, exact));
        double foretold = 0;
        for (const LayerCalibration& layer : manifest.predictors.at(0).layers) {
            foretold += static_cast<double>(layer.active_share) / shape.config.layers;
        }
        EXPECT_NEAR(share(sparse.active_neurons, sparse) / foretold, 1, 0.35) << name;
    }
}

TEST_F(Synthetic, SiluReadsTheShareThatMatters) {
    const SyntheticShape shape = small("silu-llama-1b");
    const Manifest manifest = write(shape, "silu", Dtype::kQ8_0);
    EXPECT_EQ(manifest.predictors.at(0).kind, "sketch");
    const TokenStats sparse = run("silu", false);
    EXPECT_NEAR(share(sparse.active_neurons, sparse), 0.1, 0.04);
}

TEST_F(Synthetic, AShadowReadsTheShareAndCountsAsItIs) {
    const SyntheticShape shape = small("silu-llama-1b");
    const Manifest manifest = write(shape, "shadow", Dtype::kF16, 2, 3);
    ASSERT_EQ(manifest.predictors.at(0).kind, "shadow-3");
    // Three matrices of 3.25 bits a weight, and the lines.
    const double weights = 3.0 * 1024 * 512 * 2;
    EXPECT_NEAR(static_cast<double>(manifest.predictors[0].bytes) / (weights * 3.25 / 8), 1, 0.02);
    const TokenStats sparse = run("shadow", false);
    EXPECT_NEAR(share(sparse.active_neurons, sparse), 0.1, 0.04);
    const auto told = static_cast<double>(syntheticBytes(shape, Dtype::kF16, 3));
    const auto is = static_cast<double>(manifest.neurons_bytes + manifest.resident_bytes +
                                        manifest.predictors[0].bytes);
    EXPECT_NEAR(told / is, 1, 0.02);
}

TEST_F(Synthetic, OnlyModelsWithoutReluHaveShadows) {
    StopFlag stop;
    SyntheticOptions options;
    options.shadow_bits = 3;
    const auto relu = writeSynthetic(dir.file("r"), small("opt-1.3b"), options, nullptr, stop);
    ASSERT_FALSE(relu);
    EXPECT_THAT(relu.error().message, HasSubstr("has ReLU"));
    options.shadow_bits = 7;
    const auto seven = writeSynthetic(dir.file("r"), small("silu-llama-1b"), options, nullptr,
                                      stop);
    ASSERT_FALSE(seven);
    EXPECT_THAT(seven.error().message, HasSubstr("not 7"));
}

TEST_F(Synthetic, WordsWalkAlongTheDrift) {
    const Manifest manifest = write(small("relu-llama-1b"), "m", Dtype::kQ4_0);
    EXPECT_TRUE(manifest.synthetic);
    EXPECT_THAT(manifest.source_name, HasSubstr("not trained"));
    run("m", true);
    for (size_t i = 10; i < ids.size(); ++i) {
        EXPECT_EQ(ids[i].value(), ids[i - 1].value() + 1) << i;
    }
}

TEST_F(Synthetic, SameBytesWithAnyNumberOfThreadsAndNoHoles) {
    const SyntheticShape shape = small("opt-1.3b");
    const Manifest one = write(shape, "one", Dtype::kQ8_0, 1);
    const Manifest two = write(shape, "two", Dtype::kQ8_0, 2);
    EXPECT_EQ(one.hash, two.hash);
    struct stat info{};
    ASSERT_EQ(stat((dir.file("one") + "/neurons.bin").c_str(), &info), 0);
    EXPECT_GE(static_cast<uint64_t>(info.st_blocks) * 512, one.neurons_bytes);
    const auto told = static_cast<double>(syntheticBytes(shape, Dtype::kQ8_0));
    EXPECT_NEAR(told / static_cast<double>(one.neurons_bytes + one.resident_bytes), 1.1, 0.1);
}

TEST_F(Synthetic, RefusesWhatItCannotMake) {
    const auto unknown = syntheticShape("gpt-9");
    ASSERT_FALSE(unknown);
    EXPECT_THAT(unknown.error().message, HasSubstr("opt-6.7b"));
    SyntheticShape huge = syntheticShape("opt-30b").value();
    huge.config.layers = 100000;
    StopFlag stop;
    const auto full = writeSynthetic(dir.file("huge"), huge, {}, nullptr, stop);
    ASSERT_FALSE(full);
    EXPECT_EQ(full.error().code, ErrorCode::kNoSpace);
    stop.request();
    const auto stopped = writeSynthetic(dir.file("s"), small("opt-1.3b"), {}, nullptr, stop);
    ASSERT_FALSE(stopped);
    EXPECT_EQ(stopped.error().code, ErrorCode::kCancelled);
    EXPECT_FALSE(readWholeFile(dir.file("s") + ".partial/manifest.json", 1 << 20));
}

}  // namespace
}  // namespace glowworm
