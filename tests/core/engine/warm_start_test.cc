// SPDX-License-Identifier: Apache-2.0
#include "core/engine/warm_start.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "core/engine/session.h"
#include "core/io/file.h"
#include "tests/support/model_parts.h"

namespace glowworm {
namespace {

WarmNeurons someWindow(const ModelConfig& config) {
    WarmNeurons neurons(config.layers);
    for (uint32_t l = 0; l < config.layers; ++l) {
        for (uint32_t n = 0; n < 10; ++n) neurons[l].emplace_back((n * 7 + l) % config.ff_width);
    }
    return neurons;
}

TEST(WindowFile, ComesBackAsItWas) {
    ModelParts parts(PartsOptions{});
    const std::string folder = parts.dir.file("windows");
    const WarmNeurons neurons = someWindow(parts.config);
    EXPECT_TRUE(readWindow(folder, parts.bundle.manifest()).empty());
    ASSERT_TRUE(writeWindow(folder, parts.bundle.manifest(), neurons));
    EXPECT_EQ(readWindow(folder, parts.bundle.manifest()), neurons);
    Manifest other = parts.bundle.manifest();
    other.hash[0] = other.hash[0] == 'a' ? 'b' : 'a';
    EXPECT_TRUE(readWindow(folder, other).empty());
    std::filesystem::copy_file(windowFile(folder, parts.bundle.manifest()),
                               windowFile(folder, other));
    EXPECT_TRUE(readWindow(folder, other).empty());
}

TEST(WindowFile, DamagedAnywhereItIsIgnored) {
    ModelParts parts(PartsOptions{});
    const Manifest& manifest = parts.bundle.manifest();
    const std::string folder = parts.dir.file("windows");
    ASSERT_TRUE(writeWindow(folder, manifest, someWindow(parts.config)));
    const std::string path = windowFile(folder, manifest);
    const std::string whole = readWholeFile(path, 1 << 20).value();
    for (size_t i = 0; i < whole.size(); ++i) {
        std::string damaged = whole;
        damaged[i] = static_cast<char>(damaged[i] ^ 0x10);
        std::ofstream(path) << damaged;
        EXPECT_TRUE(readWindow(folder, manifest).empty()) << i;
        std::ofstream(path) << whole.substr(0, i);
        EXPECT_TRUE(readWindow(folder, manifest).empty()) << i;
    }
    std::ofstream(path) << whole << whole;
    EXPECT_TRUE(readWindow(folder, manifest).empty());
}

TEST(WarmCache, ReadsWhatFitsAndTheFirstAreTheLastToLeave) {
    PartsOptions options;
    options.slots = 12;
    ModelParts parts(options);
    WarmNeurons neurons(parts.config.layers);
    for (auto& layer : neurons) {
        for (uint32_t n = 0; n < 30; ++n) layer.emplace_back(40 - n);  // 40 is the hottest
    }
    ASSERT_TRUE(warmCache(*parts.store, neurons, nullptr, parts.stop));
    const uint32_t quota = parts.cache.quota(LayerId(0));
    ASSERT_LT(quota, 30U);
    EXPECT_EQ(parts.cache.used(LayerId(0)), quota);
    for (uint32_t n = 0; n < quota; ++n) {
        const std::byte* record = parts.cache.find(LayerId(0), NeuronId(40 - n));
        ASSERT_NE(record, nullptr) << n;
        EXPECT_TRUE(parts.table.recordMatches(LayerId(0), NeuronId(40 - n), record));
    }
    // Newcomers push out the coldest: half the slots later the hottest half is still there.
    std::vector<NeuronId> newcomers;
    for (uint32_t n = 0; n < quota / 2; ++n) newcomers.emplace_back(41 + n);
    parts.store->beginToken();
    ASSERT_TRUE(parts.store->start(LayerId(0), newcomers));
    ASSERT_TRUE(parts.store->finish(parts.stop));
    parts.store->endLayer(LayerId(0));
    for (uint32_t n = 0; n < quota / 4; ++n) {
        EXPECT_TRUE(parts.cache.contains(LayerId(0), NeuronId(40 - n))) << n;
    }
    EXPECT_FALSE(parts.cache.contains(LayerId(0), NeuronId(40 - quota + 1)));
    // What was read for it is not told as a token's.
    TokenStats stats;
    parts.store->takeStats(stats);
    EXPECT_EQ(stats.misses, newcomers.size());
}

TEST(WarmCache, AStopOrAFailureLeavesNothingInFlight) {
    ModelParts parts(PartsOptions{});
    StopFlag stop;
    stop.request();
    const Status stopped = warmCache(*parts.store, someWindow(parts.config), nullptr, stop);
    ASSERT_FALSE(stopped);
    EXPECT_EQ(stopped.error().code, ErrorCode::kCancelled);
    EXPECT_EQ(parts.reader->inFlight(), 0U);
    ASSERT_TRUE(parts.run(someTokens(3)));
}

class WarmSessionTest : public testing::Test {
  protected:
    void SetUp() override {
        const auto manifest = writeTinyBundle(dir_.file("model"), {});
        ASSERT_TRUE(manifest) << manifest.error().message;
        options_.bundle = dir_.file("model");
        options_.context_tokens = 96;
        options_.threads = 2;
        const ModelInfo info = inspectBundle(options_.bundle, 96).value();
        options_.budget_bytes = (info.budget_bytes_min + info.budget_bytes_max) / 2;
        options_.window_folder = dir_.file("windows");
    }
    // The ids of an answer, and the hits of its first token beside the prompt's.
    std::vector<int32_t> answer(Session& session) {
        GenerateRequest request;
        request.raw_prompt = "a quick brown fox";
        request.sampling.temperature = 0;
        request.max_tokens = 30;
        request.ignore_end = true;
        std::vector<int32_t> ids;
        GenerateSink sink;
        sink.token = [&](const TokenEvent& event) { ids.push_back(event.id.value()); };
        Controls controls;
        summary_ = session.generate(request, sink, controls).value();
        return ids;
    }
    TempDir dir_;
    OpenOptions options_;
    GenerateSummary summary_;
};

TEST_F(WarmSessionTest, TheLastWindowIsThereAgainAndChangesNoToken) {
    std::vector<int32_t> cold_ids;
    uint64_t cold_bytes = 0;
    {
        const auto session = openSession(options_, nullptr, StopFlag()).value();
        EXPECT_EQ(session->memory().neuron_cache_used, 0U);  // this bundle has no calibration
        cold_ids = answer(*session);
        cold_bytes = summary_.prefill_read_bytes;
        ASSERT_TRUE(session->keepWindow());
    }
    const auto session = openSession(options_, nullptr, StopFlag()).value();
    EXPECT_GT(session->memory().neuron_cache_used, 0U);
    EXPECT_LE(session->memory().usedBytes(), options_.budget_bytes);
    EXPECT_EQ(answer(*session), cold_ids);
    EXPECT_LT(summary_.prefill_read_bytes, cold_bytes);
    options_.warm = false;
    EXPECT_EQ(openSession(options_, nullptr, StopFlag()).value()->memory().neuron_cache_used, 0U);
}

TEST_F(WarmSessionTest, FillingIsPartOfTheLoadAndCanBeStopped) {
    {
        const auto session = openSession(options_, nullptr, StopFlag()).value();
        answer(*session);
        ASSERT_TRUE(session->keepWindow());
    }
    StopFlag stop;
    const auto progress = [&](const Progress& p) {
        if (p.stage == "filling the neuron cache") stop.request();
    };
    const auto session = openSession(options_, progress, stop);
    ASSERT_FALSE(session);
    EXPECT_EQ(session.error().code, ErrorCode::kCancelled);
}

}  // namespace
}  // namespace glowworm
