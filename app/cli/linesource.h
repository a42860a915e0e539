// SPDX-License-Identifier: Apache-2.0
// Where typed lines come from: the terminal or a pipe, or a test's list. Lines lose their newline.
#pragma once

#include <optional>
#include <string>

namespace glowworm {

class LineSource {
  public:
    virtual ~LineSource() = default;
    // Waits for a line; nothing at the end of the input, or when a signal interrupted the wait.
    virtual std::optional<std::string> readLine() = 0;
    // A line that is there already, without waiting: what was typed while an answer runs.
    virtual std::optional<std::string> pollLine() = 0;
    // Everything up to the end of the input.
    virtual std::string readAll() = 0;
};

// A file descriptor (standard input), which it does not own.
class DescriptorLines final : public LineSource {
  public:
    explicit DescriptorLines(int descriptor) : m_descriptor(descriptor) {}
    std::optional<std::string> readLine() override;
    std::optional<std::string> pollLine() override;
    std::string readAll() override;

  private:
    std::optional<std::string> takeLine();
    bool readMore();

    int m_descriptor;
    std::string m_buffer;
    bool m_ended = false;
};

}  // namespace glowworm
