// SPDX-License-Identifier: Apache-2.0
// generate and chat.
#include <fstream>

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "app/cli/answerstream.h"
#include "tests/app/cli/fakecli.h"

namespace glowworm {

namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::vector<json> linesOf(const std::string& text) {
    std::vector<json> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) lines.push_back(json::parse(line));
    return lines;
}

class Answers : public testing::Test {
  protected:
    Answers() { cli.installBundle("m"); }
    FakeCli cli;
};

TEST_F(Answers, GenerateStreamsTheTextAndNothingElse) {
    EXPECT_EQ(cli.run({"generate", "m", "--prompt", "Hi"}), 0);
    EXPECT_EQ(cli.out(), "Helloé!\n");
    EXPECT_THAT(cli.err(), IsEmpty());
    const GenerateRequest& request = cli.model.requests.at(0);
    ASSERT_EQ(request.messages.size(), 1U);
    EXPECT_EQ(request.messages[0].text, "Hi");
    EXPECT_THAT(request.raw_prompt, IsEmpty());
}

TEST_F(Answers, TheCurveGoesToAFile) {
    const std::string path = cli.dataDir() + "/curve.json";
    EXPECT_EQ(cli.run({"generate", "m", "--prompt", "Hi", "--curve", path}), 0);
    EXPECT_EQ(cli.out(), "Helloé!\n");
    std::ifstream file(path);
    const json curve = json::parse(file);
    EXPECT_EQ(curve["type"], "curve");
    EXPECT_EQ(curve["tokens"], 2);
    ASSERT_EQ(curve["points"].size(), 2U);
    EXPECT_EQ(curve["points"][1]["budget_bytes"], 2000);
    EXPECT_EQ(curve["points"][1]["predicted_ms"], 2);
    EXPECT_EQ(cli.run({"generate", "m", "--prompt", "Hi", "--curve", "/nowhere/curve.json"}), 1);
    EXPECT_THAT(cli.err(), HasSubstr("/nowhere/curve.json"));
}

TEST_F(Answers, RawTakesThePromptAsItIs) {
    EXPECT_EQ(cli.run({"generate", "m", "--raw", "--prompt", "Once"}), 0);
    EXPECT_EQ(cli.model.requests.at(0).raw_prompt, "Once");
    EXPECT_THAT(cli.model.requests.at(0).messages, IsEmpty());
}

TEST_F(Answers, ThePromptMayComeFromStandardInput) {
    cli.lines.m_lines = {"one", "two"};
    EXPECT_EQ(cli.run({"generate", "m", "--prompt", "-"}), 0);
    EXPECT_EQ(cli.model.requests.at(0).messages.at(0).text, "one\ntwo\n");
    cli.lines.m_lines = {"three"};
    EXPECT_EQ(cli.run({"generate", "m"}), 0);
    EXPECT_EQ(cli.model.requests.at(1).messages.at(0).text, "three\n");
    EXPECT_EQ(cli.run({"generate", "m"}), 1);  // nothing there
    cli.environment().inIsTerminal = true;
    EXPECT_EQ(cli.run({"generate", "m"}), 2);  // nobody is asked on a terminal
}

TEST_F(Answers, JsonIsALineATokenAndASummary) {
    EXPECT_EQ(cli.run({"generate", "m", "--prompt", "Hi", "--json"}), 0);
    const std::vector<json> lines = linesOf(cli.out());
    ASSERT_EQ(lines.size(), 5U);
    EXPECT_TRUE(cli.out().starts_with(
        R"({"type":"token","id":1,"text":"Hel","time_ms":10.0,"attention_ms":0.0,)"
        R"("predictor_ms":0.0,"ffn_ms":2.5,"flash_wait_ms":0.0,"read_bytes":2048,"reads":0,)"
        R"("hits":9,"misses":1,"window_tokens":0,"memory_bytes":500,"budget_bytes":1048576,)"
        R"("manager_ms":0.0,"reading_ms":0.0,"prefetch_bytes":0,"prefetch_useful_bytes":0,)"
        R"("misses_ahead":0})"
        "\n"))
        << cli.out();
    EXPECT_EQ(lines[2]["text"], "");
    EXPECT_EQ(lines[4]["type"], "summary");
    EXPECT_EQ(lines[4]["text"], "Helloé!");
    EXPECT_EQ(lines[4]["finish"], "end_of_text");
    EXPECT_EQ(lines[4]["tokens"], 4);
    EXPECT_EQ(lines[4]["seed"], 7);
}

TEST_F(Answers, AnErrorInTheMiddleIsSaidAfterWhatCame) {
    cli.model.onToken = [](int token) -> Status {
        if (token == 2) return fail(ErrorCode::kIo, "neurons.bin cannot be read");
        return {};
    };
    EXPECT_EQ(cli.run({"generate", "m", "--prompt", "Hi"}), 1);
    EXPECT_EQ(cli.out(), "Hello\n");
    EXPECT_THAT(cli.err(), HasSubstr("neurons.bin cannot be read"));
}

TEST_F(Answers, CtrlCStopsTheAnswer) {
    cli.model.onToken = [this](int token) -> Status {
        if (token == 1) cli.controls.stop.request();
        return {};
    };
    EXPECT_EQ(cli.run({"generate", "m", "--prompt", "Hi"}), 130);
    EXPECT_EQ(cli.out(), "Hel\n");
    EXPECT_THAT(cli.err(), IsEmpty());
}

