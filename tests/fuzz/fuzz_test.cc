// SPDX-License-Identifier: Apache-2.0
// A few hundred seeded mutations of good files for each fuzz target: passing means no crash.
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <random>

#include "tests/fuzz/fuzz_target.h"
#include "tests/support/damage.h"
#include "tests/support/temp_dir.h"
#include "tests/support/tiny_model.h"

void fuzzManifest(std::string_view bytes);
void fuzzGguf(std::string_view bytes);
void fuzzSafetensors(std::string_view bytes);
void fuzzHfConfig(std::string_view bytes);
void fuzzTokenizerJson(std::string_view bytes);

namespace glowworm {
namespace {

const std::string kGolden = SOURCE_DIR "/tests/golden/";

// Flips, cuts, doubles and overwrites; the first `reach` bytes are where the structure is.
std::string mutated(std::string bytes, size_t reach, std::mt19937_64& random) {
    for (uint64_t edits = 1 + random() % 4; edits > 0 && !bytes.empty(); --edits) {
        const size_t at = random() % std::min(bytes.size(), reach);
        switch (random() % 5) {
            case 0:
                bytes[at] = static_cast<char>(bytes[at] ^ (1 << (random() % 8)));
                break;
            case 1:
                bytes[at] = static_cast<char>(random());
                break;
            case 2:
                bytes.resize(at);
                break;
            case 3:
                bytes.insert(at, bytes.substr(at, random() % 16));
                break;
            default:
                bytes.replace(at, std::min<size_t>(8, bytes.size() - at), 8, '\xFF');
                break;
        }
    }
    return bytes;
}

void run(const std::function<void(std::string_view)>& target, const std::string& seed, size_t reach,
         int rounds) {
    std::mt19937_64 random(42);
    target("");
    target(seed);
    for (int i = 0; i < rounds; ++i) target(mutated(seed, reach, random));
}

TEST(Fuzz, Manifest) {
    const TempDir temp;
    TinyModelOptions options;
    options.layers = 1;
    ASSERT_TRUE(writeTinyBundle(temp.file("m"), options));
    run(fuzzManifest, readText(temp.file("m/manifest.json")), 1 << 20, 400);
}

TEST(Fuzz, Gguf) { run(fuzzGguf, readText(kGolden + "gguf/tiny.gguf"), 14000, 300); }

TEST(Fuzz, Safetensors) {
    run(fuzzSafetensors, readText(kGolden + "llama-bf16/model.safetensors"), 2500, 300);
}

TEST(Fuzz, HfConfig) {
    for (const char* name : {"opt", "falcon", "llama-silu"})
        run(fuzzHfConfig, readText(kGolden + name + "/config.json"), 1 << 20, 200);
}

TEST(Fuzz, TokenizerJson) {
    for (const char* name : {"opt", "llama-relu"})
        run(fuzzTokenizerJson, readText(kGolden + name + "/tokenizer.json"), 1 << 20, 100);
}

}  // namespace
}  // namespace glowworm
