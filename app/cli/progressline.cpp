// SPDX-License-Identifier: Apache-2.0
#include "app/cli/progressline.h"

#include <algorithm>
#include <format>

namespace glowworm {

namespace {
constexpr auto kPause = std::chrono::milliseconds(100);
constexpr const char* kClearLine = "\r\x1b[K";
}  // namespace

ProgressLine::ProgressLine(CliEnvironment& environment)
    : m_out(environment.err), m_enabled(environment.errIsTerminal) {}

ProgressLine::~ProgressLine() { clear(); }

void ProgressLine::show(const Progress& progress) {
    const auto now = std::chrono::steady_clock::now();
    if (!m_enabled || now < m_next) return;
    m_next = now + kPause;
    const double percent = 100 * std::clamp(progress.fraction, 0.0, 1.0);
    m_out << kClearLine << std::format("{:3.0f} %  {}", percent, progress.stage) << std::flush;
    m_shown = true;
}

void ProgressLine::clear() {
    if (m_shown) m_out << kClearLine << std::flush;
    m_shown = false;
}

ProgressSink ProgressLine::sink() {
    return [this](const Progress& progress) { show(progress); };
}

}  // namespace glowworm
