// SPDX-License-Identifier: Apache-2.0
// The curve that a running session draws.
#include "core/engine/working_set_curve.h"

#include <gtest/gtest.h>

#include "core/engine/session.h"
#include "tests/support/temp_dir.h"
#include "tests/support/tiny_model.h"

namespace glowworm {
namespace {

struct Answer {
    std::unique_ptr<Session> session;
    std::vector<TokenStats> stats;
};

Answer generate(const std::string& bundle, uint64_t budget, bool exact = false) {
    OpenOptions options;
    options.bundle = bundle;
    options.budget_bytes = budget;
    options.context_tokens = 256;
    options.threads = 2;
    Answer answer;
    answer.session = openSession(options, nullptr, StopFlag()).value();
    GenerateRequest request;
    request.raw_prompt = "a quick brown fox";
    request.sampling.temperature = 0;
    request.max_tokens = 160;
    request.ignore_end = true;
    request.exact = exact;
    GenerateSink sink;
    sink.token = [&](const TokenEvent& event) { answer.stats.push_back(event.stats); };
    Controls controls;
    EXPECT_TRUE(answer.session->generate(request, sink, controls).has_value());
    return answer;
}

double hitRate(const std::vector<TokenStats>& stats) {
    double hits = 0;
    double all = 0;
    for (size_t t = stats.size() / 3; t < stats.size(); ++t) {
        hits += static_cast<double>(stats[t].hits);
        all += static_cast<double>(stats[t].hits + stats[t].misses);
    }
    return hits / all;
}

class WorkingSetCurveTest : public testing::Test {
  protected:
    void SetUp() override {
        bundle_ = dir_.file("model");
        const auto manifest = writeTinyBundle(bundle_, {});
        ASSERT_TRUE(manifest) << manifest.error().message;
    }
    TempDir dir_;
    std::string bundle_;
};

TEST_F(WorkingSetCurveTest, RunsFromTheSmallestBudgetToTheWholeModel) {
    const Answer answer = generate(bundle_, 0);
    const WorkingSetCurve curve = answer.session->curve();
    ASSERT_GT(curve.points.size(), 2U);
    EXPECT_EQ(curve.tokens, answer.stats.size() - 1);  // the first comes from the prompt
    EXPECT_EQ(curve.points.front().budget_bytes, answer.session->info().budget_bytes_min);
    EXPECT_EQ(curve.points.back().budget_bytes, answer.session->info().budget_bytes_max);
    EXPECT_EQ(curve.points.back().hit_rate, 1);
    EXPECT_EQ(curve.points.back().read_bytes, 0);
    EXPECT_NEAR(curve.points.back().predicted_ms, curve.compute_ms, 1e-9);
    for (size_t i = 1; i < curve.points.size(); ++i) {
        EXPECT_GT(curve.points[i].budget_bytes, curve.points[i - 1].budget_bytes);
        EXPECT_GE(curve.points[i].hit_rate, curve.points[i - 1].hit_rate - 0.02);
        EXPECT_GE(curve.points[i].predicted_ms, curve.compute_ms);
    }
}

TEST_F(WorkingSetCurveTest, OneRunForetellsTheHitsOfOtherBudgets) {
    const Answer whole = generate(bundle_, 0);
    const WorkingSetCurve curve = whole.session->curve();
    const uint64_t least = whole.session->info().budget_bytes_min;
    const uint64_t range = whole.session->info().budget_bytes_max - least;
    for (const uint64_t part : {1U, 2U, 3U}) {
        const uint64_t budget = least + range * part / 4;
        const Answer answer = generate(bundle_, budget);
        EXPECT_NEAR(curve.at(budget).hit_rate, hitRate(answer.stats), 0.08) << part;
        // The active sets are the same at any budget, so the histogram is too.
        EXPECT_NEAR(answer.session->curve().at(budget).hit_rate, curve.at(budget).hit_rate, 1e-9);
    }
}

TEST_F(WorkingSetCurveTest, ExactTokensHaveNoActiveSetsAndDrawNoCurve) {
    const Answer answer = generate(bundle_, 0, true);
    EXPECT_EQ(answer.session->curve().tokens, 0U);
    EXPECT_TRUE(answer.session->curve().points.empty());
}

TEST(WorkingSetCurveAt, LiesBetweenTheNeighbouringPoints) {
    const WorkingSetCurve curve{.points = {{.budget_bytes = 100, .hit_rate = 0.2,
                                            .predicted_ms = 8},
                                           {.budget_bytes = 200, .hit_rate = 0.6,
                                            .predicted_ms = 4}},
                                .tokens = 1};
    EXPECT_DOUBLE_EQ(curve.at(150).hit_rate, 0.4);
    EXPECT_DOUBLE_EQ(curve.at(175).predicted_ms, 5);
    EXPECT_EQ(curve.at(1).predicted_ms, 8);
    EXPECT_EQ(curve.at(1000).predicted_ms, 4);
}

}  // namespace
}  // namespace glowworm
