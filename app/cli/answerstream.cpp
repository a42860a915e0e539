// SPDX-License-Identifier: Apache-2.0
#include "app/cli/answerstream.h"

#include <format>

#include "app/cli/jsonlines.h"
#include "app/cli/progressline.h"

namespace glowworm {

std::string withoutControls(std::string_view text) {
    std::string out;
    for (size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        const bool c0 = (byte < 0x20 && byte != '\n' && byte != '\t') || byte == 0x7F;
        // U+0080 to U+009F, which some terminals obey too
        const bool c1 =
            byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0;
        if (c1) ++i;
        if (!c0 && !c1) out += text[i];
    }
    return out;
}

void AnswerStream::print(const TokenEvent& event) {
    m_figures.add(event.stats);
    std::ostream& out = m_environment.out;
    if (m_json) {
        out << tokenJson(event) << '\n' << std::flush;
    } else if (!event.text.empty()) {
        out << (m_environment.outIsTerminal ? withoutControls(event.text) : std::string(event.text))
            << std::flush;
        m_lineOpen = !event.text.ends_with('\n');
    }
    if (!out) m_environment.controls.stop.request();
}

Result<GenerateSummary> AnswerStream::run(Session& session, const GenerateRequest& request) {
    ProgressLine progress(m_environment);
    GenerateSink sink;
    sink.prefill = [&](uint32_t done, uint32_t total) {
        const double share = total == 0 ? 0 : static_cast<double>(done) / total;
        progress.show({std::format("reading the prompt, {} of {} tokens", done, total), share});
    };
    sink.token = [&](const TokenEvent& event) {
        progress.clear();
        print(event);
        if (betweenTokens) betweenTokens();
    };
    auto summary = session.generate(request, sink, m_environment.controls);
    progress.clear();
    if (m_lineOpen) m_environment.out << '\n' << std::flush;
    m_lineOpen = false;
    if (!m_environment.out) return fail(ErrorCode::kIo, "standard output was closed");
    return summary;
}

}  // namespace glowworm
