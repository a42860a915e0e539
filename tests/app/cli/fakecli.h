// SPDX-License-Identifier: Apache-2.0
// The command line on string streams, with a scripted session and importer, in a data folder of its
// own. What the commands asked of the engine is kept for the test to look at.
#pragma once

#include <deque>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "app/cli/clienvironment.h"
#include "app/cli/commandline.h"
#include "tests/support/temp_dir.h"

namespace glowworm {

class ListedLines final : public LineSource {
  public:
    std::optional<std::string> readLine() override { return take(m_lines); }
    std::optional<std::string> pollLine() override { return take(m_typedMeanwhile); }
    std::string readAll() override;

    std::deque<std::string> m_lines, m_typedMeanwhile;

  private:
    static std::optional<std::string> take(std::deque<std::string>& lines);
};

// What the fake session answers with and was asked for.
struct FakeModel {
    std::vector<std::string> answer{"Hel", "lo", "", "é!"};
    std::function<Status(int token)> onToken;  // an error ends the answer
    std::vector<GenerateRequest> requests;
    std::vector<OpenOptions> opened;
    std::vector<TokenId> logitsTokens;
    bool exact = false;
    uint64_t budget = 1 << 20;
    uint32_t window = 0;
    int resets = 0;
    std::vector<ImportOptions> imports;
    struct Synthesized {
        std::string folder;
        SyntheticShape shape;
        SyntheticOptions options;
    };
    std::vector<Synthesized> synthesized;
    std::vector<DiskProbeOptions> probed;
    Status importStatus;
};

class FakeCli {
  public:
    FakeCli();

    // Runs the arguments with --data-dir; returns the exit code. Output and errors are new each
    // time.
    int run(std::vector<std::string> arguments);
    [[nodiscard]] std::string out() const { return m_out.str(); }
    [[nodiscard]] std::string err() const { return m_err.str(); }
    // A bundle's folder with a manifest, as far as the command line looks at it.
    void installBundle(const std::string& name) const;
    [[nodiscard]] std::string dataDir() const { return m_dir.path(); }
    CliEnvironment& environment() { return m_environment; }

    FakeModel model;
    ListedLines lines;
    Controls controls;

  private:
    Result<Manifest> import(const ImportOptions& options, const ProgressSink& progress,
                            const StopFlag& stop);

    TempDir m_dir;
    std::ostringstream m_out, m_err;
    CliEnvironment m_environment;
};

}  // namespace glowworm
