// SPDX-License-Identifier: Apache-2.0
// What --json prints: one object a line, for programs. Names are those of the engine's figures.
#pragma once

#include <string>

#include "core/engine/session.h"

namespace glowworm {

[[nodiscard]] std::string tokenJson(const TokenEvent& event);
// The last line of an answer.
[[nodiscard]] std::string summaryJson(const GenerateSummary& summary);
// The working-set curve: one object with its points.
[[nodiscard]] std::string curveJson(const WorkingSetCurve& curve);
[[nodiscard]] std::string modelJson(const std::string& name, const std::string& path,
                                    const ModelInfo& info);
[[nodiscard]] const char* finishName(FinishReason reason);
// A JSON string, quotes included; bytes that are not UTF-8 are replaced.
[[nodiscard]] std::string quoted(const std::string& text);

}  // namespace glowworm
