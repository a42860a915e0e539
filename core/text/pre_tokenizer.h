// SPDX-License-Identifier: Apache-2.0
// The rule by which a byte-level BPE cuts text into words before it merges: one or more PCRE2
// patterns, applied one after the other, each inside the pieces the one before left. Rules go by
// the names that GGUF files use (`tokenizer.ggml.pre`). Immutable, safe to use from several
// threads.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"

namespace glowworm {

class PreTokenizer {
  public:
    // kUnsupported for a rule that the table lacks; the message names it.
    static Result<PreTokenizer> create(const std::string& rule);

    // Appends the words of `text`, views into it that joined give it again, whatever its bytes are
    // (each run of ill-formed UTF-8 is a word). Takes time linear in the text for every rule of the
    // table; should PCRE2 give up all the same, the rest of a piece stays one word.
    void split(std::string_view text, std::vector<std::string_view>& words) const;

  private:
    struct Stage;
    std::vector<std::shared_ptr<const Stage>> stages_;
};

// The rule whose only pattern is this one, as tokenizer.json spells it; "" where it is none of
// ours.
[[nodiscard]] std::string preRuleFromPattern(std::string_view pattern);

}  // namespace glowworm
