// SPDX-License-Identifier: Apache-2.0
// Thousands of tokens with the budget moved again and again: the count stays below the ceiling, the
// process does not grow, and the words stay the same.
#include <gtest/gtest.h>

#include <fstream>

#include "core/bundle/bundle_writer.h"
#include "core/engine/session.h"
#include "core/train/calibration.h"
#include "tests/support/temp_dir.h"
#include "tests/support/tiny_model.h"

namespace glowworm {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int kAnswers = 10;
constexpr bool kMemoryIsOurs = false;  // a sanitizer keeps freed memory for itself
#else
constexpr int kAnswers = 200;
constexpr bool kMemoryIsOurs = true;
#endif
constexpr int kWarmUp = kAnswers / 10;
constexpr uint32_t kTokens = 100;  // of each answer

uint64_t residentBytes() {
    std::ifstream file("/proc/self/statm");
    uint64_t size = 0, resident = 0;
    file >> size >> resident;
    return resident * 4096;
}

void writeCalibrated(const std::string& folder) {
    TinyModelOptions model;
    model.activation = FfnActivation::kRelu;
    model.ff_width = 512;
    auto manifest = writeTinyBundle(folder, model);
    ASSERT_TRUE(manifest) << manifest.error().message;
    CalibrationOptions calibration;
    calibration.text = "the quick brown fox jumps over the lazy dog and 1234567890 more";
    const auto entry = makePredictor(folder, calibration, nullptr, StopFlag());
    ASSERT_TRUE(entry) << entry.error().message;
    manifest->predictors = {entry->predictor};
    ASSERT_TRUE(writeManifest(folder, *manifest));
}

TEST(LongRun, MovingBudgetsKeepTheCeilingAndTheProcessDoesNotGrow) {
    TempDir dir;
    OpenOptions options;
    options.bundle = dir.file("model");
    options.context_tokens = 128;
    options.threads = 1;
    ASSERT_NO_FATAL_FAILURE(writeCalibrated(options.bundle));
    auto session = openSession(options, nullptr, StopFlag()).value();
    const uint64_t least = session->info().budget_bytes_min;
    const uint64_t range = session->info().budget_bytes_max - least;
    GenerateRequest request;
    request.raw_prompt = "once upon";
    request.sampling.temperature = 0;
    request.max_tokens = kTokens;
    request.ignore_end = true;
    Controls controls;
    uint64_t tokens = 0, above = 0, after_warm_up = 0;
    GenerateSink sink;
    sink.token = [&](const TokenEvent& event) {
        ++tokens;
        above += event.stats.memory_bytes > event.stats.budget_bytes;
    };
    std::string first;
    for (int i = 0; i < kAnswers; ++i) {
        controls.budget_bytes = least + range * static_cast<uint64_t>(i * 7 % 11) / 10;
        controls.window_tokens = i % 3 == 0 ? kWindowAuto : static_cast<uint32_t>(i % 5 + 1);
        if (i % 4 == 0) session->reset();
        const auto summary = session->generate(request, sink, controls);
        ASSERT_TRUE(summary) << summary.error().message;
        if (first.empty()) first = summary->text;
        EXPECT_EQ(summary->text, first);
        // The largest budget has been used by then.
        if (i == std::max(kWarmUp, 11)) after_warm_up = residentBytes();
    }
    EXPECT_EQ(tokens, uint64_t{kAnswers} * kTokens);
    EXPECT_EQ(above, 0U);
    if (kMemoryIsOurs) {
        EXPECT_LT(residentBytes(), after_warm_up + range + (1U << 20));
    }
}

}  // namespace
}  // namespace glowworm
