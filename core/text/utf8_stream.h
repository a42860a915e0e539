// SPDX-License-Identifier: Apache-2.0
// Tokens are bytes, people read characters: a token may end inside one. This holds an unfinished
// sequence back until its rest arrives and replaces what can never become a character by U+FFFD, so
// that everything handed on is valid UTF-8. One stream per answer; not safe to share by threads.
#pragma once

#include <string>
#include <string_view>

namespace glowworm {

class Utf8Stream {
  public:
    // The valid text that `bytes` completes; empty inside a character.
    [[nodiscard]] std::string push(std::string_view bytes);
    // The end of the answer: an unfinished sequence becomes U+FFFD. The stream is as new
    // afterwards.
    [[nodiscard]] std::string flush();

  private:
    std::string held_;  // at most 3 bytes
};

// All of `bytes` as valid UTF-8, ill-formed sequences replaced by U+FFFD.
[[nodiscard]] std::string toValidUtf8(std::string_view bytes);

}  // namespace glowworm
