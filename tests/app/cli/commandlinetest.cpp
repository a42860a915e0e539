// SPDX-License-Identifier: Apache-2.0
#include "app/cli/commandline.h"

#include <gmock/gmock.h>

#include "tests/app/cli/fakecli.h"

namespace glowworm {

namespace {

using testing::HasSubstr;
using testing::IsEmpty;

TEST(CommandLine, WrongUsageIsTwoAndSaidOnStandardError) {
    const std::vector<std::vector<std::string>> wrong = {
        {},
        {"dance"},
        {"generate"},
        {"generate", "m", "--prompt", "x", "--budget", "3X"},
        {"generate", "m", "--prompt", "x", "--window", "0"},
        {"generate", "m", "--prompt", "x", "--reader", "tape"},
        {"generate", "m", "--prompt", "x", "--temperature", "-1"},
        {"generate", "m", "--prompt", "x", "--top-p", "1.5"},
        {"generate", "m", "--prompt", "x", "--context", "0"},
        {"logits", "m"},
        {"logits", "m", "--tokens", "1,-2"},
        {"logits", "m", "--tokens", "1,x"},
        {"import", "p"},
        {"import", "p", "--name", "n", "--dtype", "q3"},
        {"models"},
        {"models", "dance"}};
    for (const auto& arguments : wrong) {
        FakeCli cli;
        EXPECT_EQ(cli.run(arguments), 2) << testing::PrintToString(arguments);
        EXPECT_THAT(cli.out(), IsEmpty());
        EXPECT_THAT(cli.err(), HasSubstr("--help"));
        EXPECT_THAT(cli.model.opened, IsEmpty());
    }
}

TEST(CommandLine, EveryCommandHasHelpWithExamples) {
    for (const std::string command :
         {"chat", "generate", "logits", "tokenize", "perplexity", "import"}) {
        FakeCli cli;
        EXPECT_EQ(cli.run({command, "--help"}), 0);
        EXPECT_THAT(cli.out(), HasSubstr("glowworm-cli " + command));
        EXPECT_THAT(cli.err(), IsEmpty());
        const std::string help = cli.out();
        EXPECT_EQ(cli.run({"help", command}), 0);
        EXPECT_EQ(cli.out(), help);
    }
    for (const std::string command : {"list", "info", "verify", "remove"}) {
        FakeCli cli;
        EXPECT_EQ(cli.run({"models", command, "--help"}), 0);
        EXPECT_THAT(cli.out(), HasSubstr("glowworm-cli models " + command));
    }
    FakeCli cli;
    EXPECT_EQ(cli.run({"--help"}), 0);
    for (const char* command : {"chat", "generate", "import", "models", "bench", "--data-dir"}) {
        EXPECT_THAT(cli.out(), HasSubstr(command));
    }
    EXPECT_EQ(cli.run({"help", "dance"}), 1);
}

TEST(CommandLine, AMissingModelIsOneAndSaysWhatThereIs) {
    FakeCli cli;
    cli.installBundle("mistral");
    EXPECT_EQ(cli.run({"generate", "nonsense", "--prompt", "x"}), 1);
    EXPECT_THAT(cli.out(), IsEmpty());
    EXPECT_THAT(cli.err(), HasSubstr("nonsense"));
    EXPECT_THAT(cli.err(), HasSubstr("mistral"));
}

TEST(CommandLine, TheDataFolderMayBeNamedAfterTheCommand) {
    FakeCli cli;
    cli.installBundle("m");
    EXPECT_EQ(runCommandLine({"models", "list", "--json", "--data-dir", cli.dataDir()},
                             cli.environment()),
              0);
    EXPECT_THAT(cli.out(), HasSubstr("\"name\":\"m\""));
}

TEST(CommandLine, OptionsReachTheEngine) {
    FakeCli cli;
    cli.installBundle("m");
    EXPECT_EQ(cli.run({"generate",  "m",
                       "--prompt",  "x",
                       "--budget",  "300M",
                       "--window",  "5",
                       "--context", "99",
                       "--threads", "3",
                       "--reader",  "pread",
                       "--exact",   "--max-tokens",
                       "4",         "--temperature",
                       "0",         "--seed",
                       "42",        "--top-k",
                       "7",         "--top-p",
                       "0.5",       "--min-p",
                       "0.1",       "--repeat-penalty",
                       "1.2"}),
              0);
    ASSERT_EQ(cli.model.opened.size(), 1U);
    const OpenOptions& open = cli.model.opened[0];
    EXPECT_EQ(open.bundle, cli.dataDir() + "/models/m");
    EXPECT_EQ(open.budget_bytes, 300U << 20);
    EXPECT_EQ(open.window_tokens, 5U);
    EXPECT_EQ(cli.model.window, 5U);  // the running answer's controls say the same
    EXPECT_EQ(open.context_tokens, 99U);
    EXPECT_EQ(open.threads, 3U);
    EXPECT_EQ(open.reader, ReaderChoice::kPread);
    const GenerateRequest& request = cli.model.requests.at(0);
    EXPECT_TRUE(request.exact);
    EXPECT_EQ(request.max_tokens, 4U);
    EXPECT_EQ(request.sampling.temperature, 0.0F);
    EXPECT_EQ(request.sampling.seed, 42U);
    EXPECT_EQ(request.sampling.top_k, 7U);
    EXPECT_EQ(request.sampling.top_p, 0.5F);
    EXPECT_EQ(request.sampling.min_p, 0.1F);
    EXPECT_EQ(request.sampling.repeat_penalty, 1.2F);
}

}  // namespace

}  // namespace glowworm
