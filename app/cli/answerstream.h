// SPDX-License-Identifier: Apache-2.0
// Runs one answer and prints it as it comes: what chat and generate share.
#pragma once

#include "app/cli/answerfigures.h"
#include "app/cli/clienvironment.h"

namespace glowworm {

class AnswerStream {
  public:
    // `json`: a line a token instead of the text.
    AnswerStream(CliEnvironment& environment, bool json)
        : m_environment(environment), m_json(json) {}

    // Between tokens, on the engine's thread (ours): what chat does with lines typed meanwhile.
    std::function<void()> betweenTokens;

    // Ends the answer's last line. A reader who went away (closed pipe) stops the answer and is
    // kIo.
    Result<GenerateSummary> run(Session& session, const GenerateRequest& request);
    [[nodiscard]] const AnswerFigures& figures() const { return m_figures; }

  private:
    void print(const TokenEvent& event);

    CliEnvironment& m_environment;
    bool m_json;
    bool m_lineOpen = false;
    AnswerFigures m_figures;
};

// Without what would steer a terminal (escape sequences of a model's making).
[[nodiscard]] std::string withoutControls(std::string_view text);

}  // namespace glowworm
