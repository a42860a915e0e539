// SPDX-License-Identifier: Apache-2.0
#include "core/bundle/manifest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "core/bundle/bundle_writer.h"
#include "core/bundle/manifest_json.h"
#include "tests/support/temp_dir.h"
#include "tests/support/tiny_model.h"

namespace glowworm {
namespace {

using testing::HasSubstr;

Manifest makeManifest(const TinyModelOptions& options) {
    const TempDir temp;
    Manifest manifest = writeTinyBundle(temp.file("tiny"), options).value();
    PredictorEntry predictor;
    predictor.kind = "low-rank";
    predictor.file = "predictor-low-rank.bin";
    predictor.bytes = 10;
    predictor.checksum = 0xFEDCBA9876543210;
    predictor.layers.resize(options.layers);
    predictor.layers[1] = {0.1F, -3e-9F, 0.5F, 0.25F, 0.99F, 0.01F, 0.3F};
    manifest.predictors.push_back(predictor);
    return manifest;
}

const Manifest& tinyManifest() {
    static const Manifest manifest = makeManifest({});
    return manifest;
}

// The manifest's JSON with one edit, its checksum made right again.
std::string edited(const std::function<void(nlohmann::json&)>& edit) {
    nlohmann::json object = nlohmann::json::parse(manifestToJson(tinyManifest()));
    edit(object);
    object["checksum"] = manifest_json::textChecksum(object);
    return object.dump();
}

void expectFault(const std::string& json, const std::string& part) {
    const auto manifest = manifestFromJson(json, "some/manifest.json");
    ASSERT_FALSE(manifest) << "expected a fault of " << part;
    EXPECT_THAT(manifest.error().message, HasSubstr("some/manifest.json"));
    EXPECT_THAT(manifest.error().message, HasSubstr(part));
}

TEST(Manifest, SurvivesTheRoundTrip) {
    for (const auto architecture :
         {Architecture::kLlama, Architecture::kOpt, Architecture::kFalcon}) {
        TinyModelOptions options;
        options.architecture = architecture;
        const std::string text = manifestToJson(makeManifest(options));
        const auto manifest = manifestFromJson(text, "m");
        ASSERT_TRUE(manifest) << manifest.error().message;
        EXPECT_EQ(manifestToJson(*manifest), text);
        EXPECT_EQ(manifest->predictors[0].layers[1].contribution_threshold, -3e-9F);
        EXPECT_EQ(manifest->predictors[0].checksum, 0xFEDCBA9876543210);
        EXPECT_EQ(manifest->config.architecture, architecture);
    }
}

TEST(Manifest, FlippedBitsAreNoticed) {
    const std::string text = manifestToJson(tinyManifest());
    size_t harmless = 0;
    for (size_t bit = 3; bit < text.size() * 8; bit += 29) {
        std::string damaged = text;
        damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
        const auto manifest = manifestFromJson(damaged, "m");
        // Only white space and unknown spellings of the same value may pass, meaning the same.
        if (!manifest) continue;
        EXPECT_EQ(manifestToJson(*manifest), text) << "bit " << bit;
        ++harmless;
    }
    EXPECT_LT(harmless, text.size() / 10);
}

TEST(Manifest, EveryTruncationIsNoticed) {
    const std::string text = manifestToJson(tinyManifest());
    for (size_t length = 0; length + 1 < text.size(); length += 97)
        EXPECT_FALSE(manifestFromJson(text.substr(0, length), "m")) << length;
}

TEST(Manifest, HeaderFaultsAreNamed) {
    expectFault("{}", "not the manifest");
    expectFault("[1, 2]", "not the manifest");
    expectFault("not json", "not valid JSON");
    expectFault(std::string(100000, '['), "nested too deep");
    expectFault(edited([](auto& j) { j["version"] = 0; }), "version");
    const auto newer = manifestFromJson(edited([](auto& j) { j["version"] = 3; }), "m");
    ASSERT_FALSE(newer);
    EXPECT_EQ(newer.error().code, ErrorCode::kUnsupported);
    nlohmann::json object = nlohmann::json::parse(manifestToJson(tinyManifest()));
    object["name"] = "other";
    expectFault(object.dump(), "checksum does not match");
}

TEST(Manifest, HostileFieldsAreNamed) {
    const auto config = [](const char* field, const nlohmann::json& value) {
        return edited([&](auto& j) { j["config"][field] = value; });
    };
    expectFault(config("layers", 0), "layers");
    expectFault(config("layers", 4294967296), "config.layers");
    expectFault(config("layers", -1), "config.layers");
    expectFault(config("layers", 1.5), "config.layers");
    expectFault(config("layers", nullptr), "config.layers");
    expectFault(config("hidden", 1 << 20), "hidden");
    expectFault(config("heads", 3), "kv_heads");
    expectFault(config("norm", "none"), "config.norm");
    expectFault(config("gated", 1), "config.gated");
    expectFault(config("rope_base", 0), "rope_base");
    expectFault(config("two_norms", false), "norm");
    expectFault(edited([](auto& j) { j["config"].erase("ff_width"); }), "ff_width");
    expectFault(edited([](auto& j) { j["config"] = 3; }), "config");
    expectFault(edited([](auto& j) { j["resident"]["tensors"] = "none"; }), "tensors");
    expectFault(edited([](auto& j) { j["resident"]["tensors"][0]["dtype"] = "q9"; }), "q9");
    expectFault(edited([](auto& j) { j["resident"]["tensors"][0]["shape"] = {1, 2, 3}; }), "shape");
    expectFault(edited([](auto& j) { j["neurons"]["layers"][0]["checksum"] = "zz"; }), "checksum");
}

// Struct-level faults: what checkManifest alone can see.
void expectCheckFault(const std::function<void(Manifest&)>& edit, const std::string& part) {
    Manifest manifest = tinyManifest();
    edit(manifest);
    manifest.hash = weightsHash(manifest);
    const Status status = checkManifest(manifest, "m");
    ASSERT_FALSE(status) << "expected a fault of " << part;
    EXPECT_THAT(status.error().message, HasSubstr(part));
}

TEST(Manifest, TensorsMustFitTheFileAndTheConfig) {
    expectCheckFault([](Manifest& m) { m.tensors[1].offset = m.tensors[0].offset; }, "overlaps");
    expectCheckFault([](Manifest& m) { m.tensors[1].offset += 4; }, "aligned");
    expectCheckFault([](Manifest& m) { m.tensors.back().offset = ~uint64_t{63}; }, "past the end");
    expectCheckFault([](Manifest& m) { m.tensors[0].bytes = ~uint64_t{0}; }, "past the end");
    expectCheckFault([](Manifest& m) { m.tensors[0].bytes -= 64; }, "size");
    expectCheckFault([](Manifest& m) { m.tensors[0].shape[0] = 5; }, "shape");
    expectCheckFault([](Manifest& m) { m.tensors[0].dtype = Dtype::kQ6_K; }, "not computed with");
    expectCheckFault([](Manifest& m) { m.tensors[0].name = "extra"; }, "does not belong");
    expectCheckFault([](Manifest& m) { m.tensors.pop_back(); }, "is missing");
    expectCheckFault([](Manifest& m) { m.resident_bytes += 1; }, "4096");
    expectCheckFault([](Manifest& m) { m.resident_bytes = 0; }, "4096");
}

TEST(Manifest, RecordsMustFitTheFileAndTheConfig) {
    expectCheckFault([](Manifest& m) { m.record.stride = 0; }, "stride");
    expectCheckFault([](Manifest& m) { m.record.stride += 4; }, "stride");
    expectCheckFault([](Manifest& m) { m.record.gate.offset = 0; }, "overlaps");
    expectCheckFault([](Manifest& m) { m.record.gate.bytes = 8; }, "not one row's");
    expectCheckFault([](Manifest& m) { m.record.down.offset = 0xFFFFFFFC; }, "stride");
    expectCheckFault([](Manifest& m) { m.record.up.bytes = 0; }, "is missing");
    expectCheckFault([](Manifest& m) { m.config.gated = false; }, "not gated");
    expectCheckFault([](Manifest& m) { m.extents.pop_back(); }, "one entry a layer");
    expectCheckFault([](Manifest& m) { m.extents[1].offset = 0; }, "overlap");
    expectCheckFault([](Manifest& m) { m.extents[1].offset = ~uint64_t{4095}; }, "past the end");
    expectCheckFault([](Manifest& m) { m.extents[0].neurons = 1; }, "ff_width");
    expectCheckFault([](Manifest& m) { m.neurons_bytes -= 4096; }, "past the end");
}

TEST(Manifest, PredictorsMustFollowFromTheirKind) {
    const auto first = [](const std::function<void(PredictorEntry&)>& edit) {
        return [edit](Manifest& m) { edit(m.predictors[0]); };
    };
    expectCheckFault(first([](PredictorEntry& p) { p.kind = "../up"; }), "plain word");
    expectCheckFault(first([](PredictorEntry& p) { p.file = "../../etc/passwd"; }), "file");
    expectCheckFault(first([](PredictorEntry& p) { p.bytes = 0; }), "size");
    expectCheckFault(first([](PredictorEntry& p) { p.layers.pop_back(); }), "one entry a layer");
    expectCheckFault(first([](PredictorEntry& p) { p.layers[0].recall = 1.5F; }), "outside 0..1");
    expectCheckFault(first([](PredictorEntry& p) { p.layers[0].threshold = NAN; }), "no number");
    expectCheckFault([](Manifest& m) { m.predictors.push_back(m.predictors[0]); }, "twice");
}

TEST(Manifest, HashNamesTheWeightsAlone) {
    Manifest manifest = tinyManifest();
    const std::string hash = weightsHash(manifest);
    manifest.name = "another";
    manifest.predictors.clear();
    EXPECT_EQ(weightsHash(manifest), hash);
    manifest.extents[0].checksum ^= 1;
    EXPECT_NE(weightsHash(manifest), hash);
    EXPECT_FALSE(checkManifest(manifest, "m"));
}

}  // namespace
}  // namespace glowworm
