// SPDX-License-Identifier: Apache-2.0
#include <format>

#include "app/cli/answerstream.h"
#include "app/cli/commands.h"
#include "app/cli/openmodel.h"
#include "core/base/bytes.h"

namespace glowworm {

namespace {

constexpr const char* kHelp =
    R"(  /budget 300M   how much memory the model may use (sizes: 300M, 2G, bytes)
  /window 5      how many tokens back neurons are kept; /window auto: as the budget allows
  /stats         the figures of the last answer, and where the memory goes
  /reset         begins a new conversation
  /quit          ends (so does Ctrl-D); Ctrl-C stops an answer
  /help          this
Budget and window may also be changed while an answer runs.
)";

class Chat {
  public:
    Chat(const ChatOptions& options, Session& session, CliEnvironment& environment)
        : m_options(options), m_session(session), m_environment(environment) {
        if (!options.system.empty()) m_first.push_back({Message::Role::kSystem, options.system});
        m_messages = m_first;
    }

    Status run();

  private:
    Status answer(const std::string& question);
    void command(const std::string& line);
    void setBudget(const std::string& size);
    void setWindow(const std::string& tokens);
    void showStats();
    // To the person, not into the answer.
    void say(const std::string& text) { m_environment.err << text << std::flush; }

    const ChatOptions& m_options;
    Session& m_session;
    CliEnvironment& m_environment;
    std::vector<Message> m_first, m_messages;
    AnswerFigures m_figures;
    bool m_answering = false;
    bool m_quit = false;
};

Status Chat::run() {
    const bool prompting = m_environment.inIsTerminal && m_environment.outIsTerminal;
    if (prompting) say(m_session.info().name + " is ready. /help lists what can be set.\n");
    while (!m_quit) {
        if (prompting) m_environment.out << "> " << std::flush;
        const std::optional<std::string> line = m_environment.in.readLine();
        if (!line) break;
        if (line->empty()) continue;
        if (line->starts_with('/')) {
            command(*line);
        } else if (const Status status = answer(*line); !status) {
            if (status.error().code == ErrorCode::kIo && !m_environment.out) return status;
            say("error: " + status.error().message + "\n");
            if (!prompting) return status;
        }
    }
    if (prompting) m_environment.out << '\n' << std::flush;
    if (m_environment.controls.stop.requested()) return fail(ErrorCode::kCancelled, "stopped");
    return {};
}

Status Chat::answer(const std::string& question) {
    m_messages.push_back({Message::Role::kUser, question});
    GenerateRequest request;
    request.messages = m_messages;
    request.sampling = m_options.sampling;
    request.max_tokens = m_options.maxTokens;
    request.exact = m_options.model.exact;

    AnswerStream stream(m_environment, false);
    stream.betweenTokens = [this] {
        while (m_environment.inIsTerminal) {
            const std::optional<std::string> line = m_environment.in.pollLine();
            if (!line) return;
            if (line->starts_with('/')) command(*line);
        }
    };
    m_answering = true;
    auto summary = stream.run(m_session, request);
    m_answering = false;
    if (!summary) {
        m_messages.pop_back();
        return std::unexpected(summary.error());
    }
    m_figures = stream.figures();
    m_messages.push_back({Message::Role::kAssistant, summary->text});
    if (m_environment.errIsTerminal) say(m_figures.line() + "\n");
    if (summary->finish == FinishReason::kContextFull) {
        say("The conversation fills the context; /reset begins a new one.\n");
    }
    // Ctrl-C meant this answer; the next one ends the program.
    if (m_environment.inIsTerminal)
        m_environment.controls.stop.clear();
    else if (summary->finish == FinishReason::kStopped)
        m_quit = true;
    return {};
}

void Chat::command(const std::string& line) {
    const size_t space = line.find(' ');
    const std::string name = line.substr(0, space);
    const std::string rest = space == std::string::npos ? "" : line.substr(space + 1);
    if (name == "/help") return say(kHelp);
    if (name == "/budget") return setBudget(rest);
    if (name == "/window") return setWindow(rest);
    if (name == "/stats") return showStats();
    if (name == "/quit" || name == "/exit") {
        m_quit = true;
        if (m_answering) m_environment.controls.stop.request();
    } else if (name == "/reset" && !m_answering) {
        m_session.reset();
        m_messages = m_first;
        say("A new conversation.\n");
    } else {
        say(std::format("There is no {} {}; /help lists what there is.\n", name,
                        m_answering ? "while an answer runs" : "command"));
    }
}

void Chat::setBudget(const std::string& size) {
    const Result<uint64_t> bytes = parseBytes(size);
    if (!bytes) return say(bytes.error().message + "\n");
    if (!m_answering) {
        if (const Status status = m_session.setBudget(*bytes); !status) {
            return say(status.error().message + "\n");
        }
    }
    m_environment.controls.budget_bytes = *bytes;
    say(std::format("The budget is {}.\n", formatBytes(*bytes)));
}

void Chat::setWindow(const std::string& tokens) {
    const Result<uint32_t> window = parseWindow(tokens);
    if (!window) return say(window.error().message + "\n");
    m_environment.controls.window_tokens = *window;
    if (!m_answering) m_session.setWindow(*window);
    say(*window == kWindowAuto ? "The window follows from the budget.\n"
                               : std::format("The window is {} tokens.\n", *window));
}

void Chat::showStats() {
    const std::string line = m_figures.line();
    say((line.empty() ? "No answer yet." : line) + "\n" + memoryTable(m_session.memory()));
}

}  // namespace

Status runChat(const DataPaths& paths, const ChatOptions& options, CliEnvironment& environment) {
    ASSIGN_OR_RETURN(const auto session, openModel(paths, options.model, environment));
    return Chat(options, *session, environment).run();
}

}  // namespace glowworm
