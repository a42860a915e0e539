// SPDX-License-Identifier: Apache-2.0
// logits, tokenize, perplexity, import and models.
#include <gmock/gmock.h>

#include <fstream>

#include <nlohmann/json.hpp>

#include "tests/app/cli/fakecli.h"

namespace glowworm {

namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::IsEmpty;

class Library : public testing::Test {
  protected:
    Library() { cli.installBundle("m"); }
    std::string file(const std::string& name, const std::string& content) {
        std::ofstream(files.file(name)) << content;
        return files.file(name);
    }
    TempDir files;
    FakeCli cli;
};

TEST_F(Library, LogitsAsJson) {
    EXPECT_EQ(cli.run({"logits", "m", "--tokens", "2,15,7", "--exact", "--json"}), 0);
    EXPECT_EQ(json::parse(cli.out()),
              json::parse(R"({"logits": [[0.5,-1.25,1e-9],[0.5,-1.25,1e-9],[0.5,-1.25,1e-9]]})"));
    EXPECT_TRUE(cli.model.exact);
    EXPECT_EQ(cli.model.logitsTokens, (std::vector<TokenId>{TokenId(2), TokenId(15), TokenId(7)}));
    EXPECT_EQ(cli.run({"logits", "m", "--tokens", "2"}), 0);
    EXPECT_THAT(cli.out(), HasSubstr("token 0 has the largest logit, 0.5"));
}

TEST_F(Library, TokenizeAsJson) {
    EXPECT_EQ(cli.run({"tokenize", "m", "--text", "aé", "--json"}), 0);
    EXPECT_EQ(json::parse(cli.out()), json::parse("[97, 195, 169]"));
    EXPECT_EQ(cli.run({"tokenize", "m", "--text", "a", "--special", "--json"}), 0);
    EXPECT_EQ(cli.out(), "[0, 97]\n");
    EXPECT_EQ(cli.run({"tokenize", "m", "--text", "", "--json"}), 0);
    EXPECT_EQ(cli.out(), "[]\n");
}

TEST_F(Library, PerplexityAsJson) {
    const std::string text = file("t.txt", "12345");
    EXPECT_EQ(cli.run({"perplexity", "m", "--file", text, "--json", "--budget", "2M"}), 0);
    EXPECT_EQ(cli.out(), "{\"perplexity\":2.5,\"nll_nats\":0.75,\"tokens\":5}\n");
    EXPECT_EQ(cli.model.opened.at(0).budget_bytes, 2U << 20);
    EXPECT_EQ(cli.run({"perplexity", "m", "--file", "/nowhere/t.txt"}), 1);
    EXPECT_THAT(cli.err(), HasSubstr("/nowhere/t.txt"));
    EXPECT_EQ(cli.run({"perplexity", "m", "--file", file("empty.txt", "")}), 1);
}

TEST_F(Library, ImportGivesTheModelAName) {
    const std::string source = file("x.gguf", "GGUF");
    EXPECT_EQ(cli.run({"import", source, "--name", "mine", "--dtype", "q8_0", "--json"}), 0);
    const ImportOptions& options = cli.model.imports.at(0);
    EXPECT_EQ(options.source, source);
    EXPECT_EQ(options.dtype, Dtype::kQ8_0);
    EXPECT_EQ(options.bundle_dir, cli.dataDir() + "/models/mine");
    EXPECT_GT(options.calibration_text.size(), 10000U);
    EXPECT_EQ(json::parse(cli.out())["path"], options.bundle_dir);
    EXPECT_EQ(cli.run({"import", source, "--name", "mine"}), 1);
    EXPECT_THAT(cli.err(), HasSubstr("already"));
    for (const std::string name : {"../up", "a/b", ".hidden", "starter", "x.partial", "a\nb"}) {
        EXPECT_EQ(cli.run({"import", source, "--name", name}), 1) << name;
    }
    EXPECT_EQ(cli.model.imports.size(), 1U);
}

TEST_F(Library, AGgufFileIsImportedOnceAndAgainWhenItChanged) {
    const std::string source = file("My model.gguf", "GGUF");
    EXPECT_EQ(cli.run({"generate", source, "--prompt", "x"}), 0);
    EXPECT_EQ(cli.run({"generate", source, "--prompt", "x"}), 0);
    ASSERT_EQ(cli.model.imports.size(), 1U);
    EXPECT_THAT(cli.model.imports[0].bundle_dir, HasSubstr("/models/My_model-"));
    file("My model.gguf", "GGUF but longer");
    EXPECT_EQ(cli.run({"generate", source, "--prompt", "x"}), 0);
    ASSERT_EQ(cli.model.imports.size(), 2U);
    EXPECT_NE(cli.model.imports[0].bundle_dir, cli.model.imports[1].bundle_dir);
}

TEST_F(Library, TheStarterIsImportedFromTheDataFolder) {
    EXPECT_EQ(cli.run({"generate", "starter", "--prompt", "x"}), 1);
    EXPECT_THAT(cli.err(), HasSubstr(cli.dataDir() + "/starter"));
    std::filesystem::create_directories(cli.dataDir() + "/starter");
    std::ofstream(cli.dataDir() + "/starter/Small.gguf") << "GGUF";
    EXPECT_EQ(cli.run({"generate", "starter", "--prompt", "x"}), 0);
    EXPECT_EQ(cli.run({"chat"}), 0);
    ASSERT_EQ(cli.model.imports.size(), 1U);
    EXPECT_EQ(cli.model.imports[0].name, "Small");
    EXPECT_EQ(cli.model.opened.back().bundle, cli.dataDir() + "/models/starter");
}

TEST_F(Library, AFailedImportIsSaid) {
    const std::string source = file("x.gguf", "GGUF");
    cli.model.importStatus = fail(ErrorCode::kInvalidFile, "x.gguf is truncated");
    EXPECT_EQ(cli.run({"generate", source, "--prompt", "x"}), 1);
    EXPECT_THAT(cli.err(), HasSubstr("x.gguf is truncated"));
    cli.model.importStatus = fail(ErrorCode::kCancelled, "stopped");
    EXPECT_EQ(cli.run({"generate", source, "--prompt", "x"}), 130);
    EXPECT_THAT(cli.err(), IsEmpty());
}

TEST_F(Library, ABundlesPathIsTakenAsItIs) {
    const std::string path = cli.dataDir() + "/models/m";
    EXPECT_EQ(cli.run({"models", "info", path, "--json"}), 0);
    EXPECT_EQ(json::parse(cli.out())["path"], path);
    EXPECT_THAT(cli.model.imports, IsEmpty());
}

TEST_F(Library, ModelsListShowsBrokenOnesToo) {
    cli.installBundle("broken");
    cli.installBundle("later.partial");
    EXPECT_EQ(cli.run({"models", "list", "--json"}), 0);
    const json list = json::parse(cli.out());
    ASSERT_EQ(list.size(), 2U);
    EXPECT_EQ(list[0]["name"], "broken");
    EXPECT_THAT(list[0]["error"].get<std::string>(), HasSubstr("is broken"));
    EXPECT_EQ(list[1]["name"], "m");
    EXPECT_EQ(list[1]["bytes"], 4096);
    EXPECT_EQ(cli.run({"models", "list"}), 0);
    EXPECT_THAT(cli.out(), HasSubstr("cannot be used"));
}

TEST_F(Library, ModelsInfoHasWhatTheIssueAsksFor) {
    EXPECT_EQ(cli.run({"models", "info", "m", "--context", "77", "--json"}), 0);
    const json info = json::parse(cli.out());
    EXPECT_EQ(info["budget_bytes_min"], 77);
    EXPECT_EQ(info["bytes"], 4096);
    EXPECT_EQ(info["architecture"], "llama");
    EXPECT_EQ(info["active_share"], 0.25);
    EXPECT_EQ(cli.run({"models", "info", "m"}), 0);
    EXPECT_THAT(cli.out(), HasSubstr("4 KiB"));
}

TEST_F(Library, SynthPassesOnWhatWasAsked) {
    EXPECT_EQ(cli.run({"synth", "--shape", "opt-6.7b", "--dtype", "q4_0", "--sparsity", "0.9",
                       "--layers", "3", "/tmp/out"}), 0);
    const auto& asked = cli.model.synthesized.at(0);
    EXPECT_EQ(asked.folder, "/tmp/out");
    EXPECT_EQ(asked.shape.config.hidden, 4096U);
    EXPECT_EQ(asked.shape.config.layers, 3U);
    EXPECT_FLOAT_EQ(asked.shape.zero_share, 0.9F);
    EXPECT_EQ(asked.options.dtype, Dtype::kQ4_0);
    EXPECT_THAT(cli.out(), HasSubstr("not trained"));
    EXPECT_EQ(cli.run({"synth", "--shape", "opt-9b", "/tmp/out"}), 1);
    EXPECT_THAT(cli.err(), HasSubstr("falcon-7b"));
}

TEST_F(Library, ProbeRemembersTheMachine) {
    EXPECT_EQ(cli.run({"probe"}), 0);
    EXPECT_THAT(cli.out(), HasSubstr("20.0 GB/s with 2 threads"));
    EXPECT_THAT(cli.out(), HasSubstr("32 reads in flight"));
    EXPECT_EQ(cli.model.probed.at(0).folder, cli.dataDir() + "/models");
    EXPECT_EQ(cli.run({"probe", "--json"}), 0);
    const json machine = json::parse(cli.out())["machine"];
    EXPECT_EQ(machine["memory_bytes_per_s"], 2e10);
    EXPECT_EQ(machine["points"].size(), 3);
    EXPECT_EQ(machine["depth"], 32);
    EXPECT_EQ(cli.model.probed.size(), 1U);
    EXPECT_EQ(cli.run({"probe", "--again", "--json"}), 0);
    EXPECT_EQ(cli.model.probed.size(), 2U);
    // The fake's model is no bundle: the error is that of reading it.
    EXPECT_EQ(cli.run({"probe", "m"}), 1);
    EXPECT_THAT(cli.err(), HasSubstr("manifest.json"));
}

TEST_F(Library, ModelsVerify) {
    cli.installBundle("broken");
    EXPECT_EQ(cli.run({"models", "verify", "m"}), 0);
    EXPECT_EQ(cli.run({"models", "verify", "broken"}), 1);
    EXPECT_THAT(cli.err(), HasSubstr("is broken"));
}

TEST_F(Library, ModelsExportWritesOneFile) {
    const std::string archive = files.file("m.glowworm");
    EXPECT_EQ(cli.run({"models", "export", "m", archive, "--json"}), 0);
    EXPECT_EQ(json::parse(cli.out())["path"], archive);
    EXPECT_EQ(json::parse(cli.out())["bytes"], (cli.dataDir() + "/models/m").size());
    EXPECT_EQ(cli.run({"models", "export", "m", archive}), 1);
    EXPECT_THAT(cli.err(), HasSubstr("is there already"));
    EXPECT_EQ(cli.run({"models", "export", "m", archive, "--force"}), 0);
    EXPECT_EQ(cli.run({"models", "export", "m", files.file("m.zip")}), 1);
    EXPECT_THAT(cli.err(), HasSubstr(".glowworm"));
    EXPECT_EQ(cli.run({"models", "export", "nobody", archive}), 1);
    EXPECT_NE(cli.run({"models", "export", "m"}), 0);
}

TEST_F(Library, ModelsImportArchiveGivesItsName) {
    const std::string archive = file("other.tar.zst", "x");
    EXPECT_EQ(cli.run({"models", "import-archive", archive, "--json"}), 0);
    EXPECT_EQ(json::parse(cli.out())["path"], cli.dataDir() + "/models/other");
    EXPECT_EQ(cli.run({"models", "import-archive", archive, "--name", "third"}), 0);
    EXPECT_TRUE(std::filesystem::exists(cli.dataDir() + "/models/third/manifest.json"));
    EXPECT_EQ(cli.run({"models", "import-archive", archive, "--name", "../up"}), 1);
    EXPECT_EQ(cli.run({"models", "import-archive", "/nowhere/x.glowworm"}), 1);
    EXPECT_THAT(cli.err(), HasSubstr("/nowhere/x.glowworm"));
}

TEST_F(Library, ModelsRemoveTakesOnlyInstalledNames) {
    EXPECT_EQ(cli.run({"models", "remove", "m"}), 0);
    EXPECT_FALSE(std::filesystem::exists(cli.dataDir() + "/models/m"));
    EXPECT_EQ(cli.run({"models", "remove", "m"}), 1);
    for (const std::string name : {"..", ".", "", "../models", "/"}) {
        EXPECT_NE(cli.run({"models", "remove", name}), 0) << name;
    }
    EXPECT_TRUE(std::filesystem::exists(cli.dataDir() + "/models"));
}

}  // namespace

}  // namespace glowworm
