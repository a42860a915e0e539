// SPDX-License-Identifier: Apache-2.0
// calibrate: what is asked of the engine, and what is told of its report.
#include <gmock/gmock.h>

#include <fstream>

#include <nlohmann/json.hpp>

#include "tests/app/cli/fakecli.h"

namespace glowworm {

namespace {

using nlohmann::json;
using testing::HasSubstr;

class Calibrate : public testing::Test {
  protected:
    Calibrate() {
        cli.installBundle("m");
        std::ofstream(text) << "a text";
        cli.environment().calibrate = [this](const std::string& bundle, const TrainOptions& options,
                                             const ProgressSink&,
                                             const StopFlag&) -> Result<TrainReport> {
            if (!answer) return std::unexpected(answer.error());
            asked = options;
            EXPECT_THAT(bundle, HasSubstr("/models/m"));
            TrainReport report;
            report.kind = "low-rank";
            report.tokens = 5000;
            report.ordered = options.order;
            report.layers = {{64, "q4_0", 47104, true, 0.95, 0.8, 0.05, 0.1, 0.2, 0.8}};
            report.perplexity_exact = 10;
            report.before.perplexity = 11;
            report.after.perplexity = 10.1;
            return report;
        };
    }
    TempDir files;
    FakeCli cli;
    std::string text = files.file("text.txt");
    TrainOptions asked;
    Status answer;
};

TEST_F(Calibrate, TellsLayersAndEffect) {
    EXPECT_EQ(cli.run({"calibrate", "m", "--text", text}), 0) << cli.err();
    EXPECT_EQ(asked.text, "a text");
    EXPECT_EQ(asked.recall, 0.95);
    EXPECT_EQ(asked.rank, 0U);
    EXPECT_FALSE(asked.order);
    EXPECT_THAT(cli.out(), HasSubstr("64 q4_0"));
    EXPECT_THAT(cli.out(), HasSubstr("5.00 %"));
    EXPECT_THAT(cli.out(), HasSubstr("perplexity 10.100 (+1.00 % of exact)"));
}

TEST_F(Calibrate, TakesItsOptionsAndAnswersPrograms) {
    EXPECT_EQ(cli.run({"calibrate", "m", "--text", text, "--recall", "0.98", "--rank", "96",
                       "--minutes", "2.5", "--tokens", "999", "--order", "--json"}),
              0);
    EXPECT_EQ(asked.recall, 0.98);
    EXPECT_EQ(asked.rank, 96U);
    EXPECT_EQ(asked.minutes, 2.5);
    EXPECT_EQ(asked.tokens_max, 999U);
    const json told = json::parse(cli.out());
    EXPECT_EQ(told["layers"][0]["false_positives_svd"], 0.1);
    EXPECT_EQ(told["after"]["perplexity"], 10.1);
    EXPECT_EQ(told["ordered"], true);
}

TEST_F(Calibrate, SaysWhatIsWrong) {
    EXPECT_EQ(cli.run({"calibrate", "m"}), 2);
    EXPECT_EQ(cli.run({"calibrate", "m", "--text", text, "--recall", "1.5"}), 2);
    EXPECT_EQ(cli.run({"calibrate", "m", "--text", files.file("none")}), 1);
    EXPECT_THAT(cli.err(), HasSubstr("none"));
    std::ofstream(files.file("empty")) << "";
    EXPECT_EQ(cli.run({"calibrate", "m", "--text", files.file("empty")}), 1);
    EXPECT_THAT(cli.err(), HasSubstr("is empty"));
    answer = fail(ErrorCode::kNoSpace, "make room");
    EXPECT_EQ(cli.run({"calibrate", "m", "--text", text}), 1);
    EXPECT_THAT(cli.err(), HasSubstr("make room"));
    answer = fail(ErrorCode::kCancelled, "stopped");
    EXPECT_EQ(cli.run({"calibrate", "m", "--text", text}), 130);
}

}  // namespace

}  // namespace glowworm
