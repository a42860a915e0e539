// SPDX-License-Identifier: Apache-2.0
// A whole session with everything on, prefetch too, over a flash that fails, delays, disorders and
// cuts reads short: what is said is right, or an error, and the session goes on.
#include <gtest/gtest.h>

#include "core/bundle/bundle_writer.h"
#include "core/engine/model_session.h"
#include "core/engine/model_info.h"
#include "core/train/calibration.h"
#include "tests/support/fault_reader.h"
#include "tests/support/temp_dir.h"
#include "tests/support/tiny_model.h"

namespace glowworm {
namespace {

constexpr uint32_t kTokens = 12;

struct Answer {
    Status status;
    std::vector<int32_t> tokens;
    uint64_t prefetch_bytes = 0, read_bytes = 0;
};

class FaultyFlash : public testing::Test {
  protected:
    void SetUp() override {
        options_.bundle = dir_.file("model");
        options_.context_tokens = 64;
        options_.threads = 1;
        options_.reader = ReaderChoice::kMemory;
        TinyModelOptions model;
        model.activation = FfnActivation::kRelu;
        model.ff_width = 512;
        auto manifest = writeTinyBundle(options_.bundle, model);
        ASSERT_TRUE(manifest) << manifest.error().message;
        CalibrationOptions calibration;
        calibration.text = "the quick brown fox jumps over the lazy dog and 1234567890 more";
        const auto entry = makePredictor(options_.bundle, calibration, nullptr, StopFlag());
        ASSERT_TRUE(entry) << entry.error().message;
        manifest->predictors = {entry->predictor};
        ASSERT_TRUE(writeManifest(options_.bundle, *manifest));
        const ModelInfo info = inspectBundle(options_.bundle, options_.context_tokens).value();
        budget_ = info.budget_bytes_min + (info.budget_bytes_max - info.budget_bytes_min) / 4 * 3;
        options_.budget_bytes = budget_;
        options_.techniques.look_ahead = true;  // both guesses
    }
    // The session that open makes, with a fault reader in front of its own.
    std::unique_ptr<ModelSession> open(const FaultPlan& plan) {
        auto sound = openModelSession(options_, nullptr, StopFlag()).value();
        OpenedModel model = std::move(sound->model());
        sound.reset();
        model.reader = faultReader(std::move(model.reader), plan);
        auto session =
            std::make_unique<ModelSession>(std::move(model), options_, budget_, steadyClock());
        EXPECT_TRUE(session->start());
        return session;
    }
    static Answer ask(ModelSession& session) {
        GenerateRequest request;
        request.raw_prompt = "once upon";
        request.sampling.temperature = 0;
        request.max_tokens = kTokens;
        request.ignore_end = true;
        Answer answer;
        GenerateSink sink;
        sink.token = [&](const TokenEvent& event) {
            answer.tokens.push_back(event.id.value());
            answer.prefetch_bytes += event.stats.prefetch_bytes;
            answer.read_bytes += event.stats.read_bytes;
        };
        Controls controls;
        const auto said = session.generate(request, sink, controls);
        if (!said) answer.status = std::unexpected(said.error());
        return answer;
    }

    TempDir dir_;
    OpenOptions options_;
    uint64_t budget_ = 0;
};

TEST_F(FaultyFlash, ShortReadsNeverGiveAWrongToken) {
    const Answer right = ask(*open({}));
    ASSERT_TRUE(right.status) << right.status.error().message;
    ASSERT_EQ(right.tokens.size(), kTokens);
    ASSERT_GT(right.prefetch_bytes, 0U);
    int errors = 0, answers = 0;
    for (uint64_t seed = 1; seed <= 12; ++seed) {
        const auto session = open({.seed = seed, .shuffle = true, .delay_share = 0.2,
                                   .fail_share = seed % 2 == 0 ? 0.002 : 0,
                                   .short_share = seed % 4 < 2 ? 0.002 : 0.02});
        for (int round = 0; round < 3; ++round) {
            const Answer answer = ask(*session);
            EXPECT_EQ(session->model().reader->inFlight(), 0U);
            ++(answer.status ? answers : errors);
            if (answer.status) {
                EXPECT_EQ(answer.tokens, right.tokens) << "seed " << seed;
                continue;
            }
            EXPECT_TRUE(std::equal(answer.tokens.begin(), answer.tokens.end(),
                                   right.tokens.begin())) << "seed " << seed;
            const ErrorCode code = answer.status.error().code;
            EXPECT_TRUE(code == ErrorCode::kInvalidFile ||
                        (code == ErrorCode::kIo && seed % 2 == 0));
            session->reset();
        }
    }
    EXPECT_GT(errors, 0);
    EXPECT_GT(answers, 0);
}

}  // namespace
}  // namespace glowworm