TEST_F(Answers, AReaderWhoGoesAwayStopsTheAnswer) {
    cli.model.onToken = [this](int) -> Status {
        cli.environment().out.setstate(std::ios::badbit);
        return {};
    };
    EXPECT_EQ(cli.run({"generate", "m", "--prompt", "Hi"}), 1);
    EXPECT_TRUE(cli.controls.stop.requested());
    cli.environment().out.clear();
}

TEST_F(Answers, ProgressAndFiguresAreForTerminalsOnly) {
    cli.environment().errIsTerminal = true;
    EXPECT_EQ(cli.run({"generate", "m", "--prompt", "Hi"}), 0);
    EXPECT_THAT(cli.err(), HasSubstr("reading the prompt"));
    EXPECT_THAT(cli.err(), HasSubstr("hit rate 90.0 % · 2 KiB a token · 10.0 ms a token"));
    EXPECT_EQ(cli.out(), "Helloé!\n");
}

TEST_F(Answers, ATerminalNeverSeesTheModelsEscapeSequences) {
    cli.model.answer = {"a\x1b[2J", "\u009b1mb"};
    EXPECT_EQ(cli.run({"generate", "m", "--prompt", "Hi"}), 0);
    EXPECT_EQ(cli.out(), "a\x1b[2J\u009b1mb\n");
    cli.environment().outIsTerminal = true;
    EXPECT_EQ(cli.run({"generate", "m", "--prompt", "Hi"}), 0);
    EXPECT_EQ(cli.out(), "a[2J1mb\n");
    EXPECT_EQ(withoutControls("é\t\n\r\x7f"), "é\t\n");
}

TEST_F(Answers, ChatKeepsTheConversation) {
    cli.lines.m_lines = {"one", "", "two"};
    EXPECT_EQ(cli.run({"chat", "m", "--system", "Be brief."}), 0);
    EXPECT_EQ(cli.out(), "Helloé!\nHelloé!\n");
    ASSERT_EQ(cli.model.requests.size(), 2U);
    std::vector<std::string> texts;
    for (const Message& message : cli.model.requests[1].messages) texts.push_back(message.text);
    EXPECT_THAT(texts, ElementsAre("Be brief.", "one", "Helloé!", "two"));
}

TEST_F(Answers, ChatCommands) {
    cli.lines.m_lines = {"/budget 300M", "/budget 10", "/budget lots", "/window 5", "/window 0",
                         "/stats",       "one",        "/stats",       "/reset",    "two",
                         "/help",        "/dance",     "/quit",        "never"};
    EXPECT_EQ(cli.run({"chat", "m"}), 0);
    EXPECT_EQ(cli.model.budget, 300U << 20);
    EXPECT_EQ(cli.model.window, 5U);
    EXPECT_EQ(cli.model.resets, 1);
    ASSERT_EQ(cli.model.requests.size(), 2U);
    EXPECT_EQ(cli.model.requests[1].messages.size(), 1U);
    for (const char* said :
         {"The budget is 300 MiB", "1000 B are needed", "lots", "The window is 5 tokens",
          "No answer yet", "hit rate", "resident weights", "A new conversation", "/window auto",
          "There is no /dance"}) {
        EXPECT_THAT(cli.err(), HasSubstr(said));
    }
}

TEST_F(Answers, TheBudgetChangesWhileAnAnswerRuns) {
    cli.environment().inIsTerminal = true;
    cli.lines.m_lines = {"one"};
    cli.lines.m_typedMeanwhile = {"/budget 2M", "/reset"};
    EXPECT_EQ(cli.run({"chat", "m"}), 0);
    EXPECT_EQ(cli.model.budget, 2U << 20);
    EXPECT_EQ(cli.model.resets, 0);
    EXPECT_THAT(cli.err(), HasSubstr("no /reset while an answer runs"));
}

TEST_F(Answers, CtrlCInAChatEndsTheAnswerButNotTheChat) {
    cli.environment().inIsTerminal = cli.environment().outIsTerminal = true;
    cli.model.onToken = [this](int) -> Status {
        if (cli.model.requests.size() == 1) cli.controls.stop.request();
        return {};
    };
    cli.lines.m_lines = {"one", "two"};
    EXPECT_EQ(cli.run({"chat", "m"}), 0);
    EXPECT_EQ(cli.model.requests.size(), 2U);
    EXPECT_EQ(cli.model.requests.at(1).messages.at(1).text, "Hel");
}

TEST_F(Answers, AnErrorLeavesAnInteractiveChatUsable) {
    cli.environment().inIsTerminal = cli.environment().outIsTerminal = true;
    cli.model.onToken = [this](int) -> Status {
        if (cli.model.requests.size() > 1) return {};
        return fail(ErrorCode::kIo, "a bad sector");
    };
    cli.lines.m_lines = {"one", "two"};
    EXPECT_EQ(cli.run({"chat", "m"}), 0);
    EXPECT_THAT(cli.err(), HasSubstr("a bad sector"));
    ASSERT_EQ(cli.model.requests.size(), 2U);
    EXPECT_EQ(cli.model.requests[1].messages.size(), 1U);  // the failed question is taken back
}

TEST_F(Answers, AnErrorEndsAPipedChat) {
    cli.model.onToken = [](int) -> Status { return fail(ErrorCode::kIo, "a bad sector"); };
    cli.lines.m_lines = {"one", "two"};
    EXPECT_EQ(cli.run({"chat", "m"}), 1);
    EXPECT_EQ(cli.model.requests.size(), 1U);
}

}  // namespace

}  // namespace glowworm
