// SPDX-License-Identifier: Apache-2.0
#include "app/cli/linesource.h"

#include <array>
#include <utility>

#include <poll.h>
#include <unistd.h>

namespace glowworm {

// False at the end, on an error and when a signal came.
bool DescriptorLines::readMore() {
    std::array<char, 4096> bytes;
    const ssize_t count = ::read(m_descriptor, bytes.data(), bytes.size());
    if (count == 0) m_ended = true;
    if (count <= 0) return false;
    m_buffer.append(bytes.data(), static_cast<size_t>(count));
    return true;
}

std::optional<std::string> DescriptorLines::takeLine() {
    const size_t end = m_buffer.find('\n');
    if (end == std::string::npos && !(m_ended && !m_buffer.empty())) return std::nullopt;
    std::string line = m_buffer.substr(0, end);
    m_buffer.erase(0, end == std::string::npos ? end : end + 1);
    if (line.ends_with('\r')) line.pop_back();
    return line;
}

std::optional<std::string> DescriptorLines::readLine() {
    for (;;) {
        if (auto line = takeLine()) return line;
        if (m_ended) return std::nullopt;
        if (!readMore() && !m_ended) return std::nullopt;
    }
}

std::optional<std::string> DescriptorLines::pollLine() {
    pollfd wait{m_descriptor, POLLIN, 0};
    while (!m_ended && ::poll(&wait, 1, 0) == 1 && readMore()) {
    }
    return takeLine();
}

std::string DescriptorLines::readAll() {
    while (readMore()) {
    }
    return std::exchange(m_buffer, {});
}

}  // namespace glowworm
