// SPDX-License-Identifier: Apache-2.0
#include "app/engine/fakescript.h"

#include <algorithm>

namespace glowworm {

namespace {

constexpr std::string_view kIntro =
    "A glowworm lights only the **segments it needs**. This model does the same: for each token it "
    "reads the neurons that are *about to fire* and keeps the ones that fired lately.\n\n";

constexpr std::string_view kTable =
    "## What a budget buys\n\n"
    "| Budget | Hit rate | Read per token | Speed |\n"
    "|:-------|---------:|---------------:|------:|\n"
    "| 0.7 GiB | 48 % | 115 MB | 7 tokens/s |\n"
    "| 1.2 GiB | 71 % | 64 MB | 12 tokens/s |\n"
    "| 1.9 GiB | 88 % | 27 MB | 21 tokens/s |\n"
    "| 2.6 GiB | 100 % | 0 MB | 44 tokens/s |\n\n";

constexpr std::string_view kCode =
    "The heart of it is a short function:\n\n"
    "```cpp\n"
    "// Adds one neuron's part to the output.\n"
    "void addNeuron(std::span<float> out, std::span<const float> down, float activation) {\n"
    "    for (size_t i = 0; i < out.size(); ++i) {\n"
    "        out[i] += activation * down[i];  // ascending order: repeats bit for bit\n"
    "    }\n"
    "}\n"
    "```\n\n"
    "and in Python `sum(a * d for a, d in zip(active, down))` says the same:\n\n"
    "```python\n"
    "def window(tokens: list[set[int]], k: int) -> set[int]:\n"
    "    \"\"\"The neurons of the last k tokens.\"\"\"\n"
    "    return set().union(*tokens[-k:])\n"
    "```\n\n";

constexpr std::string_view kList =
    "Three things decide the speed:\n\n"
    "1. **Memory bandwidth**, for what is in memory.\n"
    "2. **Flash bandwidth**, for what is not:\n"
    "   - small reads are dear,\n"
    "   - neighbours are read together.\n"
    "3. The **hit rate** of the neuron cache.\n\n"
    "> A miss costs time, never correctness: the words are the same at any budget.\n\n"
    "---\n\n";

constexpr std::string_view kArabic =
    "وهذه فقرة من اليمين إلى اليسار، فيها كلمة English في الوسط، لتجربة الاتجاه.\n\n"
    "- عنصر أول\n- عنصر ثان\n\n"
    "זו פסקה בעברית, מימין לשמאל.\n\n";

constexpr std::string_view kWords =
    "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft and "
    "https://example.org/a/very/long/path/that/does/not/want/to/break/anywhere/at/all/index.html"
    " must not widen the page.\n\n";

constexpr std::string_view kHtml =
    "HTML stays text: <b>not bold</b>, <img src=\"https://example.org/x.png\"> and "
    "<script>alert(1)</script>. [A good link](https://example.org) and "
    "[a bad one](javascript:alert(1)), ![a picture](https://example.org/x.png).\n\n";

constexpr std::string_view kClose =
    "Drag the budget while I write and watch the hit rate follow.\n";

bool has(std::string_view text, std::string_view word) {
    return text.find(word) != std::string_view::npos;
}

std::string lowered(std::string_view text) {
    std::string lower(text);
    std::ranges::transform(lower, lower.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return lower;
}

}  // namespace

std::string fakeAnswer(std::string_view prompt) {
    const std::string asked = lowered(prompt);
    if (has(asked, "short")) return "Short and sweet.";
    std::string answer;
    const auto add = [&](std::string_view word, std::string_view text) {
        if (has(asked, word)) answer += text;
    };
    add("table", kTable);
    add("code", kCode);
    add("list", kList);
    add("arabic", kArabic);
    add("words", kWords);
    add("html", kHtml);
    if (answer.empty()) {
        for (const std::string_view part : {kIntro, kTable, kCode, kList}) answer += part;
    }
    if (has(asked, "long")) {
        const std::string once = answer;
        while (answer.size() < 12'000) answer += once;
    }
    return answer += kClose;
}

std::vector<std::string_view> fakeTokens(std::string_view text) {
    constexpr size_t kPiece = 4;
    std::vector<std::string_view> tokens;
    size_t begin = 0;
    while (begin < text.size()) {
        size_t end = std::min(begin + kPiece, text.size());
        while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) ++end;
        tokens.push_back(text.substr(begin, end - begin));
        begin = end;
    }
    return tokens;
}

}  // namespace glowworm
